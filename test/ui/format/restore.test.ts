import assert from 'node:assert/strict'
import {schemaVersion} from '../../../src/cli/output.ts'
import {showRestorePlan} from '../../../src/flows/restore/plan.ts'
import {type Layout, loadLayout} from '../../../src/ui/format/layout.ts'
import {formatRestore, formatRestorePlan} from '../../../src/ui/format/restore.ts'
import {formatSnapshotVerify} from '../../../src/ui/format/snapshot.ts'
import {displayWidth} from '../../../src/ui/format/width.ts'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {demo, must, runFlow, runProof, runRestore, runSnapshot} from '../../helpers/fake-aws/scenario.ts'
import type {World} from '../../helpers/fake-aws/world.ts'
import {matchesGolden} from '../../helpers/golden.ts'

/** What flows on the fakes came to. */
async function results() {
  const world = await inUse()
  must(await runSnapshot(world, {note: 'before the release', tags: ['nightly']}))
  world.clock.pass(3_600_000)
  const proof = must(await runProof(world))
  world.clock.pass(60_000)
  const failed = must(await runProof(spoiled(world.copy())))
  const asked = {
    environment: demo,
    account: undefined,
    ref: {kind: 'latest'},
    only: [],
    safety: 'strict',
    vaulted: false,
  } as const
  const planned = world.copy()
  const plan = must(await runFlow(planned, (ports) => showRestorePlan(asked, ports)))
  const stuck = spoiled(world.copy())
  stuck.keyState = 'Disabled'
  const refused = must(await runFlow(stuck, (ports) => showRestorePlan(asked, ports)))
  const restore = must(await runRestore(world))
  world.clock.pass(1000)
  const again = must(await runFlow(world, (ports) => showRestorePlan(asked, ports)))
  return {proof, failed, plan, refused, restore, again}
}

/** The database snapshots of a world hold another set's rows by now. */
function spoiled(world: World): World {
  for (const [name, snapshot] of world.state.snapshots)
    world.state.snapshots.set(name, {...snapshot, canary: 'another'})
  return world
}

/** Ids, times and hashes of the same length that are the same however many looks a flow takes. */
function steady(text: string): string {
  return text
    .replaceAll(/\b20\d{6}([tT])\d{6}([zZ])-((?:[a-z]+-)?)[0-9a-f]{6}\b/g, '20260102$1030405$2-$3abcdef')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '2026-01-02T03:04:05.000Z')
    .replaceAll(/(its hash is )[0-9a-f]{12}/g, '$10123456789ab')
    .replaceAll(/"[0-9a-f]{64}"/g, `"${'0'.repeat(64)}"`)
    .replaceAll(/("(?:(?:restore|down|lost)Ms|ms)": )\d+/g, '$15000')
    .replaceAll(/\b\d+\.\ds\b/g, '5.0s')
    .replaceAll(/\b\dh \d\dm\b/g, '1h 01m')
}

describe('pages on proofs and restores', () => {
  let of: Awaited<ReturnType<typeof results>>
  let layout: Layout
  before(async () => {
    of = await results()
    layout = await loadLayout({isTTY: true, color: false, unicode: true, width: 80, height: 24}, ' --local')
  })

  const pages: Readonly<Record<string, () => readonly [object, string]>> = {
    proof: () => [of.proof, formatSnapshotVerify(of.proof, layout)],
    'proof-failed': () => [of.failed, formatSnapshotVerify(of.failed, layout)],
    'restore-plan': () => [of.plan, formatRestorePlan(of.plan, layout)],
    'restore-plan-again': () => [of.again, formatRestorePlan(of.again, layout)],
    'restore-plan-refused': () => [of.refused, formatRestorePlan(of.refused, layout)],
    restore: () => [of.restore, formatRestore(of.restore, layout)],
  }

  for (const [name, page] of Object.entries(pages)) {
    it(`${name.replaceAll('-', ' ')}, on a terminal of 80 columns and as JSON`, () => {
      const [result, text] = page()
      for (const line of text.split('\n')) {
        // Reasons and steps are whole, however long: a terminal breaks them.
        if (!line.startsWith('  •')) assert.ok(displayWidth(line) <= 80, line)
      }
      matchesGolden(`ui/${name}-80.txt`, steady(text))
      matchesGolden(`ui/${name}.json`, steady(`${JSON.stringify({schemaVersion, ...result}, null, 2)}\n`))
    })
  }

  it('are what really happened', () => {
    assert.deepEqual([of.proof.good, of.failed.good], [true, false])
    assert.deepEqual([of.plan.possible, of.refused.possible], [true, false])
    assert.deepEqual(of.restore.generations, {database: {from: 1, to: 2}, files: {from: 1, to: 2}})
  })
})
