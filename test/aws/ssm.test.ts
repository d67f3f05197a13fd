import assert from 'node:assert/strict'
import {SSMClient, StartSessionCommand, TerminateSessionCommand} from '@aws-sdk/client-ssm'
import {mockClient} from 'aws-sdk-client-mock'
import {createPortForwarding} from '../../src/aws/ssm.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('sessions of Systems Manager', () => {
  const mock = mockClient(SSMClient)
  const sessions = createPortForwarding(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('begin with target, document and parameters', async () => {
    mock.on(StartSessionCommand).resolvesOnce({SessionId: 's', StreamUrl: 'wss://u', TokenValue: 't'}).resolvesOnce({})
    const request = {Target: 'ecs:c_t_r', DocumentName: 'D', Parameters: {host: ['h']}}
    assert.deepEqual(await sessions.begin(request), {sessionId: 's', streamUrl: 'wss://u', tokenValue: 't'})
    assert.deepEqual(inputs(mock)[0], request)
    assert.deepEqual(await sessions.begin({Target: 't'}), {sessionId: '', streamUrl: '', tokenValue: ''})
  })

  it('are refused in words where the container is not connected, and by their action where it is not allowed', async () => {
    mock.on(StartSessionCommand).rejectsOnce(sdkError('TargetNotConnected', 'ecs:x is not connected.'))
    await assert.rejects(
      sessions.begin({Target: 'ecs:x'}),
      saying('RefusedError', 'TARGET_NOT_CONNECTED', /ecs:x is not connected/),
    )
    mock.reset()
    mock.on(StartSessionCommand).rejects(sdkError('AccessDeniedException', 'no'))
    await assert.rejects(
      sessions.begin({Target: 'ecs:x'}),
      saying('AccessError', 'ACCESS_DENIED', /AWS denies ssm:StartSession/),
    )
  })

  it('end once, and a second time without an error', async () => {
    mock.on(TerminateSessionCommand).resolvesOnce({}).rejectsOnce(sdkError('DoesNotExistException'))
    await sessions.end('s')
    await sessions.end('s')
    assert.deepEqual(inputs(mock)[0], {SessionId: 's'})
    mock.reset()
    mock.on(TerminateSessionCommand).rejects(sdkError('AccessDeniedException', 'no'))
    await assert.rejects(sessions.end('s'), saying('AccessError', 'ACCESS_DENIED', /ssm:TerminateSession/))
  })
})
