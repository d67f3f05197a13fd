import {LockedError} from '../../domain/errors.ts'
import {forgetChangeSets} from '../stack/forgotten-change-sets.ts'
import {repositoriesOf} from '../../domain/mirror.ts'
import {makeOpId} from '../../domain/names.ts'
import {requireAccount} from '../account.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {requireSameIdentity} from '../ledger/identity.ts'
import {beginOperation, type Operation} from '../ledger/operation.ts'
import type {CallerIdentity} from '../ports.ts'
import type {Run} from '../run.ts'
import {confirmAll} from './confirm-all.ts'
import {keptThings} from './kept.ts'
import type {DestroyOptions, DestroyPorts, DestroyResult, KeptThing} from './options.ts'
import {removeData, removeLastStack} from './remove-data.ts'
import {settledLandscape} from './settled-landscape.ts'
import {StackRemover} from './stack-remover.ts'
import {takeDown} from './take-down.ts'

/**
 * Takes an environment down and keeps its data: services to zero, a final database snapshot, then operations, app,
 * databases, the function and mount targets of the files, network. Foundation and file system stay; the next deploy
 * adopts them. With `withData` these go too.
 * @throws RefusedError NO_FOUNDATION, WRONG_ACCOUNT; UsageError for the confirmation; what stack removal throws
 */
export async function destroy(options: DestroyOptions, ports: DestroyPorts, run: Run): Promise<DestroyResult> {
  const caller = await ports.identity.caller()
  requireAccount(caller, options.environment, options.account)
  const seen = await readLandscape(ports, options.environment)
  const bucket = recordsBucketOf(seen)
  await requireSameIdentity(ports, {bucket, caller, landscape: seen})
  await confirmAll(options, ports.ask)
  const operation = await begin(options, ports, run, {caller, bucket})
  if (operation === undefined) {
    const opId = makeOpId('destroy', ports.clock.now(), ports.machine.randomHex(6))
    const request = {landscape: seen, token: `${opId}-rm`, roleArn: options.cloudFormationRoleArn}
    return resultOf(options, opId, await removeLastStack(ports, run, request), [])
  }
  const repositories = repositoriesOf(options.environment, options.mirror)
  const services = {down: false}
  try {
    const {cloudFormationRoleArn: roleArn, wait = true} = options
    const remover = new StackRemover({ports, run, operation, roleArn, wait})
    const landscape = await settledLandscape(ports, options.environment, operation.stop, run.report)
    await forgetChangeSets(ports.stacks, landscape, operation.takenUp)
    const {removed, filesDetached} = await takeDown({
      ports,
      operation,
      remover,
      landscape,
      bucket,
      withData: options.withData,
      servicesWentDown: () => {
        services.down = true
      },
    })
    if (options.withData) {
      const data = await removeData({
        ports,
        run,
        operation,
        remover,
        landscape,
        filesDetached,
        roleArn: options.cloudFormationRoleArn,
        repositories,
      })
      return resultOf(options, operation.opId, [...removed, ...data], [])
    }
    const kept = await keptThings(ports, landscape, repositories)
    await operation.commit({removed})
    return resultOf(options, operation.opId, removed, kept)
  } catch (error) {
    throw await operation.end(error, services.down)
  }
}

/** Takes the lock and opens the journal; undefined where an interrupted removal of everything took the ledger already. */
async function begin(
  options: DestroyOptions,
  ports: DestroyPorts,
  run: Run,
  known: {readonly caller: CallerIdentity; readonly bucket: string},
): Promise<Operation | undefined> {
  const {environment, withData, resume} = options
  try {
    const request = {kind: 'destroy', environment, ...known, options: {withData}} as const
    return await beginOperation(ports, resume === undefined ? request : {...request, resume}, run)
  } catch (error) {
    if (withData && error instanceof LockedError && error.code === 'LEDGER_GONE') return undefined
    throw error
  }
}

function resultOf(
  {environment}: DestroyOptions,
  opId: string,
  removed: readonly string[],
  kept: readonly KeptThing[],
): DestroyResult {
  return {environment, opId, removed, kept: kept.map((thing) => thing.id), keptDetails: kept}
}
