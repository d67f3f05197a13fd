import assert from 'node:assert/strict'
import fc from 'fast-check'
import {type Deployment, isSettled, rolloutOf, wayBack} from '../../../src/domain/services/rollout.ts'
import {afterScale, boundsOf, scaleProblem} from '../../../src/domain/services/scale.ts'

function deployment(more: Partial<Deployment> = {}): Deployment {
  return {
    ...{id: 'new', status: 'PRIMARY', taskDefinition: 'dashboard:2', state: 'IN_PROGRESS', reason: ''},
    ...{desired: 2, running: 1, pending: 0, failed: 0, createdAt: '2026-01-02T00:00:00.000Z'},
    ...more,
  }
}
const old = (more: Partial<Deployment> = {}): Deployment =>
  deployment({id: 'old', status: 'ACTIVE', state: 'COMPLETED', running: 2, ...more})

describe('a deployment that is waited for', () => {
  const failed = {state: 'FAILED', reason: 'tasks failed to start', status: 'ACTIVE', desired: 0, running: 0}
  const table: readonly (readonly [string, readonly Deployment[], object])[] = [
    ['is under way', [deployment(), old()], {kind: 'running', text: '1 of 2 tasks run'}],
    [
      'tells what starts and what failed',
      [deployment({pending: 1, failed: 2})],
      {kind: 'running', text: '1 of 2 tasks run, 1 starting, 2 failed'},
    ],
    ['is done', [deployment({state: 'COMPLETED', running: 2})], {kind: 'done'}],
    ['is not done below its count', [deployment({state: 'COMPLETED'})], {kind: 'running', text: '1 of 2 tasks run'}],
    [
      'is not done while one starts',
      [deployment({state: 'COMPLETED', running: 2, pending: 1})],
      {kind: 'running', text: '2 of 2 tasks run, 1 starting'},
    ],
    [
      'fails where there is nothing to go back to',
      [deployment({...failed, status: 'PRIMARY'})],
      {kind: 'failed', reason: 'tasks failed to start', ending: 'left'},
    ],
    [
      'goes back',
      [old({status: 'PRIMARY', state: 'IN_PROGRESS'}), deployment(failed)],
      {kind: 'running', text: 'going back to the former tasks: 2 of 2 tasks run'},
    ],
    [
      'has gone back',
      [old({status: 'PRIMARY'}), deployment(failed)],
      {kind: 'failed', reason: 'tasks failed to start', ending: 'rolled back'},
    ],
    [
      'cannot go back',
      [old({status: 'PRIMARY', state: 'FAILED'}), deployment(failed)],
      {kind: 'failed', reason: 'tasks failed to start', ending: 'stuck'},
    ],
    [
      'has gone back and is dropped, as ECS says of what replaced it',
      [old({status: 'PRIMARY', reason: 'rolling back to deploymentId ecs-svc/1'})],
      {kind: 'failed', reason: 'rolling back to deploymentId ecs-svc/1', ending: 'rolled back'},
    ],
    [
      'was overtaken by a newer one',
      [deployment({id: 'newer'}), deployment({status: 'ACTIVE'})],
      {kind: 'failed', reason: 'a newer deployment (newer) took its place', ending: 'left'},
    ],
    ['is not named yet', [], {kind: 'running', text: 'ECS names no deployment yet'}],
  ]
  for (const [name, deployments, expected] of table) {
    it(name, () => assert.deepEqual(rolloutOf(deployments, {id: 'new'}), expected))
  }

  it('is known to have failed from an earlier look', () => {
    assert.deepEqual(rolloutOf([old({status: 'PRIMARY'})], {id: 'new', failed: 'no image'}), {
      kind: 'failed',
      reason: 'no image',
      ending: 'rolled back',
    })
    assert.equal(wayBack([], '').kind, 'running')
  })

  it('is settled when all run, none starts and nothing is rolled out', () => {
    assert.equal(isSettled([deployment({state: 'COMPLETED', running: 2})], 2), true)
    for (const [deployments, count] of [
      [[], 0],
      [[deployment({running: 2})], 2],
      [[deployment({state: 'COMPLETED', running: 2})], 3],
      [[deployment({state: 'COMPLETED', running: 2, pending: 1})], 2],
      [[deployment({state: 'COMPLETED', running: 2}), old({running: 1})], 2],
    ] as const)
      assert.equal(isSettled(deployments, count), false)
  })
})

describe('how many tasks a service may have', () => {
  it('is one or none where nothing scales it', () => {
    const bounds = boundsOf(undefined)
    assert.deepEqual(
      [0, 1].map((count) => scaleProblem('scheduler', count, bounds)),
      [undefined, undefined],
    )
    assert.match(scaleProblem('scheduler', 2, bounds) ?? '', /two may run every job twice/)
    assert.match(scaleProblem('adminer', 2, bounds) ?? '', /0 to 1 tasks here, and 2 is more/)
  })

  it('lies between the bounds of its scaling', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(30), (least, more, count) => {
        const bounds = boundsOf({min: least, max: least + more})
        assert.equal(bounds.scales, more > 0)
        assert.equal(scaleProblem('dashboard', count, bounds) === undefined, count >= least && count <= least + more)
      }),
    )
    assert.match(scaleProblem('dashboard', 1, boundsOf({min: 2, max: 4})) ?? '', /2 to 4 tasks here, and 1 is fewer/)
    assert.match(scaleProblem('dashboard', 1, boundsOf({min: 2, max: 2})) ?? '', /always has 2 tasks/)
    assert.match(scaleProblem('dashboard', 2, boundsOf(undefined, 1)) ?? '', /always has one task here/)
  })

  it('is kept by the next deploy, unless it is none', () => {
    assert.deepEqual(afterScale('dashboard', 3, boundsOf({min: 1, max: 4})), [
      'Scaling goes on: the load may move dashboard between 1 and 4 tasks',
      'The next deploy keeps 3 tasks, within the bounds of then',
    ])
    assert.deepEqual(afterScale('scheduler', 1, boundsOf(undefined)), [
      'The next deploy keeps 1 task, within the bounds of then',
    ])
    assert.deepEqual(afterScale('scheduler', 0, boundsOf(undefined)), [
      'The next deploy that changes services starts scheduler again',
    ])
  })
})
