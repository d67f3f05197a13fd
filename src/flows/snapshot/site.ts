import {RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {statusTable} from '../../domain/stack-status.ts'
import {requireAccount} from '../account.ts'
import {type Landscape, mergedOutputs, neededOutput, readLandscape, recordsBucketOf, stackOf} from '../landscape.ts'
import {requireSameIdentity} from '../ledger/identity.ts'
import type {CallerIdentity, Ports, StackDescription} from '../ports.ts'

/** An environment as snapshots and restores see it: everything that they name, looked up once. */
export interface Site {
  readonly environment: EnvironmentName
  readonly caller: CallerIdentity
  readonly landscape: Landscape
  readonly outputs: Readonly<Record<string, string>>
  readonly app: StackDescription
  readonly database: StackDescription
  readonly recordsBucket: string
  readonly assetsBucket: string
  readonly vault: string
  readonly backupRoleArn: string
  readonly keyArn: string
  readonly cluster: string
  readonly functionName: string
  readonly fileSystemId: string
  readonly fileSystemArn: string
  readonly instance: string
}

/** A failed rollback can be continued, and what stands in it can be pointed elsewhere. */
function stands(stack: StackDescription | undefined): stack is StackDescription {
  if (stack === undefined) return false
  const {deploy} = statusTable[stack.status]
  return deploy === 'update' || deploy === 'repair'
}

/** Whoever changes them now is to be waited for, or gone on with: a deploy would be the wrong advice. */
function requireSettled(environment: EnvironmentName, stacks: readonly (StackDescription | undefined)[]): void {
  const busy = stacks.flatMap((stack) =>
    stack !== undefined && statusTable[stack.status].deploy === 'wait' ? [`${stack.name} is ${stack.status}`] : [],
  )
  if (busy.length === 0) return
  throw new RefusedError(`Environment ${environment} is being changed: ${busy.join(', ')}. Nothing was changed.`, {
    code: 'NOT_DEPLOYED',
    suggestions: [`pi-aws ops wait ${environment}`, `pi-aws status ${environment}`],
  })
}

type SitePorts = Pick<Ports, 'identity' | 'stacks' | 'objects' | 'databases'>

/** Looks an environment up again, as its caller sees it. @throws RefusedError NOT_DEPLOYED */
export async function readSite(
  ports: Pick<Ports, 'stacks' | 'objects'>,
  environment: EnvironmentName,
  caller: CallerIdentity,
): Promise<Site> {
  const landscape = await readLandscape(ports, environment)
  const recordsBucket = recordsBucketOf(landscape)
  const [app, database, files] = [
    stackOf(landscape, 'app'),
    stackOf(landscape, 'database'),
    stackOf(landscape, 'files'),
  ]
  if (!stands(app) || !stands(database) || !stands(files)) {
    requireSettled(environment, [app, database, files])
    const missing = [
      ...(stands(app) ? [] : ['app']),
      ...(stands(database) ? [] : ['database']),
      ...(stands(files) ? [] : ['files']),
    ]
    throw new RefusedError(
      `Environment ${environment} is not whole: ${missing.join(', ')} does not stand, so there is nothing to save or to restore beside. Nothing was changed.`,
      {code: 'NOT_DEPLOYED', suggestions: [`pi-aws status ${environment}`, `pi-aws deploy ${environment}`]},
    )
  }
  const outputs = mergedOutputs(landscape)
  const needed = (name: string): string => neededOutput(outputs, name)
  return {
    environment,
    caller,
    landscape,
    outputs,
    app,
    database,
    recordsBucket,
    assetsBucket: needed('AssetsBucket'),
    vault: needed('BackupVaultName'),
    backupRoleArn: needed('BackupRoleArn'),
    keyArn: needed('KeyArn'),
    cluster: needed('ClusterName'),
    functionName: needed('SideloadFunctionName'),
    fileSystemId: needed('FileSystemId'),
    fileSystemArn: needed('FileSystemArn'),
    instance: needed('DatabaseIdentifier'),
  }
}

/**
 * Looks an environment up before anything is begun, and makes sure that it is the one that was meant.
 * @throws RefusedError WRONG_ACCOUNT, NO_FOUNDATION, IDENTITY_CHANGED, NOT_DEPLOYED
 */
export async function siteOf(
  ports: SitePorts,
  environment: EnvironmentName,
  account: string | undefined,
): Promise<Site> {
  const caller = await ports.identity.caller()
  requireAccount(caller, environment, account)
  const site = await readSite(ports, environment, caller)
  await requireSameIdentity(ports, {bucket: site.recordsBucket, caller, landscape: site.landscape})
  return site
}
