import * as z from 'zod'
import type {SilenceResult} from '../alarms/options.ts'
import {silenceAlarms} from '../alarms/silence.ts'
import {isCategory} from '../../domain/assets/paths.ts'
import {type EnvironmentConfiguration, serviceNames} from '../../domain/configuration.ts'
import {RefusedError} from '../../domain/errors.ts'
import {isUnfinished, operationState} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import {isPart} from '../../domain/parts.ts'
import {rotatable} from '../../domain/rotation.ts'
import {withTag} from '../../domain/upgrade.ts'
import type {AssetPorts} from '../assets/ports.ts'
import {uploadAssets, type UploadAssetsResult} from '../assets/upload.ts'
import {deploy} from '../deploy/deploy.ts'
import type {DeployResult} from '../deploy/options.ts'
import {destroy} from '../destroy/destroy.ts'
import type {DestroyResult} from '../destroy/options.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {Journal} from '../ledger/journal.ts'
import type {Ports} from '../ports.ts'
import {proveSnapshot} from '../restore/prove.ts'
import {type RestoreResumed, resumeRestore} from '../restore/resume.ts'
import type {RotateResult} from '../rotate/options.ts'
import {rotateSecret} from '../rotate/rotate.ts'
import type {Run} from '../run.ts'
import {changeService} from '../service/change.ts'
import type {ServiceChangeResult} from '../service/options.ts'
import type {SideloadResult} from '../sideload/options.ts'
import {sideload} from '../sideload/start.ts'
import {verify, type VerifyResult} from '../sideload/verify.ts'
import {createSnapshot} from '../snapshot/create.ts'
import type {SnapshotCreateResult} from '../snapshot/options.ts'
import type {SnapshotCopyResult} from '../snapshot/copy.ts'
import {copyAgain, type OpenOther, resumeCopy} from '../snapshot/resume-copy.ts'
import {resumeTidy, type TidyResult} from '../snapshot/resume-tidy.ts'
import type {SnapshotVerifyResult} from '../snapshot/verify.ts'

export interface ResumeOptions {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  readonly opId: OpId
  readonly cloudFormationRoleArn: string | undefined
  readonly placeholderSecrets: boolean
  /** Folder with assets of the configuration, which a deploy ends with. */
  readonly assetsFolder: string | undefined
}

export type ResumeResult =
  | {readonly kind: 'deploy'; readonly result: DeployResult}
  | {readonly kind: 'destroy'; readonly result: DestroyResult}
  | {readonly kind: 'upload'; readonly result: UploadAssetsResult}
  | {readonly kind: 'sideload'; readonly result: SideloadResult}
  | {readonly kind: 'verify'; readonly result: VerifyResult}
  | {readonly kind: 'snapshot'; readonly result: SnapshotCreateResult}
  | {readonly kind: 'copy'; readonly result: SnapshotCopyResult}
  | {readonly kind: 'tidy'; readonly result: TidyResult}
  | {readonly kind: 'prove'; readonly result: SnapshotVerifyResult}
  | {readonly kind: 'service'; readonly result: ServiceChangeResult}
  | {readonly kind: 'rotate'; readonly result: RotateResult}
  | {readonly kind: 'silence'; readonly result: SilenceResult}
  | RestoreResumed

const deployOptions = z.object({
  parts: z.array(z.string()).default([]),
  allowed: z.array(z.string()).default([]),
  continueRollback: z.boolean().default(false),
  skipResources: z.array(z.string()).default([]),
  skip: z.array(z.string()).default([]),
  upgrade: z.object({from: z.string(), to: z.string(), snapshot: z.string().optional()}).optional(),
})
const uploadOptions = z.object({
  folder: z.string(),
  categories: z.array(z.string()).default([]),
  prune: z.boolean().default(false),
  checksum: z.boolean().default(false),
  followSymlinks: z.boolean().default(false),
})
const sideloadOptions = z.object({prune: z.boolean().default(false)})
const verifyOptions = z.object({thorough: z.boolean().default(false)})
const snapshotOptions = z.object({
  consistency: z.enum(['strict', 'live']),
  note: z.string(),
  tags: z.array(z.string()),
  maxQuiesceMs: z.number(),
  vaulted: z.boolean().default(false),
})
const proveOptions = z.object({snapshot: z.string(), content: z.boolean()})
const serviceOptions = z.object({
  service: z.enum(serviceNames),
  action: z.discriminatedUnion('kind', [
    z.object({kind: z.literal('restart')}),
    z.object({kind: z.literal('scale'), count: z.number()}),
    z.object({kind: z.literal('abort')}),
  ]),
})
const rotateOptions = z.object({secret: z.enum(rotatable)})
const silenceOptions = z.object({alarms: z.array(z.string()), until: z.number().optional()})
const destroyOptions = z.object({withData: z.boolean().default(false)})

/**
 * Goes on with a journaled operation under its own id. It was confirmed when it was begun.
 * @param assetPorts what only assets need of this machine
 * @param other opens the environment that a copy comes from
 * @throws NotFoundError OPERATION_NOT_FOUND; RefusedError NOT_UNFINISHED, WRONG_ACCOUNT; what the operation throws
 */
export async function resume(
  options: ResumeOptions,
  ports: Ports,
  run: Run,
  assetPorts: () => Promise<AssetPorts>,
  other?: OpenOther,
): Promise<ResumeResult> {
  const {environment, opId} = options
  const caller = await ports.identity.caller()
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const journal = await Journal.read(ports, bucket, opId)
  const {account, region, kind} = journal.head
  if (account !== caller.account || region !== caller.region) {
    throw new RefusedError(
      `Operation ${opId} belongs to account ${account} in ${region}; these credentials are of ${caller.account} in ${caller.region}.`,
      {
        code: 'WRONG_ACCOUNT',
      },
    )
  }
  const state = operationState(journal.entries.map((entry) => entry.step))
  if (!isUnfinished(state)) {
    throw new RefusedError(`Operation ${opId} is ${state}: there is nothing to go on with.`, {
      code: 'NOT_UNFINISHED',
      suggestions: ['pi-aws ops list'],
    })
  }
  const {cloudFormationRoleArn, configuration, placeholderSecrets} = options
  if (kind === 'upload') {
    const asked = uploadOptions.parse(journal.head.options)
    const result = await uploadAssets(
      {
        ...asked,
        categories: asked.categories.filter(isCategory),
        environment,
        account: configuration.account,
        dryRun: false,
        resume: opId,
      },
      {...ports, ...(await assetPorts())},
      run,
    )
    return {kind, result}
  }
  const {account: ownAccount} = configuration
  if (kind === 'copy') {
    if (other === undefined) throw copyAgain(journal.head)
    return {kind, result: await resumeCopy(journal.head, {account: ownAccount, ports}, other, run)}
  }
  if (kind === 'sideload') {
    const {prune} = sideloadOptions.parse(journal.head.options)
    return {
      kind,
      result: await sideload({environment, account: ownAccount, prune, wait: true, resume: opId}, ports, run),
    }
  }
  if (kind === 'verify') {
    const {thorough} = verifyOptions.parse(journal.head.options)
    return {kind, result: await verify({environment, account: ownAccount, thorough, resume: opId}, ports, run)}
  }
  if (kind === 'snapshot') {
    const asked = snapshotOptions.parse(journal.head.options)
    const result = await createSnapshot(
      {...asked, environment, account: configuration.account, resume: opId},
      ports,
      run,
    )
    return {kind, result}
  }
  if (kind === 'tidy') {
    const tidied = {environment, account: configuration.account, resume: opId}
    return {kind, result: await resumeTidy(tidied, journal.head.options, ports, run)}
  }
  if (kind === 'prove') {
    const {snapshot, content} = proveOptions.parse(journal.head.options)
    const ref = {kind: 'prefix', text: snapshot} as const
    const asked = {environment, account: ownAccount, ref, content, cloudFormationRoleArn, resume: opId}
    return {kind, result: await proveSnapshot(asked, ports, run)}
  }
  if (kind === 'restore' || kind === 'undo' || kind === 'finalize') {
    const again = {environment, account: configuration.account, cloudFormationRoleArn, resume: opId}
    return resumeRestore(kind, journal.head.options, again, ports, run)
  }
  if (kind === 'service') {
    const asked = serviceOptions.parse(journal.head.options)
    const once = {...asked, environment, account: ownAccount, dryRun: false, wait: true, resume: opId}
    return {kind, result: await changeService(once, ports, run)}
  }
  if (kind === 'rotate') {
    const {secret} = rotateOptions.parse(journal.head.options)
    const once = {environment, account: ownAccount, secret, value: undefined, dryRun: false, confirmed: true}
    return {kind, result: await rotateSecret({...once, embedded: placeholderSecrets, resume: opId}, ports, run)}
  }
  if (kind === 'silence') {
    const {alarms, until} = silenceOptions.parse(journal.head.options)
    const again = {environment, account: ownAccount, alarms, until, dryRun: false, resume: opId}
    return {kind, result: await silenceAlarms(again, ports, run)}
  }
  if (kind === 'destroy') {
    const {withData} = destroyOptions.parse(journal.head.options)
    const result = await destroy(
      {
        environment,
        account: configuration.account,
        confirm: environment,
        confirmed: true,
        withData,
        confirmData: environment,
        mirror: configuration.images.mirror,
        cloudFormationRoleArn,
        resume: opId,
      },
      ports,
      run,
    )
    return {kind, result}
  }
  const {upgrade, skipResources, ...asked} = deployOptions.parse(journal.head.options)
  const result = await deploy(
    {
      ...asked,
      parts: asked.parts.filter(isPart),
      skipped: {resources: skipResources, confirm: undefined, confirmed: true},
      environment,
      // What an upgrade brings is what was confirmed, whatever the file says by now.
      configuration: upgrade === undefined ? configuration : withTag(configuration, upgrade.to),
      cloudFormationRoleArn,
      placeholderSecrets,
      secrets: {},
      createLinkedRoles: false,
      strict: false,
      wait: true,
      resume: opId,
      assetsFolder: options.assetsFolder,
      plan: undefined,
    },
    ports,
    run,
    assetPorts,
  )
  return {kind: 'deploy', result}
}
