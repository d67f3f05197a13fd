import assert from 'node:assert/strict'
import {type EnvironmentIdentity, identityDifferences, identityKey} from '../../src/domain/identity.ts'
import {demo} from './samples.ts'

const pinned: EnvironmentIdentity = {
  schemaVersion: 1,
  environment: 'demo',
  account: '111122223333',
  region: 'eu-west-1',
  foundationId: 'stack/1',
  fileSystemId: 'fs-1',
  database: {generation: 1, resourceId: 'db-1'},
}

describe('the identity of an environment', () => {
  const cases: readonly (readonly [what: string, found: Partial<EnvironmentIdentity>, says: readonly string[]])[] = [
    ['is the same when nothing differs', {}, []],
    ['differs by account', {account: '999999999999'}, ['account was 111122223333 and is 999999999999']],
    ['differs by region', {region: 'us-east-1'}, ['region was eu-west-1 and is us-east-1']],
    ['differs by its foundation', {foundationId: 'stack/2'}, ['stack of the foundation was stack/1 and is stack/2']],
    ['differs by its file system', {fileSystemId: 'fs-2'}, ['file system was fs-1 and is fs-2']],
    [
      'differs by the instance of one generation',
      {database: {generation: 1, resourceId: 'db-2'}},
      ['database instance was db-1 and is db-2'],
    ],
    ['is the same with another generation of the database', {database: {generation: 2, resourceId: 'db-2'}}, []],
    ['is the same while the database is away', {database: undefined}, []],
    ['is the same while the file system is away', {fileSystemId: undefined}, []],
  ]
  for (const [what, found, says] of cases) {
    it(what, () => assert.deepEqual(identityDifferences(pinned, {...pinned, ...found}), says))
  }

  it('lies beside the ledger', () => assert.equal(identityKey(demo), 'identity/demo.json'))
})
