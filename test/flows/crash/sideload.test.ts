import assert from 'node:assert/strict'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import {FakeFolder} from '../../helpers/fake-aws/fake-assets.ts'
import {must, runDeploy, runDeployWith, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {loadedIn, runSideload, runVerify, someFiles, upload, uploaded} from '../../helpers/fake-aws/sideloading.ts'
import {World} from '../../helpers/fake-aws/world.ts'

describe('killed at any call, with assets', function () {
  this.timeout(240_000)

  it('a side-load ends, run again, with the whole bundle in its place', async () => {
    const {world: start, folder} = await uploaded()
    const kills = await crashMatrix({
      start: () => start.copy(),
      killed: (world, options) => runSideload(world, {}, options),
      then: (world, options) => runSideload(world, {}, options),
      judge(world, again) {
        must(again)
        assert.deepEqual(loadedIn(world), folder.loaded)
      },
    })
    assert.ok(kills > 40, `${kills} kills are fewer than a side-load has calls`)
  })

  it('a pruning side-load removes what it should and nothing else', async () => {
    const {world: start, folder} = await uploaded()
    must(await runSideload(start))
    folder.files.delete('themes/x/theme.json')
    folder.files.set('svg/new.svg', 'new')
    await upload(start, folder, true)
    const pruning = (world: World, options: RunOptions) => runSideload(world, {prune: true}, options)
    await crashMatrix({
      start: () => start.copy(),
      killed: pruning,
      then: pruning,
      judge(world, again) {
        must(again)
        assert.deepEqual(loadedIn(world), folder.loaded)
      },
    })
  })

  it('a verification tells the same', async () => {
    const {world: start} = await uploaded()
    must(await runSideload(start))
    const verifying = (world: World, options: RunOptions) => runVerify(world, undefined, options)
    await crashMatrix({
      start: () => start.copy(),
      killed: verifying,
      then: verifying,
      judge(world, again) {
        must(again)
        assert.equal((again.value as {same: number}).same, 8)
      },
    })
  })

  it('a deploy that ends with assets ends with them, whenever it was killed', async () => {
    const start = new World()
    must(await runDeploy(start))
    // What this machine remembers may be gone or not; here every run knows what the last one noted.
    let folder = new FakeFolder(someFiles)
    const deploying = (world: World, options: RunOptions) => runDeployWith(folder, world, {secrets: {}}, options)
    await crashMatrix({
      start() {
        folder = new FakeFolder(someFiles)
        return start.copy()
      },
      killed: deploying,
      then: deploying,
      judge(world, again) {
        must(again)
        assert.deepEqual(loadedIn(world), folder.loaded)
      },
    })
  })
})
