import assert from 'node:assert/strict'
import fc from 'fast-check'
import {admission, admitting} from '../../../src/domain/snapshots/vault-policy.ts'

const account = '111122223333'
const root = `arn:aws:iam::${account}:root`
const allow = {Effect: 'Allow', Principal: {AWS: root}, Action: 'backup:CopyIntoBackupVault', Resource: '*'}
const policy = (...statements: object[]): string => JSON.stringify({Version: '2012-10-17', Statement: statements})

describe('the policy of a vault that another account copies into', () => {
  const rows: [string, string | undefined, ReturnType<typeof admission>][] = [
    ['that is none admits nobody', undefined, 'no'],
    ['without statements admits nobody', policy(), 'no'],
    ['with the allowance admits', policy(allow), 'yes'],
    ['may be one statement alone', JSON.stringify({Statement: allow}), 'yes'],
    ['may name the account by its digits', policy({...allow, Principal: {AWS: [account]}}), 'yes'],
    ['may name everybody', policy({...allow, Principal: '*'}), 'yes'],
    ['may allow by a pattern', policy({...allow, Action: ['ec2:*', 'backup:Copy*']}), 'yes'],
    ['may have a single sign in a pattern', policy({...allow, Action: 'backup:CopyInto?ackupVault'}), 'yes'],
    ['of another action admits nobody', policy({...allow, Action: 'backup:StartBackupJob'}), 'no'],
    ['without an action admits nobody', policy({Effect: 'Allow', Principal: '*'}), 'no'],
    ['of another account admits nobody', policy({...allow, Principal: {AWS: 'arn:aws:iam::444455556666:root'}}), 'no'],
    ['of services admits nobody', policy({...allow, Principal: {Service: 'backup.amazonaws.com'}}), 'no'],
    ['without a principal admits nobody', policy({Effect: 'Allow', Action: '*'}), 'no'],
    ['that also denies admits nobody', policy(allow, {...allow, Effect: 'Deny'}), 'no'],
    ['that denies on a condition is unclear', policy(allow, {...allow, Effect: 'Deny', Condition: {}}), 'unclear'],
    ['that allows on a condition is unclear', policy({...allow, Condition: {StringEquals: {}}}), 'unclear'],
    ['that cannot be read is unclear', 'no JSON', 'unclear'],
  ]
  for (const [what, text, wanted] of rows)
    it(what, () => {
      assert.equal(admission(text, account), wanted)
    })

  it('gets the allowance without losing what it says, whatever that is', () => {
    const statement = fc.record(
      {Effect: fc.constant('Allow'), Sid: fc.string(), Action: fc.constant('backup:List*')},
      {noNullPrototype: true},
    )
    fc.assert(
      fc.property(fc.array(statement, {maxLength: 3}), (statements) => {
        const better = admitting(policy(...statements), {account, partition: 'aws'})
        assert.equal(admission(better, account), 'yes')
        assert.deepEqual((JSON.parse(better) as {Statement: object[]}).Statement.slice(0, -1), statements)
      }),
    )
    for (const before of [undefined, 'no JSON', '{}', JSON.stringify({Statement: allow})])
      assert.equal(admission(admitting(before, {account, partition: 'aws'}), account), 'yes')
  })
})
