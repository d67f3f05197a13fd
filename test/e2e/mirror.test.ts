import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {BatchGetImageCommand, DescribeRepositoriesCommand, ECRClient} from '@aws-sdk/client-ecr'
import {DescribeTaskDefinitionCommand, ECSClient} from '@aws-sdk/client-ecs'
import {parse} from 'yaml'
import {taskDefinitionsOf} from '../helpers/e2e-lookup.ts'
import {outputsOf} from '../helpers/e2e-platform.ts'
import type {DeployJson} from '../helpers/e2e-results.ts'
import {Embedded} from '../helpers/e2e.ts'
import {OciRegistry} from '../helpers/oci-registry.ts'

interface Mirrored {
  readonly state: string
  readonly tag: string
  readonly registry?: string
  readonly bytesSent: number
  readonly images: readonly {
    readonly from: string
    readonly repository: string
    readonly digest: string
    readonly sent: number
  }[]
}

const platform = ['server', 'renderer', 'scheduler', 'pirana'] as const

describe('a mirror of the images', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let source: OciRegistry
  let config: string
  const digests = new Map<string, string>()

  before(async () => {
    source = await new OciRegistry().start()
    for (const name of platform) {
      digests.set(name, source.add(`pi-cr/${name}`, '2026_10'))
      source.add(`pi-cr/${name}`, '2026_11')
    }
    digests.set('mariadb', source.add('tools/mariadb', '10.11'))
    cloud = await Embedded.start()
    const images = {registry: `${source.host}/pi-cr`, tag: '2026_10', login: 'role'}
    config = cloud.config({solo: {images, parameters: {CheckImage: `${source.host}/tools/mariadb:10.11`}}})
  })
  after(async () => {
    await cloud?.stop()
    await source?.stop()
  })

  const place = () => ['--local', '--config', config]
  const mirror = (...more: string[]) => ['registry', 'mirror', 'solo', ...more, ...place()]
  const written = () =>
    (parse(readFileSync(config, 'utf8')) as {environments: {solo: {images: {tag: string; mirror?: object}}}})
      .environments.solo.images

  it('is planned first, without a change', async () => {
    const {state, images, bytesSent, registry} = await cloud.ok<Mirrored>(...mirror('--dry-run'))
    assert.deepEqual([state, registry], ['planned', undefined])
    assert.deepEqual(
      images.map(({repository}) => repository).toSorted(),
      ['mariadb', ...platform].map((name) => `pi-solo/${name}`).toSorted(),
    )
    assert.ok(bytesSent > 5 * 200_000)
    assert.equal(written().mirror, undefined)
    const {repositories = []} = await cloud.client(ECRClient).send(new DescribeRepositoriesCommand({}))
    assert.deepEqual(repositories, [])
  })

  it('goes on where it was broken off, holds the very bytes, and sends nothing a second time', async () => {
    let layers = 0
    source.instead = (line, response) => {
      if (!/^GET .*\/blobs\//.test(line) || ++layers < 6) return false
      response.writeHead(429, {'retry-after': '60'}).end()
      return true
    }
    const cut = await cloud.fails(1, mirror())
    assert.equal(cut.code, 'RATE_LIMITED')
    assert.match(cut.suggestions[0] ?? '', /in 60 s: it goes on where it was/)
    source.instead = () => false
    const whole = await cloud.ok<Mirrored>(...mirror())
    assert.equal(whole.state, 'mirrored')
    assert.match(whole.registry ?? '', /^\d{12}\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/pi-solo$/)
    for (const name of digests.keys()) {
      const asked = {repositoryName: `pi-solo/${name}`, imageIds: [{imageDigest: digests.get(name)}]}
      const {images = []} = await cloud.client(ECRClient).send(new BatchGetImageCommand(asked))
      assert.equal(images[0]?.imageId?.imageDigest, digests.get(name), name)
      const path = name === 'mariadb' ? 'tools/mariadb/manifests/10.11' : `pi-cr/${name}/manifests/2026_10`
      assert.equal(images[0]?.imageManifest, source.kept.get(path)?.bytes.toString(), name)
    }
    const [repository] =
      (await cloud.client(ECRClient).send(new DescribeRepositoriesCommand({repositoryNames: ['pi-solo/server']})))
        .repositories ?? []
    assert.equal(repository?.imageTagMutability, 'IMMUTABLE')
    assert.equal(repository?.imageScanningConfiguration?.scanOnPush, true)
    source.asked.length = 0
    const again = await cloud.ok<Mirrored>(...mirror())
    assert.deepEqual(
      [again.state, again.bytesSent, again.images.map(({sent}) => sent)],
      ['unchanged', 0, [0, 0, 0, 0, 0]],
    )
    assert.deepEqual(
      source.asked.filter((line) => line.includes('/blobs/')),
      [],
    )
  })

  it('is what a deploy has tasks pull from, by digest', async () => {
    await cloud.ok<DeployJson>('deploy', 'solo', '--yes', ...place())
    const outputs = await outputsOf(cloud, 'solo')
    const found = await taskDefinitionsOf(cloud, outputs)
    for (const [service, name] of [
      ['Dashboard', 'server'],
      ['Renderer', 'renderer'],
      ['Scheduler', 'scheduler'],
      ['Pirana', 'pirana'],
    ] as const) {
      const [container] = found.get(service)?.containerDefinitions ?? []
      assert.match(container?.image ?? '', new RegExp(`\\.dkr\\.ecr\\..*/pi-solo/${name}@${digests.get(name)}$`))
      assert.equal(container?.repositoryCredentials, undefined)
    }
    const check = await cloud
      .client(ECSClient)
      .send(new DescribeTaskDefinitionCommand({taskDefinition: outputs['CheckTaskDefinitionArn']}))
    const [container] = check.taskDefinition?.containerDefinitions ?? []
    assert.ok(container?.image?.endsWith(`/pi-solo/mariadb@${digests.get('mariadb')}`), container?.image)
    // Nothing is left to change: it would end with 3.
    await cloud.ok('plan', 'solo', '--exit-code', ...place())
  })

  it('must hold a release before an upgrade goes to it', async () => {
    const refused = await cloud.fails(12, ['upgrade', 'solo', '--tag', '2026_11', '--dry-run', ...place()])
    assert.deepEqual(
      [refused.code, refused.suggestions],
      ['MIRROR_WITHOUT_RELEASE', ['pi-aws registry mirror solo --tag 2026_11']],
    )
    await cloud.ok<Mirrored>(...mirror('--tag', '2026_11'))
    assert.equal(written().tag, '2026_10')
    const planned = await cloud.ok<{state: string; plan: {images: {to: {reference: string; digest?: string}}[]}}>(
      ...['upgrade', 'solo', '--tag', '2026_11', '--dry-run', ...place()],
    )
    assert.equal(planned.state, 'planned')
    for (const {to} of planned.plan.images) assert.match(to.reference, new RegExp(`@${to.digest}$`))
  })

  it('is refused for a tag that is not there, one that moved, and a denied action', async () => {
    assert.equal((await cloud.fails(5, mirror('--tag', '1999_01'))).code, 'IMAGE_NOT_FOUND')
    source.add('pi-cr/server', '2026_11', 70_000)
    const moved = await cloud.fails(12, mirror('--tag', '2026_11'))
    assert.equal(moved.code, 'TAG_MOVED')
    await cloud.permissions({deny: ['ecr:GetAuthorizationToken']})
    const denied = await cloud.fails(4, mirror())
    await cloud.permissions({deny: []})
    assert.match(denied.message, /ecr:GetAuthorizationToken/)
  })
  it('goes with the data of its environment', async () => {
    const names = ['solo', '--confirm', 'solo', '--with-data', '--confirm-data', 'solo']
    const {removed} = await cloud.ok<{removed: string[]}>('destroy', ...names, ...place())
    assert.ok(removed.includes('pi-solo/mariadb'), removed.join(' '))
    const {repositories = []} = await cloud.client(ECRClient).send(new DescribeRepositoriesCommand({}))
    assert.deepEqual(repositories, [])
  })
})
