import {leftQuiesced} from '../../domain/ledger.ts'
import {type SnapshotId, snapshotIdOf} from '../../domain/snapshots/id.ts'
import {manifestKey} from '../../domain/snapshots/keys.ts'
import type {Scribe} from '../ledger/once.ts'
import {reported} from '../steps.ts'
import type {SnapshotPorts} from './options.ts'
import {backupTries, reapChildren, removeRecords} from './reap.ts'
import {releaseLeft} from './release.ts'
import type {Site} from './site.ts'
import {TreeFunction} from './tree.ts'

/** The function for whole trees, under an operation. */
export function treeOf(ports: SnapshotPorts, {operation}: Scribe, site: Site): TreeFunction {
  return new TreeFunction(ports, site.functionName, {stop: operation.stop, between: () => operation.checkpoint()})
}

/**
 * Gives a set up that is not whole: services are released, then everything that belongs to it goes. A set that has its
 * manifest is whole, and stays.
 * @returns what was taken back, in words
 */
export async function abortSet(ports: SnapshotPorts, scribe: Scribe, site: Site): Promise<readonly string[]> {
  const {entries} = scribe.operation.journal
  const id: SnapshotId = snapshotIdOf(scribe.operation.opId)
  const undone: string[] = []
  if (leftQuiesced(entries)) {
    await releaseLeft(ports, scribe, site.cluster)
    undone.push('services released')
  }
  if ((await ports.objects.head(site.recordsBucket, manifestKey(id))) !== undefined) {
    return [...undone, `snapshot ${id} was whole already and stays`]
  }
  const step = {step: 'reap', title: `What snapshot ${id} left`}
  const {removed, kept} = await reported({clock: ports.clock, report: scribe.run.report}, step, async () => {
    const tree = treeOf(ports, scribe, site)
    await tree.wake()
    const reaping = {site, tree, stop: scribe.operation.stop, backups: backupTries(entries)}
    const value = await reapChildren(ports, id, reaping)
    // What the vault keeps must be found again once it does not.
    if (value.kept.length === 0) await removeRecords(ports.objects, site.recordsBucket, id)
    return {value, outcome: 'done'}
  })
  return [...undone, ...removed, ...kept]
}
