import assert from 'node:assert/strict'
import {accountGuard} from '../../src/aws/account-guard.ts'
import {saying} from './sdk.ts'

const rows: readonly (readonly [
  string,
  readonly {accessKeyId: string; accountId?: string}[],
  'admitted' | 'refused',
  string[],
])[] = [
  ['the same keys', [{accessKeyId: 'A'}, {accessKeyId: 'A'}], 'admitted', []],
  ['new keys of the same account', [{accessKeyId: 'A1'}, {accessKeyId: 'A2'}], 'admitted', ['A1', 'A2']],
  ['new keys of another account', [{accessKeyId: 'A1'}, {accessKeyId: 'B1'}], 'refused', ['A1', 'B1']],
  [
    'keys that say their account themselves',
    [
      {accessKeyId: 'A1', accountId: 'A'},
      {accessKeyId: 'A2', accountId: 'A'},
    ],
    'admitted',
    [],
  ],
  [
    'keys that say another account',
    [
      {accessKeyId: 'A1', accountId: 'A'},
      {accessKeyId: 'A2', accountId: 'B'},
    ],
    'refused',
    [],
  ],
  [
    'another account after two renewals',
    [{accessKeyId: 'A1'}, {accessKeyId: 'A2'}, {accessKeyId: 'B1'}],
    'refused',
    ['A1', 'A2', 'B1'],
  ],
]

describe('the guard of renewed credentials', () => {
  for (const [what, sequence, verdict, questions] of rows) {
    it(`${verdict === 'admitted' ? 'admits' : 'refuses'} ${what}`, async () => {
      const asked: string[] = []
      const guard = accountGuard<{accessKeyId: string; accountId?: string}>((credentials) => {
        asked.push(credentials.accessKeyId)
        return Promise.resolve(credentials.accessKeyId.charAt(0))
      })
      for (const credentials of sequence.slice(0, -1)) await guard.admit(credentials)
      const last = guard.admit(sequence.at(-1)!)
      if (verdict === 'admitted') await last
      else await assert.rejects(last, saying('AccessError', 'CREDENTIALS_OF_ANOTHER_ACCOUNT'))
      assert.deepEqual(asked, questions)
    })
  }
})
