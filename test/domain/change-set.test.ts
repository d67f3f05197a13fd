import assert from 'node:assert/strict'
import fc from 'fast-check'
import {type Change, changeName, endsStack, gate, type StackEvent, statefulTypes} from '../../src/domain/change-set.ts'
import {inProgress, stackStatuses} from '../../src/domain/stack-status.ts'
import {packageTemplates} from './samples.ts'

function change(values: Partial<Change>): Change {
  return {path: [], logicalId: 'It', type: 'AWS::RDS::DBInstance', action: 'Modify', properties: [], ...values}
}

describe('the gate', () => {
  const table: readonly (readonly [
    why: string,
    change: Partial<Change>,
    severity: 'refused' | 'review' | undefined,
  ])[] = [
    ['refuses to remove what holds data', {action: 'Remove'}, 'refused'],
    ['refuses to replace it', {replacement: 'True'}, 'refused'],
    ['asks for a look where it may be replaced', {replacement: 'Conditional'}, 'review'],
    ['asks for a look where the action is not known', {action: 'Dynamic'}, 'review'],
    ['lets it be changed in place', {replacement: 'False'}, undefined],
    ['lets it be made', {action: 'Add'}, undefined],
    ['lets it be imported', {action: 'Import'}, undefined],
    ['lets anything else be removed', {action: 'Remove', type: 'AWS::ECS::Service'}, undefined],
    ['lets anything else be replaced', {replacement: 'True', type: 'AWS::Logs::LogGroup'}, undefined],
  ]
  for (const [why, values, severity] of table) {
    it(why, () =>
      assert.deepEqual(
        gate([change(values)]).map((finding) => finding.severity),
        severity === undefined ? [] : [severity],
      ),
    )
  }

  it('lets through what the operator named, and only that', () => {
    const changes = [
      change({action: 'Remove', logicalId: 'One'}),
      change({action: 'Remove', logicalId: 'Two', path: ['Data']}),
    ]
    assert.deepEqual(
      gate(changes, ['One']).map(({name}) => name),
      ['Data.Two'],
    )
    assert.deepEqual(
      gate(changes, ['Two']).map(({name}) => name),
      ['One', 'Data.Two'],
    )
    assert.deepEqual(gate(changes, ['One', 'Data.Two']), [])
  })

  it('names a resource by the way to it', () => assert.equal(changeName(change({path: ['A', 'B']})), 'A.B.It'))

  it('finds what it finds whatever else is in the change set', () => {
    const any = fc.record({
      path: fc.constant([]),
      logicalId: fc.stringMatching(/^[A-Z][a-z]{0,5}$/),
      type: fc.constantFrom(...statefulTypes, 'AWS::ECS::Service', 'AWS::IAM::Role'),
      action: fc.constantFrom('Add', 'Modify', 'Remove', 'Import', 'Dynamic'),
      replacement: fc.constantFrom('True', 'False', 'Conditional'),
      properties: fc.constant([]),
    })
    fc.assert(
      fc.property(fc.array(any), fc.array(any), (some, others) => {
        assert.equal(gate([...some, ...others]).length, gate(some).length + gate(others).length)
        for (const finding of gate(some)) assert(statefulTypes.includes(finding.change.type))
      }),
    )
  })

  it('knows every type that the templates keep when a stack goes', () => {
    const kept = [...packageTemplates()].flatMap(([name, {Resources}]) =>
      Object.entries(Resources as Record<string, {Type: string; DeletionPolicy?: string}>)
        .filter(([, {DeletionPolicy = 'Delete'}]) => DeletionPolicy !== 'Delete')
        .map(([id, {Type}]) => ({name: `${name}/${id}`, type: Type})),
    )
    assert(kept.length >= 5, 'the templates keep hardly anything')
    assert.deepEqual(
      kept.filter(({type}) => !statefulTypes.includes(type)),
      [],
    )
  })
})

describe('the end of a stack operation', () => {
  const event: StackEvent = {
    id: '1',
    stackId: 'arn:stack',
    stackName: 'pi-demo-app',
    logicalId: 'pi-demo-app',
    physicalId: 'arn:stack',
    type: 'AWS::CloudFormation::Stack',
    status: 'CREATE_COMPLETE',
    at: '2026-11-22T10:00:00.000Z',
  }

  for (const status of stackStatuses) {
    const ends = !inProgress(status) && status !== 'REVIEW_IN_PROGRESS'
    it(`${ends ? 'is' : 'is not'} ${status}`, () => assert.equal(endsStack({...event, status}, 'arn:stack'), ends))
  }

  it('is no event of a nested stack, nor one that a nested stack has in its parent', () => {
    assert(!endsStack({...event, stackId: 'arn:child', physicalId: 'arn:child'}, 'arn:stack'))
    assert(!endsStack({...event, physicalId: 'arn:child'}, 'arn:stack'))
  })
})
