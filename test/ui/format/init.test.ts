import assert from 'node:assert/strict'
import type {SecretStanding} from '../../../src/flows/init/secrets.ts'
import {secretLine} from '../../../src/ui/format/init.ts'

const now = new Date('2026-11-22T12:00:00Z')

describe('the line of a secret', () => {
  const table: readonly (readonly [SecretStanding, string])[] = [
    [{secret: 'licence', state: 'written'}, 'Licence: written to Secrets Manager.'],
    [
      {secret: 'registry', state: 'later'},
      'Credentials of the image registry: later, by deploy or by pi-aws registry login prod.',
    ],
    [
      {secret: 'licence', state: 'later', reason: 'It is denied.'},
      'Licence: later, by deploy or by pi-aws licence set prod: It is denied.',
    ],
    [{secret: 'licence', state: 'kept'}, 'Licence: in Secrets Manager; pi-aws secret rotate licence changes it.'],
    [
      {secret: 'licence', state: 'kept', changedAt: '2026-11-22T09:58:00Z'},
      'Licence: in Secrets Manager, changed 2h 02m ago; pi-aws secret rotate licence changes it.',
    ],
    [
      {secret: 'licence', state: 'kept', changedAt: '2026-08-22T09:58:00Z'},
      'Licence: in Secrets Manager, changed 92 days ago; pi-aws secret rotate licence changes it.',
    ],
  ]
  for (const [standing, line] of table) {
    it(`says ${line}`, () => assert.equal(secretLine(standing, 'prod', now), line))
  }
})
