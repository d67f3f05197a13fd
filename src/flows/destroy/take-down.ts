import {OperatorNeededError} from '../../domain/errors.ts'
import {partOf} from '../../domain/landscape.ts'
import {isTrialStack, type Part, trialStackPrefix} from '../../domain/parts.ts'
import {statusTable} from '../../domain/stack-status.ts'
import {type Landscape, mergedOutputs, stackOf} from '../landscape.ts'
import type {Operation} from '../ledger/operation.ts'
import type {StackDescription} from '../ports.ts'
import {takeFinalSnapshot} from './final-snapshot.ts'
import type {DestroyPorts} from './options.ts'
import type {StackRemover} from './stack-remover.ts'
import {waitForInterfaces} from './wait-interfaces.ts'

export interface TakeDown {
  readonly ports: DestroyPorts
  readonly operation: Operation
  readonly remover: StackRemover
  /** With no stack in progress. */
  readonly landscape: Landscape
  readonly bucket: string
  readonly withData: boolean
  /** Called once the services are at zero. */
  readonly servicesWentDown: () => void
}

/**
 * Saves the database, then removes every stack but those of the files and the foundation. What the network holds must
 * be gone before it: instances, mount targets, and the function's interfaces some time after the function.
 * @returns names of the stacks that are gone, and whether the file system lost its mount targets
 */
export async function takeDown(
  work: TakeDown,
): Promise<{readonly removed: readonly string[]; readonly filesDetached: boolean}> {
  const {ports, operation, remover, landscape} = work
  const quiet = await quiesce(work)
  if (quiet) await saveDatabase(work)
  const removed = [...(await removeAll(work, 'operations')), ...(await removeAll(work, 'app'))]
  if (!quiet) await saveDatabase(work)
  removed.push(...(await removeAll(work, 'database')), ...(await removeTrials(work)))
  const filesDetached = await detachFiles(work)
  const groups = Object.entries(mergedOutputs(landscape)).flatMap(([name, id]) =>
    name.endsWith('SecurityGroupId') ? [id] : [],
  )
  await remover.step('interfaces', 'Network interfaces', 'network', async () => {
    await waitForInterfaces(ports, groups, operation.stop)
    return 'none left'
  })
  removed.push(...(await removeAll(work, 'network')))
  return {removed, filesDetached}
}

/** True for a stack that an update can still change, if need be after its failed rollback was continued. */
function canChange(stack: StackDescription): boolean {
  const {deploy} = statusTable[stack.status]
  return deploy === 'update' || deploy === 'repair'
}

/**
 * Takes the services to zero.
 * @returns false where services may still write: then the app has to go before its database is saved
 */
async function quiesce({remover, landscape, servicesWentDown}: TakeDown): Promise<boolean> {
  const app = stackOf(landscape, 'app')
  if (app === undefined) return true
  if (!canChange(app)) return false
  await remover.change(app, 'app', {Quiesced: 'true', DeletionProtection: 'false'}, 'App: services to zero')
  servicesWentDown()
  return true
}

/** Not where data are to go, and not where no instance was ever made: what was retained before stays retained. */
async function saveDatabase({ports, operation, remover, landscape, bucket, withData}: TakeDown): Promise<void> {
  const database = stackOf(landscape, 'database')
  const identifier = database?.outputs['DatabaseIdentifier']
  if (withData || database === undefined || identifier === undefined) return
  if ((await ports.databases.instance(identifier)) === undefined) return
  await remover.step('final-snapshot', 'Database: final snapshot', 'database', async () => {
    const retained = await takeFinalSnapshot(ports, {
      environment: landscape.environment,
      opId: operation.opId,
      earlier: operation.takenUp.map((attempt) => attempt.opId),
      bucket,
      database,
      generations: landscape.generations,
      stop: operation.stop,
    })
    return retained.database.snapshotIdentifier
  })
}

/** Removes all stacks of a part: of the database every generation. */
async function removeAll({remover, landscape}: TakeDown, part: Part): Promise<readonly string[]> {
  const gone: string[] = []
  for (const stack of landscape.stacks) {
    if (partOf(landscape.environment, stack.name) !== part || statusTable[stack.status].destroy === 'nothing') continue
    if (part === 'database' && canChange(stack) && stack.parameters['DeletionProtection'] === 'true') {
      const off = {DeletionProtection: 'false', Active: 'false'}
      await remover.change(stack, 'database', off, `Database: protection of ${stack.name}`)
    }
    await remover.remove(stack, part)
    gone.push(stack.name)
  }
  return gone
}

/** Removes databases that a killed trial of a set left: the network goes only after them. */
async function removeTrials({ports, remover, landscape: {environment}}: TakeDown): Promise<readonly string[]> {
  const gone: string[] = []
  for (const stack of await ports.stacks.list(trialStackPrefix(environment))) {
    if (!isTrialStack(environment, stack.name) || statusTable[stack.status].destroy === 'nothing') continue
    await remover.remove(stack, 'database')
    gone.push(stack.name)
  }
  return gone
}

/**
 * Takes function and mount targets off the file system, which stays with its stack.
 * @returns true when nothing is mounted any more
 * @throws OperatorNeededError STACK_STUCK where the stack can neither be changed nor go
 */
async function detachFiles({remover, landscape, withData}: TakeDown): Promise<boolean> {
  const files = stackOf(landscape, 'files')
  if (files === undefined) return true
  const {deploy, meaning} = statusTable[files.status]
  if (canChange(files)) {
    if (files.parameters['Attached'] !== 'false')
      await remover.change(files, 'files', {Attached: 'false'}, 'Files: function and mount targets')
    if (!withData) await remover.guard(files)
    return true
  }
  if (withData) return false
  if (deploy === 'refuse') {
    throw new OperatorNeededError(
      `Stack ${files.name} is ${files.status}: ${meaning}. Its mount targets cannot be taken off, and without it the next deploy would not find the files.`,
      {
        code: 'STACK_STUCK',
        suggestions: ['Repair the stack in the CloudFormation console, then run the same command again'],
      },
    )
  }
  await remover.remove(files, 'files')
  return true
}
