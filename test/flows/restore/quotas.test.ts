import assert from 'node:assert/strict'
import {AccessError} from '../../../src/domain/errors.ts'
import {quotaCalled} from '../../../src/domain/quotas/rows.ts'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {configured, must, runDeploy, runRestore, runSnapshot} from '../../helpers/fake-aws/scenario.ts'
import {mutations} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** Puts a resource into one of the small templates of a world. */
function withResource(world: World, file: string, text: string): void {
  world.templates.set(file, (world.templates.get(file) ?? '').replace('\nOutputs:', `\n  ${text}\nOutputs:`))
}

/** A deployed environment with a set and an access point. */
async function saved(): Promise<World> {
  const world = await inUse()
  withResource(
    world,
    'app.yaml',
    "Themes: {Type: 'AWS::EFS::AccessPoint', Properties: {FileSystemId: !Ref FileSystemId}}",
  )
  const files = world.templates.get('files.yaml') ?? ''
  world.templates.set('files.yaml', files.replace('\nOutputs:', '\nOutputs:\n  FileSystemId: {Value: !Ref FileSystem}'))
  must(await runDeploy(world, {configuration: configured(), secrets: {}}))
  must(await runSnapshot(world))
  world.log = []
  return world
}

const configuration = configured()
/** What a restore draws on here, and how much of it. */
const draws: readonly (readonly [key: string, need: number])[] = [
  ['databases', 1],
  ['manual-snapshots', 1],
  ['file-systems', 1],
  ['secrets', 1],
  ['stacks', 1],
]

describe('a restore and the quotas of the account', () => {
  for (const [key, need] of draws) {
    it(`is refused where ${key} is one too small, naming it, and goes where it is exactly enough`, async () => {
      const world = await saved()
      const {code} = quotaCalled(key)
      world.account.applied.set(code, need - 1)
      const refused = await runRestore(world, {configuration})
      assert.deepEqual([refused.code, refused.exitCode], ['PREFLIGHT_REFUSED', 12], refused.message)
      assert.ok(refused.message.includes(`quota ${key}`) && refused.message.includes(code), refused.message)
      assert.deepEqual(mutations(world), [])
      world.account.applied.set(code, need)
      must(await runRestore(world, {configuration}))
    })
  }

  it('counts the access points that it makes before the old ones go', async () => {
    const world = await saved()
    const id = world.stack('pi-demo-files')?.resources.find(({logicalId}) => logicalId === 'FileSystem')?.physicalId
    const used = (count: number): unknown =>
      world.account.things.set(
        'access-points',
        Array.from({length: count}, (_, index) => ({id: `fsap-${index}`, within: id ?? '', amount: 1})),
      )
    used(1000)
    const refused = await runRestore(world, {configuration})
    assert.deepEqual([refused.code, refused.exitCode], ['PREFLIGHT_REFUSED', 12], refused.message)
    assert.match(
      refused.message,
      /quota access-points: Access points of a file system: .*1000 of 1000 are used, 1 more/,
    )
    assert.deepEqual(mutations(world), [])
    used(999)
    must(await runRestore(world, {configuration}))
  })

  it('draws on nothing for a half that stays, nor for a safety snapshot that nobody wants', async () => {
    const world = await saved()
    world.account.applied.set(quotaCalled('file-systems').code, 0)
    world.account.applied.set(quotaCalled('manual-snapshots').code, 0)
    must(await runRestore(world, {configuration, only: ['database'], safety: 'none'}))
    world.account.applied.delete(quotaCalled('file-systems').code)
    world.account.applied.set(quotaCalled('databases').code, 0)
    const refused = await runRestore(world, {configuration, safety: 'none'})
    assert.equal(refused.code, 'PREFLIGHT_REFUSED')
  })

  it('warns of what could not be told, and goes on', async () => {
    const world = await saved()
    world.account.failures.set('list stacks', new AccessError('no right to list', {code: 'ACCESS_DENIED'}))
    const ended = await runRestore(world, {configuration})
    must(ended)
    assert.ok(
      ended.events.some((event) => event.type === 'warning' && /quota stacks: .*no right to list/.test(event.message)),
    )
  })
})

describe('a snapshot and the quota of manual snapshots', () => {
  it('is refused where none is left, naming it, and made where one is', async () => {
    const world = await inUse()
    world.quotas = {...world.quotas, snapshots: {used: 100, max: 100}}
    world.log = []
    const refused = await runSnapshot(world)
    assert.deepEqual([refused.code, refused.exitCode], ['PREFLIGHT_REFUSED', 12], refused.message)
    assert.match(refused.message, /quota manual-snapshots: .*\(rds L-272F1212\): 100 of 100 are used, 1 more is needed/)
    assert.deepEqual(mutations(world), [])
    world.quotas = {...world.quotas, snapshots: {used: 99, max: 100}}
    must(await runSnapshot(world))
  })
})
