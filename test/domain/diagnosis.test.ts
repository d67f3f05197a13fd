import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {StackEvent} from '../../src/domain/change-set.ts'
import {activeGenerations, partOf, type Retained, retainedKey, retainedSchema} from '../../src/domain/landscape.ts'
import {parts} from '../../src/domain/parts.ts'
import {findRootCause} from '../../src/domain/root-cause.ts'
import {demo} from './samples.ts'

let count = 0
function event(values: Partial<StackEvent>): StackEvent {
  count += 1
  const id = String(count)
  return {
    id,
    stackId: 's',
    stackName: 'pi-demo-app',
    logicalId: `R${id}`,
    physicalId: id,
    type: 'AWS::ECS::Service',
    status: 'CREATE_FAILED',
    at: '2026-11-22T10:00:00.000Z',
    ...values,
  }
}
const at = (second: number): string => `2026-11-22T10:00:${String(second).padStart(2, '0')}.000Z`

describe('the root cause', () => {
  it('is nowhere where nothing failed', () => {
    assert.equal(findRootCause([]), undefined)
    assert.equal(findRootCause([event({status: 'CREATE_COMPLETE'})]), undefined)
  })

  it('is the oldest failure that says why, not what followed from it', () => {
    const events = [
      event({at: at(3), reason: 'Embedded stack arn was not successfully created', type: 'AWS::CloudFormation::Stack'}),
      event({at: at(2), reason: 'Resource creation cancelled'}),
      event({at: at(1), reason: 'Limit of 5 VPCs', logicalId: 'Vpc', stackName: 'pi-demo-network'}),
      event({at: at(4), reason: 'The following resource(s) failed to create: [Vpc]'}),
    ]
    assert.deepEqual(findRootCause(events), {
      stack: 'pi-demo-network',
      logicalId: 'Vpc',
      type: 'AWS::ECS::Service',
      status: 'CREATE_FAILED',
      reason: 'Limit of 5 VPCs',
      at: at(1),
    })
  })

  it('is the same in whatever order events come', () => {
    const events = [1, 2, 3, 4].map((second) =>
      event({at: at(second), reason: second === 2 ? 'cause' : 'Resource update cancelled'}),
    )
    fc.assert(
      fc.property(fc.shuffledSubarray(events, {minLength: 4}), (order) =>
        assert.equal(findRootCause(order)?.reason, 'cause'),
      ),
    )
  })

  it('is the failure of the update, not of the rollback after it', () => {
    const events = [
      event({at: at(2), status: 'UPDATE_FAILED', reason: 'second'}),
      event({at: at(1), status: 'UPDATE_FAILED', reason: 'first'}),
    ]
    assert.equal(findRootCause(events)?.reason, 'first')
  })

  it('is a resource rather than its stack, and a stack where there is nothing else', () => {
    const stack = event({at: at(1), type: 'AWS::CloudFormation::Stack', reason: 'Template error'})
    assert.equal(findRootCause([stack, event({at: at(2), reason: 'cause'})])?.reason, 'cause')
    assert.equal(
      findRootCause([stack, event({at: at(2), reason: 'Resource creation cancelled'})])?.reason,
      'Template error',
    )
  })

  it('is told also where AWS gives no reason', () => {
    assert.equal(findRootCause([event({})])?.reason, 'AWS gave no reason')
    assert.equal(findRootCause([event({type: 'AWS::CloudFormation::Stack'})])?.reason, 'AWS gave no reason')
  })
})

const retained: Retained = {
  schemaVersion: 1,
  environment: 'demo',
  at: at(0),
  database: {
    generation: 4,
    snapshotIdentifier: 's',
    allocatedStorage: 20,
    engineVersion: '10.11.9',
    parameterGroupFamily: 'mariadb10.11',
    masterUsername: 'm',
  },
  files: {generation: 3},
}
const stack = (name: string, parameters: Record<string, string> = {}) => ({name, parameters})

describe('the active generations', () => {
  const app = stack('pi-demo-app', {DatabaseGeneration: '7', FilesGeneration: '5'})
  const databases = [stack('pi-demo-database-2'), stack('pi-demo-database-9'), stack('pi-other-database-12')]

  for (const [why, stacks, kept, expected] of [
    ['are 1 and 1 in a new environment', [], undefined, [1, 1]],
    ['are what the app stack says, whatever else there is', [app, ...databases], retained, [7, 5]],
    ['are the newest database without an app stack', databases, undefined, [9, 1]],
    ['are the next database and the kept files after a destroy', [], retained, [5, 3]],
    ['are a standing database before what was kept', databases, retained, [9, 3]],
    ['are not read from an app stack that has none', [stack('pi-demo-app')], undefined, [1, 1]],
    [
      'are not read from nonsense',
      [stack('pi-demo-app', {DatabaseGeneration: '0', FilesGeneration: 'x'})],
      undefined,
      [1, 1],
    ],
  ] as const) {
    it(why, () => {
      const {database, files} = activeGenerations(demo, stacks, kept)
      assert.deepEqual([database, files], expected)
    })
  }
})

describe('a stack by its name', () => {
  for (const part of parts) {
    it(`is the part ${part}`, () =>
      assert.equal(partOf(demo, `pi-demo-${part === 'database' ? 'database-3' : part}`), part))
  }
  for (const name of ['pi-demo', 'pi-demo-database', 'pi-demo-x-app', 'pi-demoo-app', 'pi-demo-app-Nested-1ABC', '']) {
    it(`is a stranger: ${JSON.stringify(name)}`, () => assert.equal(partOf(demo, name), undefined))
  }
})

describe('what destroy keeps', () => {
  it('is found under the name of the environment', () => assert.equal(retainedKey(demo), 'retained/demo.json'))
  it('survives being written and read', () =>
    assert.deepEqual(retainedSchema.parse(JSON.parse(JSON.stringify(retained))), retained))
  it('is refused in another form', () => {
    for (const value of [{}, {...retained, schemaVersion: 2}, {...retained, files: {}}])
      assert(!retainedSchema.safeParse(value).success)
  })
})
