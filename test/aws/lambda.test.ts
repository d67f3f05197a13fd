import assert from 'node:assert/strict'
import {GetFunctionConfigurationCommand, InvokeCommand, LambdaClient} from '@aws-sdk/client-lambda'
import {mockClient} from 'aws-sdk-client-mock'
import {createFunctions} from '../../src/aws/lambda.ts'
import {clientConfig, maxAttempts} from '../../src/aws/settings.ts'
import {type Answer, fakeService} from './fake-service.ts'
import {config, inputs, saying, sdkError, settings} from './sdk.ts'

describe('functions of Lambda', () => {
  const mock = mockClient(LambdaClient)
  const functions = createFunctions(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  const states = [
    [{State: 'Active'}, {state: 'Active'}],
    [
      {State: 'Pending', StateReason: 'being created'},
      {state: 'Pending', reason: 'being created'},
    ],
    [
      {State: 'Inactive', StateReason: 'idle'},
      {state: 'Inactive', reason: 'idle'},
    ],
    [{State: 'Failed'}, {state: 'Failed'}],
    [{State: 'Deactivating'}, {state: 'Inactive'}],
    [{}, {state: 'Active'}],
  ] as const
  for (const [said, state] of states) {
    it(`have a state: ${JSON.stringify(said)} is ${state.state}`, async () => {
      mock.on(GetFunctionConfigurationCommand).resolves(said)
      assert.deepEqual(await functions.state('f'), state)
    })
  }

  it('have none when they do not exist', async () => {
    mock.rejects(sdkError('ResourceNotFoundException'))
    assert.equal(await functions.state('f'), undefined)
    await assert.rejects(functions.invoke('f', {}), saying('NotFoundError', 'FUNCTION_NOT_FOUND'))
  })

  it('are given JSON', async () => {
    mock.on(InvokeCommand).resolves({})
    assert.equal(await functions.invoke('f', {operation: 'prepare'}), undefined)
    const {Payload: payload, FunctionName: name} = mock.commandCalls(InvokeCommand)[0]?.args[0].input ?? {}
    assert.equal(name, 'f')
    assert.equal(Buffer.from(payload as Uint8Array).toString(), '{"operation":"prepare"}')
    assert.equal(inputs(mock).length, 1)
  })

  it('are begun without waiting for an answer', async () => {
    mock.on(InvokeCommand).resolves({StatusCode: 202})
    await functions.begin('f', {operation: 'sideload'})
    const {InvocationType: type, Payload: payload} = mock.commandCalls(InvokeCommand)[0]?.args[0].input ?? {}
    assert.deepEqual([type, Buffer.from(payload as Uint8Array).toString()], ['Event', '{"operation":"sideload"}'])
    mock.rejects(sdkError('ResourceNotFoundException'))
    await assert.rejects(functions.begin('f', {}), saying('NotFoundError', 'FUNCTION_NOT_FOUND'))
  })

  for (const name of [
    'ResourceNotReadyException',
    'ResourceConflictException',
    'ENINotReadyException',
    'EFSMountConnectivityException',
    'EFSMountFailureException',
    'EFSMountTimeoutException',
  ]) {
    it(`are not ready when Lambda answers ${name}`, async () => {
      mock.on(InvokeCommand).rejects(sdkError(name, 'in a while'))
      await assert.rejects(functions.invoke('f', {}), saying('FailedError', 'FUNCTION_NOT_READY', /in a while/))
    })
  }

  it('are throttled when all their slots are taken', async () => {
    mock
      .on(InvokeCommand)
      .rejects(sdkError('TooManyRequestsException', 'ReservedFunctionConcurrentInvocationLimitExceeded'))
    await assert.rejects(functions.invoke('f', {}), saying('FailedError', 'THROTTLED'))
  })
})

describe('an invocation on the wire', () => {
  let stop: () => Promise<void>
  afterEach(() => stop())

  async function against(answer: Answer) {
    const service = await fakeService([answer])
    stop = service.close
    return {service, functions: createFunctions(clientConfig({...settings, endpointUrl: service.url}))}
  }

  it('gives the JSON that the function gave', async () => {
    const {functions} = await against({status: 200, body: '{"copied":3}'})
    assert.deepEqual(await functions.invoke('f', {}), {copied: 3})
  })

  it('fails with what the function threw', async () => {
    const {functions} = await against({
      status: 200,
      headers: {'x-amz-function-error': 'Unhandled'},
      body: '{"errorType":"PathError","errorMessage":"../x leaves the tree","trace":[]}',
    })
    await assert.rejects(
      functions.invoke('f', {}),
      saying('FailedError', 'FUNCTION_FAILED', /f failed: PathError: \.\.\/x leaves the tree/),
    )
  })

  it('fails when the function said nothing, or no JSON', async () => {
    const {functions} = await against({status: 200, headers: {'x-amz-function-error': 'Unhandled'}})
    await assert.rejects(functions.invoke('f', {}), saying('FailedError', 'FUNCTION_FAILED', /no reason/))
    await stop()
    const second = await against({status: 200, body: '<html>'})
    await assert.rejects(second.functions.invoke('f', {}), saying('FailedError', 'FUNCTION_FAILED', /not JSON/))
  })

  it('is never sent twice, whatever the answer was', async () => {
    const {functions, service} = await against({status: 503})
    await assert.rejects(functions.invoke('f', {}))
    const invocations = service.received.length
    await assert.rejects(functions.state('f'))
    assert.equal(invocations, 1)
    assert.equal(service.received.length, 1 + maxAttempts)
  })
})
