import assert from 'node:assert/strict'
import {parse} from 'yaml'
import {configurationSchema} from '../../../src/domain/configuration.ts'
import {FailedError} from '../../../src/domain/errors.ts'
import {mirrorImages} from '../../../src/flows/mirror/mirror.ts'
import type {MirrorOptions, MirrorResult} from '../../../src/flows/mirror/options.ts'
import type {MirrorFiles} from '../../../src/flows/mirror/ports.ts'
import {FakeRegistries} from '../../helpers/fake-aws/fake-registries.ts'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {configured, ctrlC, demo, type Ended, must, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import type {World} from '../../helpers/fake-aws/world.ts'
import {packageTexts} from '../../helpers/package-templates.ts'

const platform = ['server', 'renderer', 'scheduler', 'pirana']
const mariadb = 'docker/library/mariadb'

/** A pi-aws.yaml in memory. */
class File {
  text: string | undefined = 'version: 1\nenvironments:\n  demo: {region: eu-west-1, domain: {httpOnly: true}}\n'
  writable = true
  readonly files = {
    update: async (_path: string, edit: (text: string | undefined) => string) => {
      const before = this.text
      this.text = edit(before)
      return {changed: before !== this.text, text: this.text}
    },
    isWritable: async () => this.writable,
  } as unknown as MirrorFiles
}

class Scene {
  readonly registries = new FakeRegistries()
  readonly file = new File()
  readonly digests: Readonly<Record<string, string>>
  readonly world: World

  constructor(world: World, tag = '2026_10') {
    this.world = world
    world.templates = packageTexts()
    const added = platform.map((name): [string, string] => [name, this.registries.add(`pi-cr/${name}`, tag, 2)])
    this.digests = Object.fromEntries([...added, ['mariadb', this.registries.add(mariadb, '10.11')]])
  }

  run(more: Partial<MirrorOptions> = {}, options: RunOptions = {}): Promise<Ended<MirrorResult>> {
    const asked: MirrorOptions = {
      ...{environment: demo, configuration: configured(), tag: undefined, dryRun: false, embedded: false},
      file: '/pi-aws.yaml',
      ...more,
    }
    const {registries: imageTransfer} = this
    return runFlow(
      this.world,
      (ports, run) => mirrorImages(asked, {...ports, imageTransfer, mirrorFiles: this.file.files}, run),
      options,
    )
  }
}

const scene = async (): Promise<Scene> => new Scene(await inUse())

describe('a mirror of the images', () => {
  it('is copied blobs first, and pi-aws.yaml says what was copied', async () => {
    const own = await scene()
    const ended = await own.run()
    const {state, tag, registry, images, bytesSent} = must(ended)
    assert.deepEqual([state, tag, images.length], ['mirrored', '2026_10', 5])
    assert.equal(registry, '111122223333.dkr.ecr.eu-west-1.amazonaws.com/pi-demo')
    assert.ok(bytesSent > 0 && bytesSent < images.reduce((sum, {bytes}) => sum + bytes, 0))
    const {written} = own.registries
    const ofServer = written
      .slice(written.indexOf('manifest 10.11') + 1, written.indexOf('manifest 2026_10') + 1)
      .map((word) => word.split(' ')[0])
    assert.deepEqual(ofServer, ['blob', 'blob', 'blob', 'manifest', 'manifest', 'manifest', 'manifest'])
    assert.match(own.world.repositories.get('pi-demo/server')?.keyArn ?? '', /:key\//)
    const {environments} = configurationSchema.parse(parse(own.file.text ?? ''))
    const written2 = environments['demo']?.images
    assert.equal(written2?.tag, '2026_10')
    assert.deepEqual(written2.mirror?.releases['2026_10'], {
      ...Object.fromEntries(platform.map((name) => [name, own.digests[name]])),
    })
    assert.deepEqual(written2.mirror?.others.CheckImage, {
      from: 'public.ecr.aws/docker/library/mariadb:10.11',
      digest: own.digests['mariadb'],
    })
    const told = ended.events.filter(({type}) => type === 'transfer.progress').at(-1)
    assert.deepEqual(told?.type === 'transfer.progress' && [told.bytesDone, told.bytesTotal], [bytesSent, bytesSent])
  })

  it('sends nothing a second time, and only the tag where that is all that lacks', async () => {
    const own = await scene()
    must(await own.run())
    const before = own.file.text
    own.registries.written.length = 0
    const again = must(await own.run())
    assert.deepEqual([again.state, again.bytesSent], ['unchanged', 0])
    assert.deepEqual(own.registries.written, [])
    assert.equal(own.file.text, before)
    own.registries.manifests.get('pi-demo/server')?.delete('2026_10')
    must(await own.run())
    assert.deepEqual(own.registries.written, ['manifest 2026_10'])
  })

  it('goes on where it was broken off, by an error or by Ctrl-C', async () => {
    const own = await scene()
    let count = 0
    own.registries.beforeBlob = () => {
      if (++count === 3) throw new FailedError('too many', {code: 'RATE_LIMITED'})
    }
    assert.equal((await own.run()).code, 'RATE_LIMITED')
    const {written} = own.registries
    assert.equal(written.filter((word) => word.startsWith('blob')).length, 2)
    const pause = new AbortController()
    own.registries.beforeBlob = () => {
      if (++count === 5) ctrlC(pause)
    }
    assert.equal((await own.run({}, {pause})).code, 'PAUSED')
    own.registries.beforeBlob = () => undefined
    must(await own.run())
    const blobs = written.filter((word) => word.startsWith('blob'))
    assert.equal(new Set(blobs).size, blobs.length)
    assert.doesNotMatch(own.file.text ?? '', /undefined/)
  })

  it('is only planned where that is asked for, also where some of it is there', async () => {
    const own = await scene()
    const planned = must(await own.run({dryRun: true}))
    assert.deepEqual([planned.state, planned.registry, own.world.repositories.size], ['planned', undefined, 0])
    assert.deepEqual(own.registries.written, [])
    must(await own.run())
    own.registries.manifests.get('pi-demo/server')?.clear()
    const half = must(await own.run({dryRun: true}))
    assert.deepEqual(
      half.images.filter(({sent}) => sent > 0).map(({repository, sent}) => [repository, sent]),
      [['pi-demo/server', 3]],
    )
  })

  it('of another release keeps the ones before and the tag that runs', async () => {
    const own = await scene()
    const configuration = configured({images: {tag: '2026_10'}})
    own.file.text = 'version: 1\ndefaults: {images: {tag: "2026_10"}}\nenvironments: {demo: {region: eu-west-1}}\n'
    must(await own.run({configuration}))
    for (const name of platform) own.registries.add(`pi-cr/${name}`, '2026_11')
    assert.equal(must(await own.run({configuration, tag: '2026_11'})).tag, '2026_11')
    const {images} = (
      parse(own.file.text) as {environments: {demo: {images: {tag?: string; mirror: {releases: object}}}}}
    ).environments.demo
    assert.deepEqual([images.tag, Object.keys(images.mirror.releases)], [undefined, ['2026_10', '2026_11']])
  })

  it('holds adminer where that runs, and images that are named by digest', async () => {
    const own = await scene()
    const adminer = own.registries.add('tools/adminer', '5')
    const configuration = configured({
      services: {adminer: {enabled: true}},
      parameters: {AdminerImage: `registry.example:5000/tools/adminer@${adminer}`},
    })
    const {images} = must(await own.run({configuration}))
    assert.equal(images.find(({repository}) => repository === 'pi-demo/adminer')?.digest, adminer)
    assert.ok(!own.registries.manifests.get('pi-demo/adminer')?.has('5'))
    assert.match(own.file.text ?? '', /AdminerImage/)
    assert.equal(must(await own.run({configuration})).state, 'unchanged')
  })

  it('reads closed repositories with the stored login alone', async () => {
    const own = await scene()
    for (const name of platform) own.registries.closed.add(`pi-cr/${name}`)
    must(await own.run({dryRun: true}))
    const stored = [...own.world.state.secrets].find(([arn]) => arn.includes('registry'))
    if (stored !== undefined) stored[1].value = 'no json'
    assert.equal((await own.run()).code, 'REGISTRY_DENIED')
    const fresh = await import('../../helpers/fake-aws/world.ts')
    const empty = new Scene(new fresh.World())
    empty.registries.closed.add('pi-cr/server')
    assert.equal((await empty.run()).code, 'REGISTRY_DENIED')
  })

  it('never moves a tag', async () => {
    const own = await scene()
    must(await own.run())
    own.registries.add('pi-cr/server', '2026_10', 3)
    const moved = await own.run()
    assert.deepEqual([moved.code, moved.exitCode], ['TAG_MOVED', 12])
    assert.match(moved.message, /pi-demo\/server:2026_10 is mirrored as sha256/)
  })

  it('is refused for images of ECR, on another account, and where pi-aws.yaml cannot be written or is gone', async () => {
    const own = await scene()
    const inEcr = configured({images: {registry: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/x'}})
    assert.equal((await own.run({configuration: inEcr})).code, 'ALREADY_IN_ECR')
    assert.equal((await own.run({configuration: configured({account: '999988887777'})})).code, 'WRONG_ACCOUNT')
    own.file.writable = false
    assert.equal((await own.run()).code, 'CONFIGURATION_UNWRITABLE')
    assert.deepEqual(own.registries.written, [])
    own.file.writable = true
    own.file.text = undefined
    assert.equal((await own.run()).code, 'CONFIGURATION_NOT_FOUND')
    assert.equal(must(await own.run({file: undefined})).file, undefined)
  })

  it('of the embedded AWS holds what is on this machine', async () => {
    const own = await scene()
    assert.equal((await own.run({embedded: true})).code, 'NO_REAL_IMAGES')
    const configuration = configured({images: {registry: '127.0.0.1:5000/pi-cr', login: 'role'}})
    assert.equal(must(await own.run({embedded: true, configuration})).images.length, 4)
  })

  it('copies no image of an age that has no digests of its own, and none whose manifest cannot be read', async () => {
    const own = await scene()
    own.registries.add('pi-cr/server', '2026_10', 1, 'application/vnd.docker.distribution.manifest.v1+prettyjws')
    const old = await own.run()
    assert.deepEqual([old.code, old.exitCode], ['UNSUPPORTED_IMAGE', 12])
    assert.match(old.message, /manifest\.v1\+prettyjws/)
    own.registries.add('pi-cr/server', '2026_10', 1, '')
    assert.match((await own.run()).message, /without a media type/)
    const bytes = new TextEncoder().encode('{"schemaVersion": 2}')
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    own.registries.manifests.get('pi-cr/server')?.set('2026_10', {bytes, mediaType, digest: 'sha256:x', size: 20})
    assert.equal((await own.run()).code, 'WRONG_MANIFEST')
  })
})
