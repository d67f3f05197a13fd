import assert from 'node:assert/strict'
import {stackStatuses, type StackStatus, statusTable} from '../../src/domain/stack-status.ts'
import {configured, must, runDeploy, runDestroy} from '../helpers/fake-aws/scenario.ts'
import {mutations, stackNamed} from '../helpers/fake-aws/traces.ts'
import {World} from '../helpers/fake-aws/world.ts'

const name = 'pi-demo-operations'
const schedule = {configuration: configured({backup: {schedule: 'cron(0 4 * * ? *)'}}), secrets: {}}

/** A world in which the stack of the operations is in a status; those in progress end in `ends` after a while. */
async function with_(status: StackStatus | 'absent', ends?: StackStatus): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  const stack = stackNamed(world, name)
  if (status === 'absent') world.state.stacks = world.state.stacks.filter((one) => one !== stack)
  else stack.status = status
  if (status === 'REVIEW_IN_PROGRESS') Object.assign(stack, {goal: undefined, outputs: {}, resources: []})
  if (status === 'ROLLBACK_COMPLETE' || status === 'CREATE_FAILED') stack.resources = []
  if (ends !== undefined) {
    const at = world.clock.time + 20_000
    const event = {
      id: 'the-end',
      stackId: stack.id,
      stackName: name,
      logicalId: name,
      physicalId: stack.id,
      type: 'AWS::CloudFormation::Stack',
      status: ends,
      at: new Date(at).toISOString(),
    }
    stack.timeline = [{at, status: ends, event}]
  }
  world.log = []
  return world
}

/** Where each status that ends by itself goes. */
const endings: Partial<Record<StackStatus, StackStatus>> = {
  CREATE_IN_PROGRESS: 'CREATE_COMPLETE',
  ROLLBACK_IN_PROGRESS: 'ROLLBACK_COMPLETE',
  DELETE_IN_PROGRESS: 'DELETE_COMPLETE',
  UPDATE_IN_PROGRESS: 'UPDATE_COMPLETE',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_COMPLETE',
  UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_ROLLBACK_COMPLETE',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_ROLLBACK_COMPLETE',
  IMPORT_IN_PROGRESS: 'IMPORT_COMPLETE',
  IMPORT_ROLLBACK_IN_PROGRESS: 'IMPORT_ROLLBACK_COMPLETE',
}

const rows = ['absent', ...stackStatuses] as const

/** What a deploy was seen to do. */
async function seenDeploy(world: World, status: StackStatus | 'absent'): Promise<string> {
  const before = world.clock.time
  const id = world.stack(name)?.id
  const ended = await runDeploy(world, schedule)
  const did = mutations(world)
  if (ended.code === 'STACK_STUCK') {
    const again = await runDeploy(world, {...schedule, continueRollback: true})
    return again.error === undefined ? 'repair' : 'refuse'
  }
  must(ended)
  assert.equal(stackNamed(world, name).goal?.parameters['BackupSchedule'], 'cron(0 4 * * ? *)')
  if (world.clock.time - before > 19_000) return 'wait'
  if (did.includes('stacks.deleteStack')) return 'recreate'
  return id === world.stack(name)?.id && status !== 'REVIEW_IN_PROGRESS' ? 'update' : 'create'
}

async function seenDestroy(world: World): Promise<string> {
  const before = world.clock.time
  const stack = world.stack(name)
  const ended = await runDestroy(world)
  must(ended)
  assert.equal(world.stack(name), undefined)
  const deleted = world.log.filter(({method, args}) => method === 'deleteStack' && args[0] === stack?.id).length
  if (world.clock.time - before > 30_000) return 'wait'
  return deleted === 0 ? 'nothing' : 'delete'
}

describe('every status of a stack', () => {
  it('has a row, and one is for a stack that is not there', () => {
    assert.equal(stackStatuses.length, 23)
    assert.deepEqual(Object.keys(statusTable).sort(), [...rows].sort())
  })

  for (const status of rows) {
    const row = statusTable[status]

    it(`${status}: deploy does "${row.deploy}"`, async () => {
      const world = await with_(status, status === 'absent' ? undefined : endings[status])
      if (status === 'DELETE_COMPLETE')
        world.state.stacks.forEach((stack) => stack.name === name && (stack.outputs = {}))
      assert.equal(await seenDeploy(world, status), row.deploy)
    })

    it(`${status}: destroy does "${row.destroy}"`, async () => {
      const world = await with_(status, status === 'absent' ? undefined : endings[status])
      // A second deletion is a deletion; that it tells what still does not go has its own test.
      assert.equal(await seenDestroy(world), row.destroy === 'retry' ? 'delete' : row.destroy)
    })
  }

  it('DELETE_FAILED: what still does not go after one more try is told, with the way to keep it', async () => {
    const world = await with_('DELETE_FAILED')
    world.fail(name, 'delete', {logicalId: 'Plan', reason: 'The plan is in use'})
    const ended = await runDestroy(world)
    assert.equal(ended.exitCode, 15)
    assert.match(
      ended.message,
      /pi-demo-operations was not deleted \(DELETE_FAILED\): Plan \(AWS::Backup::BackupPlan\): The plan is in use/,
    )
    assert.match(
      (ended.error as {suggestions: string[]}).suggestions[1] ?? '',
      /--stack-name pi-demo-operations --retain-resources Plan/,
    )
  })

  it('a deletion that fails without saying what held it is told as AWS tells it', async () => {
    const world = await with_('UPDATE_COMPLETE')
    const stack = stackNamed(world, name)
    const ended = await runDestroy(
      world,
      {},
      {
        onCall({name: call, args}) {
          if (call !== 'stacks.deleteStack' || args[0] !== stack.id) return
          stack.tokens.push(String(args[1]))
          stack.status = 'DELETE_FAILED'
          stack.statusReason = 'Role is gone'
        },
      },
    )
    assert.equal(ended.code, 'STACK_STUCK')
    assert.match(ended.message, /\(DELETE_FAILED\): Role is gone/)
  })
})
