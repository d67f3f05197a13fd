import assert from 'node:assert/strict'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {EventBridgeClient, ListRulesCommand} from '@aws-sdk/client-eventbridge'
import {limitedClient, limiterOf, RateLimit} from '../../src/aws/rate-limit.ts'
import {config} from './sdk.ts'

class FakeTime {
  time = 0
  readonly slept: number[] = []

  now(): number {
    return this.time
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms)
  }
}

describe('calls a second', () => {
  it('begin at once up to the limit, then one after the other', async () => {
    const time = new FakeTime()
    const limit = new RateLimit(4, time)
    for (let call = 0; call < 7; call += 1) await limit.take()
    assert.deepEqual(time.slept, [250, 500, 750])
  })

  it('are free again after a rest, but never more than a second’s worth', async () => {
    const time = new FakeTime()
    const limit = new RateLimit(4, time)
    for (let call = 0; call < 4; call += 1) await limit.take()
    time.time = 500
    for (let call = 0; call < 3; call += 1) await limit.take()
    assert.deepEqual(time.slept, [250])
    time.time = 60_000
    for (let call = 0; call < 5; call += 1) await limit.take()
    assert.deepEqual(time.slept, [250, 250])
  })

  it('count every try, also those that are throttled', async () => {
    let calls = 0
    const server = createServer((_request, response) => {
      calls += 1
      const throttled = calls % 2 === 1
      response.writeHead(throttled ? 400 : 200, {'content-type': 'application/x-amz-json-1.1'})
      response.end(JSON.stringify(throttled ? {__type: 'TooManyRequestsException', message: 'slow down'} : {Rules: []}))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const time = new FakeTime()
    const {port} = server.address() as AddressInfo
    const client = limitedClient(
      new EventBridgeClient({...config, endpoint: `http://127.0.0.1:${port}`}),
      limiterOf(1, time),
    )
    try {
      for (let call = 0; call < 2; call += 1) assert.deepEqual((await client.send(new ListRulesCommand({}))).Rules, [])
      assert.equal(calls, 4)
      assert.equal(time.slept.length, 3, 'the first of four tries is free')
    } finally {
      client.destroy()
      server.closeAllConnections()
      server.close()
    }
  })
})
