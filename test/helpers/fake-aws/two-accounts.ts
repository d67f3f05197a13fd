import {AccessError, FailedError} from '../../../src/domain/errors.ts'
import type {AccountId} from '../../../src/domain/names.ts'
import type {Ports} from '../../../src/flows/ports.ts'
import type {Run} from '../../../src/flows/run.ts'
import {restoreInto} from '../../../src/flows/restore/into.ts'
import type {RestoreOptions, RestoreResult} from '../../../src/flows/restore/options.ts'
import {deploy} from '../../../src/flows/deploy/deploy.ts'
import type {DeployResult} from '../../../src/flows/deploy/options.ts'
import {collectGarbage} from '../../../src/flows/snapshot/gc.ts'
import {copySnapshot, type SnapshotCopyOptions, type SnapshotCopyResult} from '../../../src/flows/snapshot/copy.ts'
import {abortOperation} from '../../../src/flows/ops/abort.ts'
import {resume} from '../../../src/flows/ops/resume.ts'
import {parseOpId} from '../../../src/domain/names.ts'
import type {AwsAnswers, FakeProcess} from './fake-process.ts'
import {FakeFolder} from './fake-assets.ts'
import {inUse} from './in-use.ts'
import {account, nameOfSnapshot} from './laws.ts'
import {
  configured,
  demo,
  deployOptions,
  type Ended,
  must,
  restoreOptions,
  runFlow,
  type RunOptions,
} from './scenario.ts'
import {runSnapshot} from './scenario.ts'
import {runSideload, upload} from './sideloading.ts'
import {copyOptions, other} from './two-environments.ts'
import type {World} from './world.ts'

/** The account of the environment `other`; the rest of the world is of the first one. */
export const otherAccount = '444455556666' as AccountId
export const otherCaller = `arn:aws:sts::${otherAccount}:assumed-role/operator/ann`

type Methods = Record<string, (...args: never[]) => unknown>

function denied(what: string): AccessError {
  return new AccessError(`AWS denies ${what}.`, {code: 'ACCESS_DENIED'})
}

/** What a bucket call is about: it is named first, or in one of what is given. */
function bucketsOf(args: readonly unknown[]): readonly string[] {
  return args.flatMap((arg) => {
    if (typeof arg === 'string') return arg === args[0] ? [arg] : []
    return typeof arg === 'object' && arg !== null && 'bucket' in arg ? [String(arg.bucket)] : []
  })
}

/** What the first account's credentials, or the other one's, see of a world in which `other` is of another account. */
export function portsOf(world: World, process: FakeProcess, side: 'first' | 'other'): Ports {
  const isOther = side === 'other'
  const {state} = world
  const {aws} = world
  const isForeign = (name: string): boolean => name.includes('-other-') !== isOther
  const objects = Object.fromEntries(
    Object.entries(aws.objects as unknown as Methods).map(([name, method]) => [
      name,
      (...args: never[]) => {
        const wrong = bucketsOf(args).find(isForeign)
        if (wrong !== undefined && name !== 'url') throw denied(`s3:${name} on ${wrong}`)
        return method(...args)
      },
    ]),
  )
  const lent = (keyArn: string): boolean =>
    state.loans.some(
      (loan) =>
        loan.keyArn === keyArn && loan.to === otherCaller && world.clock.time >= loan.since + world.durations.loan,
    )
  const ofFirst = (keyArn: string): boolean => !keyArn.includes('/other-')
  const own: Partial<AwsAnswers> = {
    identity: {
      caller: () => (isOther ? {...world.caller, account: otherAccount, arn: otherCaller} : world.caller),
    },
    objects: objects as unknown as AwsAnswers['objects'],
    keys: {
      ...aws.keys,
      state(keyArn) {
        if (isOther && ofFirst(keyArn) && !lent(keyArn)) throw denied(`kms:DescribeKey on ${keyArn}`)
        return aws.keys.state(keyArn) ?? (ofFirst(keyArn) ? 'Enabled' : undefined)
      },
    },
    databases: {
      ...aws.databases,
      copySnapshot(arn, name, as) {
        if (isOther) {
          if (state.shares.get(nameOfSnapshot(arn))?.includes(otherAccount) !== true)
            throw new FailedError('AWS answered DBSnapshotNotFound', {code: 'AWS_DB_SNAPSHOT_NOT_FOUND'})
          if (!lent(`arn:aws:kms:eu-west-1:${account}:key/own`))
            throw new FailedError('AWS answered KMSKeyNotAccessibleFault', {code: 'AWS_KMSKEY_NOT_ACCESSIBLE'})
        }
        aws.databases.copySnapshot(arn, name, as)
      },
    },
    backups: {
      ...aws.backups,
      startCopy(request) {
        const refuses =
          world.across !== true || world.vaultPolicies.get(request.targetVaultArn.split(':').at(-1) ?? '') === undefined
        const job = aws.backups.startCopy(request)
        if (refuses)
          Object.assign(state.jobs.find(({id}) => id === job) ?? {}, {state: 'FAILED', reason: 'Access Denied'})
        return job
      },
    },
  }
  const wrapped = Object.entries(own).map(([name, port]) => [name, process.wrap(name, port as object)] as const)
  return {...process.ports, ...(Object.fromEntries(wrapped) as unknown as Partial<Ports>)}
}

/** Runs a flow with the ports of both accounts, as one process. */
export function runApart<T>(
  world: World,
  flow: (ports: {readonly source: Ports; readonly target: Ports}, run: Run) => Promise<T>,
  options: RunOptions = {},
): Promise<Ended<T>> {
  return runFlow(
    world,
    (_ports, run, process) =>
      flow({source: portsOf(world, process, 'first'), target: portsOf(world, process, 'other')}, run),
    options,
  )
}

/** `deploy` of the other environment. */
export function runDeployApart(world: World): Promise<Ended<DeployResult>> {
  const asked = deployOptions({environment: other, configuration: configured({account: otherAccount}, 'other')})
  return runApart(world, ({target}, run) => deploy(asked, target, run, () => Promise.reject(new RangeError('none'))))
}

/** The same as `two`, the other environment in an account of its own, whose vault takes what the first one sends. */
export async function twoAccounts(more: {readonly vaulted?: boolean} = {}): Promise<World> {
  const world = await inUse()
  must(await runDeployApart(world))
  await upload(world, new FakeFolder({'themes/a.css': 'red', 'themes/long.css': 'x'.repeat(2500)}))
  must(await runSideload(world))
  world.clock.pass(1000)
  must(await runSnapshot(world, more))
  world.clock.pass(1000)
  const principal = {AWS: `arn:aws:iam::${account}:root`}
  const statement = {Effect: 'Allow', Principal: principal, Action: 'backup:CopyIntoBackupVault', Resource: '*'}
  world.vaultPolicies.set('vault-other-1', JSON.stringify({Version: '2012-10-17', Statement: [statement]}))
  world.log = []
  return world
}

const apart = {
  ...copyOptions,
  account: account as string,
  target: {environment: other, account: otherAccount as string},
}

/** `snapshot copy` into the other account. */
export function runCopyApart(
  world: World,
  options: RunOptions = {},
  more: Partial<SnapshotCopyOptions> = {},
): Promise<Ended<SnapshotCopyResult>> {
  return runApart(world, (ports, run) => copySnapshot({...apart, ...more}, ports, run), options)
}

/** `restore run --into` the other account. */
export function runIntoApart(world: World, more: Partial<RestoreOptions> = {}): Promise<Ended<RestoreResult>> {
  const asked = {
    ...restoreOptions({safety: 'none'}),
    environment: other,
    account: otherAccount,
    confirm: 'other',
    ...more,
  }
  const from = {environment: demo, account: account as string}
  return runApart(world, (ports, run) => restoreInto(from, asked, ports, run))
}

/** `snapshot gc` of the other environment. */
export function runGcApart(world: World) {
  const asked = {environment: other, account: otherAccount as string, resume: undefined}
  return runApart(world, ({target}, run) => collectGarbage(asked, target, run))
}

/** `ops resume` or `ops abort` of an operation of the other environment. */
export function runHealApart(world: World, how: 'resume' | 'abort', opId: string): Promise<Ended<unknown>> {
  return runApart<unknown>(world, ({source, target}, run) => {
    const asked = {environment: other, opId: parseOpId(opId), cloudFormationRoleArn: undefined}
    const open = async (): Promise<{readonly account: string; readonly ports: Ports}> => ({account, ports: source})
    if (how === 'abort') return abortOperation({...asked, account: otherAccount}, target, run, open)
    const configuration = configured({account: otherAccount}, 'other')
    return resume(
      {...asked, configuration, placeholderSecrets: false, assetsFolder: undefined},
      target,
      run,
      () => Promise.reject(new RangeError('no assets here')),
      open,
    )
  })
}
