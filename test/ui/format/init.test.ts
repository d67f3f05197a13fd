import assert from 'node:assert/strict'
import type {SecretStanding} from '../../../src/flows/init/secrets.ts'
import {formatInit, secretLine} from '../../../src/ui/format/init.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'

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

describe('the page of init', () => {
  const page = async (dryRun: boolean) =>
    formatInit({asked: false, dryRun}, now)(
      {
        path: 'pi-aws.yaml',
        environment: 'prod',
        region: 'eu-west-1',
        changed: !dryRun,
        created: true,
        effect: '190 resources',
        command: 'pi-aws init prod --yes',
      },
      await loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24}),
    )

  it('names what comes next once the file has the environment', async () =>
    assert.match(await page(false), /^prod in pi-aws\.yaml added\n[^]*pi-aws deploy prod\n$/))

  it('of a dry run says that nothing was written, and proposes nothing that needs it', async () => {
    assert.match(await page(true), /^prod in pi-aws\.yaml not written\n/)
    assert.doesNotMatch(await page(true), /Next steps/)
  })
})
