import assert from 'node:assert/strict'
import {paced} from '../../../src/flows/preflight/pace.ts'

/** A clock that notes when calls began, and whose sleeps are over at once. */
function clockwork() {
  let time = 0
  return {
    now: () => new Date(time),
    sleep: async (ms: number) => {
      time += ms
    },
    pass: (ms: number) => (time += ms),
  }
}

describe('a paced port', () => {
  it('lets so many calls begin in any second, and the next ones wait', async () => {
    const clock = clockwork()
    const begun: number[] = []
    const port = paced({call: async (name: string) => (begun.push(clock.now().getTime()), name)}, {perSecond: 4}, clock)
    for (let index = 0; index < 9; index += 1) assert.equal(await port.call(`${index}`), `${index}`)
    assert.deepEqual(begun, [0, 0, 0, 0, 1000, 1000, 1000, 1000, 2000])
    clock.pass(5000)
    await port.call('later')
    assert.equal(begun.at(-1), 7000)
  })

  it('counts calls of all its methods together, and passes on what is no method', async () => {
    const clock = clockwork()
    const begun: number[] = []
    const one = async (): Promise<void> => void begun.push(clock.now().getTime())
    const port = paced({one, other: one, region: 'eu-west-1'}, {perSecond: 1}, clock)
    await port.one()
    await port.other()
    assert.deepEqual(begun, [0, 1000])
    assert.equal(port.region, 'eu-west-1')
  })
})
