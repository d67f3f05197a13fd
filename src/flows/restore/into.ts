import {UsageError} from '../../domain/errors.ts'
import {isAlone} from '../../domain/snapshots/pair.ts'
import {requireName} from '../confirm.ts'
import type {Run} from '../run.ts'
import {copySnapshot, type SnapshotCopyOptions} from '../snapshot/copy.ts'
import type {RestoreOptions, RestorePorts, RestoreResult} from './options.ts'
import {restore} from './run.ts'

/**
 * Brings a set of one environment into another one: first a copy of it under that environment's own key, also inside
 * one account, or from another one, then a restore of the copy with everything that belongs to a restore. Each is an operation of its own; a
 * copy that is there already is not made again.
 * @param from where the set is
 * @throws UsageError SCOPE_STAYS, VAULTED_STAYS, SAME_ENVIRONMENT; as `copySnapshot` and `restore`
 */
export async function restoreInto(
  from: Pick<SnapshotCopyOptions, 'environment' | 'account'>,
  options: RestoreOptions,
  ports: {readonly source: RestorePorts; readonly target: RestorePorts},
  run: Run,
): Promise<RestoreResult> {
  const {environment, account, ref, only} = options
  if (isAlone(only, 'configuration')) {
    throw new UsageError(`The configuration of ${from.environment} stays there: names and networks are its own.`, {
      code: 'SCOPE_STAYS',
      suggestions: ['Bring the values into pi-aws.yaml, then deploy'],
    })
  }
  if (options.vaulted) {
    throw new UsageError(
      `Snapshots come out of the vault of their own environment: a copy for ${environment} does not.`,
      {
        code: 'VAULTED_STAYS',
        suggestions: ['Leave --vaulted out: the copy is made under the other key'],
      },
    )
  }
  // Asked before hours of copying, not after them.
  if (!options.confirmed) {
    await requireName(ports.target.ask, environment, options.confirm, {
      flag: '--confirm',
      question: `This brings ${environment} to a snapshot of ${from.environment}; users of ${environment} are locked out for some minutes.`,
    })
  }
  const {id} = await copySnapshot({...from, ref, target: {environment, account}}, ports, run)
  return restore({...options, ref: {kind: 'prefix', text: id}, confirmed: true}, ports.target, run)
}
