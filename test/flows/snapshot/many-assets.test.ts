import assert from 'node:assert/strict'
import {readAssetList} from '../../../src/flows/snapshot/capture-assets.ts'
import {showSnapshot} from '../../../src/flows/snapshot/sets.ts'
import {layBundle} from '../../helpers/fake-aws/assets.ts'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {demo, must, runFlow, runSnapshot} from '../../helpers/fake-aws/scenario.ts'

describe('a list of assets', () => {
  it('that is longer than what is held as text at once is whole, in its order', async () => {
    const world = await inUse()
    const paths = Array.from({length: 1500}, (_, n) => `images/${String(n).padStart(5, '0')} für alle.svg`)
    layBundle(world, Object.fromEntries(paths.map((path) => [path, `content of ${path}`])))
    must(await runSnapshot(world, {consistency: 'live'}))
    const ref = {kind: 'latest'} as const
    const {manifest} = must(await runFlow(world, (ports) => showSnapshot({environment: demo, ref}, ports)))
    const {assets} = manifest
    assert.equal(assets?.count, 1500)
    const lines = must(await runFlow(world, (ports) => readAssetList(ports.objects, 'records-demo-1', assets.list)))
    assert.deepEqual(
      lines.flatMap(({path, kind}) => (kind === 'file' ? [path] : [])),
      paths,
    )
    assert.equal(
      lines.reduce((sum, {size}) => sum + size, 0),
      assets.bytes,
    )
  })
})
