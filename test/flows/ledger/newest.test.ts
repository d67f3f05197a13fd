import assert from 'node:assert/strict'
import {makeOpId} from '../../../src/domain/names.ts'
import {Journal} from '../../../src/flows/ledger/journal.ts'
import {newestOfKind} from '../../../src/flows/ledger/read.ts'
import {deployed, must, runFlow} from '../../helpers/fake-aws/scenario.ts'

const bucket = 'records-demo-1'

describe('the newest operation of a kind', () => {
  for (const [first, second] of [
    ['ffffff', '000000'],
    ['000000', 'ffffff'],
  ] as const) {
    it(`is the one that began last, also of two in one second (${first}, then ${second})`, async () => {
      const world = await deployed()
      const newest = await runFlow(world, async (ports) => {
        const start = Math.ceil(ports.clock.now().getTime() / 1000) * 1000
        const kinds = [
          ['sideload', first, 100],
          ['sideload', second, 900],
          ['deploy', 'abcdef', 950],
        ] as const
        for (const [kind, random, ms] of kinds) {
          const at = new Date(start + ms)
          await Journal.open(ports, bucket, {
            schemaVersion: 1,
            opId: makeOpId(kind, at, random),
            kind,
            environment: 'demo',
            account: '123456789012',
            region: 'eu-west-1',
            cliVersion: '0.1.0',
            startedAt: at.toISOString(),
            holder: ports.machine.holder(),
            options: {},
          })
        }
        return newestOfKind(ports, bucket, 'sideload')
      })
      assert.equal(must(newest)?.split('-').at(-1), second)
    })
  }
})
