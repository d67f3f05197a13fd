import assert from 'node:assert/strict'
import {
  CloudFormationClient,
  DescribeStackDriftDetectionStatusCommand,
  DescribeStackResourceDriftsCommand,
  DetectStackDriftCommand,
  type StackResourceDrift,
} from '@aws-sdk/client-cloudformation'
import {mockClient} from 'aws-sdk-client-mock'
import {createDrifts} from '../../src/aws/cloudformation/drifts.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

const at = new Date('2026-02-03T04:05:06Z')

describe("CloudFormation's comparisons", () => {
  const mock = mockClient(CloudFormationClient)
  const drifts = createDrifts(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('begin with an id, or not at all while one runs', async () => {
    mock
      .on(DetectStackDriftCommand)
      .resolvesOnce({StackDriftDetectionId: 'd-1'})
      .rejectsOnce(sdkError('ValidationError', 'Drift detection is already in progress for stack [s]'))
    assert.equal(await drifts.begin('s'), 'd-1')
    assert.equal(await drifts.begin('s'), undefined)
    assert.deepEqual(inputs(mock), [{StackName: 's'}, {StackName: 's'}])
  })

  it('fail with what AWS says, and without an id', async () => {
    mock
      .on(DetectStackDriftCommand)
      .rejectsOnce(
        sdkError('AccessDenied', 'User: arn:u is not authorized to perform: cloudformation:DetectStackDrift'),
      )
      .resolves({})
    await assert.rejects(drifts.begin('s'), saying('AccessError', 'ACCESS_DENIED', /cloudformation:DetectStackDrift/))
    await assert.rejects(drifts.begin('s'), saying('FailedError', 'DRIFT_WITHOUT_ID', /s/))
  })

  for (const [status, state] of [
    ['DETECTION_IN_PROGRESS', 'running'],
    ['DETECTION_COMPLETE', 'complete'],
    ['DETECTION_FAILED', 'partial'],
  ] as const) {
    it(`are ${state} where AWS says ${status}`, async () => {
      mock.on(DescribeStackDriftDetectionStatusCommand).resolves({
        StackId: 's',
        StackDriftDetectionId: 'd-1',
        DetectionStatus: status,
        Timestamp: at,
        ...(state === 'partial' ? {DetectionStatusReason: 'Failed to detect drift on resources [A]'} : {}),
      })
      assert.deepEqual(await drifts.progress('d-1'), {
        state,
        startedAt: at,
        ...(state === 'partial' ? {reason: 'Failed to detect drift on resources [A]'} : {}),
      })
    })
  }

  it('fold all pages, and take no word that they do not know for equal', async () => {
    const row = (id: string, status: string, more: Partial<StackResourceDrift> = {}): StackResourceDrift => ({
      StackId: 's',
      LogicalResourceId: id,
      PhysicalResourceId: `p-${id}`,
      ResourceType: 'AWS::X',
      StackResourceDriftStatus: status as 'IN_SYNC',
      Timestamp: at,
      ...more,
    })
    const difference = {PropertyPath: '/A', ExpectedValue: '1', ActualValue: '2'}
    mock
      .on(DescribeStackResourceDriftsCommand)
      .resolvesOnce({
        StackResourceDrifts: [
          row('A', 'IN_SYNC'),
          row('B', 'MODIFIED', {
            PropertyDifferences: [
              {...difference, DifferenceType: 'NOT_EQUAL'},
              {...difference, DifferenceType: 'ADD'},
              {...difference, DifferenceType: 'REMOVE'},
            ],
          }),
        ],
        NextToken: 'n',
      })
      .resolvesOnce({
        StackResourceDrifts: [
          row('C', 'DELETED'),
          row('D', 'NOT_CHECKED'),
          row('E', 'UNSUPPORTED'),
          row('F', 'UNKNOWN'),
          row('G', 'PERHAPS'),
        ],
      })
    const found = await drifts.found('s')
    assert.deepEqual(
      found.map(({logicalId, state}) => [logicalId, state]),
      [
        ['A', 'in-sync'],
        ['B', 'modified'],
        ['C', 'deleted'],
        ['F', 'unknown'],
        ['G', 'unknown'],
      ],
    )
    assert.deepEqual(found[1], {
      ...{logicalId: 'B', physicalId: 'p-B', type: 'AWS::X', state: 'modified', at},
      differences: (['changed', 'added', 'removed'] as const).map((kind) => ({
        ...{path: '/A', kind, expected: '1', actual: '2'},
      })),
    })
    // The paginator sends one object again and again: it shows its last state.
    assert.deepEqual(inputs(mock).at(-1), {StackName: 's', MaxResults: 100, NextToken: 'n'})
    assert.equal(mock.calls().length, 2)
  })
})
