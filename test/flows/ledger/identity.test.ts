import assert from 'node:assert/strict'
import {deployed, must, runDeploy, runDestroy} from '../../helpers/fake-aws/scenario.ts'
import {mutations, records} from '../../helpers/fake-aws/traces.ts'
import {type World} from '../../helpers/fake-aws/world.ts'

interface Pinned {
  readonly fileSystemId: string
  readonly database: {readonly generation: number; readonly resourceId: string}
}

function pinned(world: World): Pinned {
  return JSON.parse(records(world, 'identity/')[0]?.[1] ?? '{}') as Pinned
}

function repin(world: World, change: (identity: Pinned) => object): void {
  const bucket = world.state.buckets.get('records-demo-1')!
  const body = new TextEncoder().encode(JSON.stringify(change(pinned(world))))
  bucket.set('identity/demo.json', {...bucket.get('identity/demo.json')!, body})
}

describe('the pinned identity', () => {
  it('is written by a deploy, and not again when nothing changed', async () => {
    const world = await deployed()
    assert.equal(pinned(world).database.generation, 1)
    const before = records(world, 'identity/')
    must(await runDeploy(world, {secrets: {}}))
    assert.deepEqual(records(world, 'identity/'), before)
    const calls = world.log.filter(({args}) => args[1] === 'identity/demo.json').map(({method}) => method)
    assert.deepEqual(calls, ['get', 'get'], 'read at start and end, never written')
  })

  it('refuses deploy and destroy where the instance was exchanged, before anything changes', async () => {
    const world = await deployed()
    repin(world, (identity) => ({...identity, database: {generation: 1, resourceId: 'db-elsewhere'}}))
    for (const ended of [await runDeploy(world), await runDestroy(world)]) {
      assert.deepEqual([ended.code, ended.exitCode], ['IDENTITY_CHANGED', 12])
      assert.match(ended.message, /database instance was db-elsewhere and is db-/)
    }
    assert.deepEqual(mutations(world), [])
  })

  it('refuses another file system', async () => {
    const world = await deployed()
    repin(world, (identity) => ({...identity, fileSystemId: 'fs-elsewhere'}))
    assert.match((await runDeploy(world)).message, /file system was fs-elsewhere and is fs-/)
  })

  it('takes the next generation of the database for what it is', async () => {
    const world = await deployed()
    must(await runDestroy(world))
    must(await runDeploy(world))
    assert.equal(pinned(world).database.generation, 2)
  })

  it('refuses to guess when the record cannot be read', async () => {
    const world = await deployed()
    repin(world, () => ({schemaVersion: 1}))
    assert.equal((await runDeploy(world)).code, 'LEDGER_UNREADABLE')
  })
})
