import {AccessError, FailedError, PiError} from '../../domain/errors.ts'
import type {OpId} from '../../domain/names.ts'
import type {AssetPorts} from '../assets/ports.ts'
import {uploadAssets, type UploadAssetsResult} from '../assets/upload.ts'
import type {SideloadResult} from '../sideload/options.ts'
import {call} from '../sideload/call.ts'
import {sideload} from '../sideload/start.ts'
import type {DeployedAssets} from './options.ts'
import type {PartDeployer} from './part-deployer.ts'

/**
 * Says to the function which generation the platform runs on, so that arriving objects are loaded into that one.
 * @throws FailedError what the function refuses
 */
export async function activateGeneration(deployer: PartDeployer): Promise<void> {
  const {ports, operation} = deployer.context
  const generation = deployer.landscape.generations.files
  await deployer.step(
    {step: 'activate', title: `Files: generation ${generation} is active`, part: 'files'},
    async () => {
      const functionName = deployer.needed('SideloadFunctionName')
      await call({...ports, functionName, stop: operation.stop}, {operation: 'activate', generation})
      return {value: undefined, outcome: 'done'}
    },
  )
}

/**
 * Brings the configured folder into bucket and file system: an upload and a side-load, each with an operation of its
 * own under the deploy's, so that both can be taken up whatever ends them. What stands, stands whatever happens here.
 * @throws FailedError ASSETS_NOT_LOADED with what went wrong; PausedError, PendingError, LockedError LOCK_LOST
 */
export async function deployAssets(
  deployer: PartDeployer,
  folder: string,
  assetPorts: () => Promise<AssetPorts>,
): Promise<DeployedAssets> {
  const {ports, operation, options, run} = deployer.context
  const {environment, configuration} = options
  const {account} = configuration
  const own = {report: run.report, pause: operation.stop}
  try {
    const uploaded = await uploadAssets(
      {
        ...{environment, account, folder, dryRun: false, resume: undefined},
        ...{categories: [], prune: false, checksum: false, followSymlinks: false},
      },
      {...ports, ...(await assetPorts())},
      own,
    )
    if (uploaded.changed) await operation.journal.write('assets-upload', 'done', {result: trace(uploaded)})
    operation.checkpoint()
    const loaded = await sideload({environment, account, prune: false, wait: true, resume: undefined}, ports, own)
    requireLoaded(loaded)
    if (loaded.copied > 0) await operation.journal.write('side-load', 'done', {result: trace(loaded)})
    return summarise(deployer, folder, uploaded, loaded)
  } catch (error) {
    operation.checkpoint()
    if (error instanceof AccessError && error.code.startsWith('CREDENTIALS')) throw error
    throw notLoaded(environment, error)
  }
}

function trace({opId}: {readonly opId: string}): {readonly opId: OpId} {
  return {opId: opId as OpId}
}

function requireLoaded({failed, files, opId, environment}: SideloadResult): void {
  if (failed === 0) return
  const first = files.find(({result}) => result === 'failed')
  throw new FailedError(
    `${failed} of ${files.length} files failed, the first is ${JSON.stringify(first?.path)}: ${first?.reason ?? ''}`,
    {code: 'FILES_INCOMPLETE', suggestions: [`pi-aws sideload status ${opId} --environment ${environment}`]},
  )
}

/** The stacks are as they should be; only the assets are not. */
function notLoaded(environment: string, error: unknown): FailedError {
  const reason = error instanceof Error ? error.message : String(error)
  return new FailedError(`Environment ${environment} is deployed and works, but its assets are not loaded: ${reason}`, {
    code: 'ASSETS_NOT_LOADED',
    suggestions: [...(error instanceof PiError ? error.suggestions : []), `pi-aws deploy ${environment}`],
    cause: error,
  })
}

function summarise(
  deployer: PartDeployer,
  folder: string,
  uploaded: UploadAssetsResult,
  loaded: SideloadResult,
): DeployedAssets {
  return {
    folder,
    sent: uploaded.sent,
    copied: loaded.copied,
    skipped: loaded.skipped,
    files: uploaded.sent + uploaded.skipped,
    bundle: loaded.bundle,
    place: `${deployer.needed('FileSystemId')}:/gen/${loaded.generation}`,
  }
}
