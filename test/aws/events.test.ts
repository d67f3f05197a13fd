import assert from 'node:assert/strict'
import {CloudFormationClient, DescribeStackEventsCommand, type StackEvent} from '@aws-sdk/client-cloudformation'
import {mockClient} from 'aws-sdk-client-mock'
import {createStacks} from '../../src/aws/cloudformation.ts'
import {config, inputs, sdkError} from './sdk.ts'

function event(EventId: string, more: Partial<StackEvent> = {}): StackEvent {
  return {EventId, StackId: 'arn:s', StackName: 's', Timestamp: new Date('2026-01-02T03:04:05Z'), ...more}
}

/** Events n, n-1, ... m, as CloudFormation gives them. */
function down(from: number, to: number): StackEvent[] {
  return Array.from({length: from - to + 1}, (_, index) => event(`e${from - index}`))
}

describe('events of a stack', () => {
  const mock = mockClient(CloudFormationClient)
  const stacks = createStacks(config)
  const ids = async (after?: string) => (await stacks.events('s', after)).map(({id}) => id)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('come oldest first with all that CloudFormation tells', async () => {
    mock.on(DescribeStackEventsCommand).resolves({
      StackEvents: [
        event('e2', {ResourceStatusReason: ''}),
        event('e1', {
          LogicalResourceId: 'Vpc',
          PhysicalResourceId: 'vpc-1',
          ResourceType: 'AWS::EC2::VPC',
          ResourceStatus: 'CREATE_FAILED',
          ResourceStatusReason: 'quota',
          ClientRequestToken: 'op-1',
          OperationId: 'o-1',
        }),
      ],
    })
    assert.deepEqual(await stacks.events('s'), [
      {
        id: 'e1',
        stackId: 'arn:s',
        stackName: 's',
        logicalId: 'Vpc',
        physicalId: 'vpc-1',
        type: 'AWS::EC2::VPC',
        status: 'CREATE_FAILED',
        reason: 'quota',
        at: '2026-01-02T03:04:05.000Z',
        token: 'op-1',
        operationId: 'o-1',
      },
      {
        id: 'e2',
        stackId: 'arn:s',
        stackName: 's',
        logicalId: '',
        physicalId: '',
        type: '',
        status: '',
        at: '2026-01-02T03:04:05.000Z',
      },
    ])
  })

  it('are asked for page by page up to the one that is known, and no further', async () => {
    mock
      .on(DescribeStackEventsCommand)
      .resolvesOnce({StackEvents: down(9, 7), NextToken: 'p2'})
      .resolvesOnce({StackEvents: down(6, 4), NextToken: 'p3'})
    assert.deepEqual(await ids('e5'), ['e6', 'e7', 'e8', 'e9'])
    assert.deepEqual(inputs(mock), [{StackName: 's'}, {StackName: 's', NextToken: 'p2'}])
  })

  it('are none, by one call, when the newest is known', async () => {
    mock.on(DescribeStackEventsCommand).resolves({StackEvents: down(9, 7), NextToken: 'p2'})
    assert.deepEqual(await ids('e9'), [])
    assert.equal(mock.calls().length, 1)
  })

  it('come whole, however many, when the known one is far back', async () => {
    mock
      .on(DescribeStackEventsCommand)
      .resolvesOnce({StackEvents: down(300, 201), NextToken: 'p2'})
      .resolvesOnce({StackEvents: down(200, 101), NextToken: 'p3'})
      .resolvesOnce({StackEvents: down(100, 1)})
    assert.equal((await ids('e10')).length, 290)
  })

  it('are the newest 100 when none is known', async () => {
    mock
      .on(DescribeStackEventsCommand)
      .resolvesOnce({StackEvents: down(300, 231), NextToken: 'p2'})
      .resolvesOnce({StackEvents: down(230, 161), NextToken: 'p3'})
    const found = await ids()
    assert.equal(found.length, 100)
    assert.equal(found[0], 'e201')
    assert.equal(found.at(-1), 'e300')
  })

  it('are none for a stack that is not there', async () => {
    mock.rejects(sdkError('ValidationError', 'Stack [s] does not exist'))
    assert.deepEqual(await ids(), [])
  })

  it('since a moment end with the page on which an older one stands', async () => {
    const at = (second: number) => ({Timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second))})
    mock
      .on(DescribeStackEventsCommand)
      .resolvesOnce({StackEvents: [event('e4', at(40)), event('e3', at(30))], NextToken: 'n'})
      .resolvesOnce({StackEvents: [event('e2', at(20)), event('e1', at(10))], NextToken: 'never asked'})
    const found = await stacks.eventsSince('s', '2026-01-01T00:00:20.000Z')
    assert.deepEqual(
      found.map(({id}) => id),
      ['e2', 'e3', 'e4'],
    )
    assert.equal(inputs(mock).length, 2)
    mock.reset()
    mock.on(DescribeStackEventsCommand).rejects(sdkError('ValidationError', 'Stack [s] does not exist'))
    assert.deepEqual(await stacks.eventsSince('s', '2026-01-01T00:00:20.000Z'), [])
  })
})
