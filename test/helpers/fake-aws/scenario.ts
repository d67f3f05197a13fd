import {configurationSchema, type EnvironmentConfiguration} from '../../../src/domain/configuration.ts'
import {PausedError, PiError} from '../../../src/domain/errors.ts'
import type {EnvironmentName} from '../../../src/domain/names.ts'
import {deploy} from '../../../src/flows/deploy/deploy.ts'
import type {DeployOptions, DeployResult} from '../../../src/flows/deploy/options.ts'
import {destroy} from '../../../src/flows/destroy/destroy.ts'
import type {DestroyOptions, DestroyResult} from '../../../src/flows/destroy/options.ts'
import type {FlowEvent} from '../../../src/flows/events.ts'
import type {Ports} from '../../../src/flows/ports.ts'
import type {Run} from '../../../src/flows/run.ts'
import type {FakeFolder} from './fake-assets.ts'
import {finalizeRestore, type FinalizeOptions} from '../../../src/flows/restore/finalize.ts'
import type {RestoreOptions, RestoreResult} from '../../../src/flows/restore/options.ts'
import {type ProveOptions, proveSnapshot} from '../../../src/flows/restore/prove.ts'
import {restore} from '../../../src/flows/restore/run.ts'
import {undoRestore, type UndoOptions} from '../../../src/flows/restore/undo.ts'
import {createSnapshot} from '../../../src/flows/snapshot/create.ts'
import type {SnapshotVerifyResult} from '../../../src/flows/snapshot/verify.ts'
import {collectGarbage, type SnapshotGcResult} from '../../../src/flows/snapshot/gc.ts'
import type {SnapshotCreateOptions, SnapshotCreateResult} from '../../../src/flows/snapshot/options.ts'
import type {FakeProcess, OwnCall, ProcessOptions} from './fake-process.ts'
import {World} from './world.ts'

export const demo = 'demo' as EnvironmentName

/** An environment of pi-aws.yaml as a user would write it, read by the real schema. */
export function configured(more: Record<string, unknown> = {}, name = 'demo'): EnvironmentConfiguration {
  const environment = {region: 'eu-west-1', domain: {httpOnly: true}, ...more}
  const {environments} = configurationSchema.parse({version: 1, environments: {[name]: environment}})
  return environments[name] as EnvironmentConfiguration
}

export function deployOptions(more: Partial<DeployOptions> = {}): DeployOptions {
  return {
    environment: demo,
    configuration: configured(),
    parts: [],
    wait: true,
    continueRollback: false,
    allowed: [],
    cloudFormationRoleArn: undefined,
    secrets: {licence: 'LICENCE-1', registry: {username: 'robot', password: 'token'}},
    placeholderSecrets: false,
    assetsFolder: undefined,
    createLinkedRoles: false,
    skip: [],
    strict: false,
    resume: undefined,
    plan: undefined,
    ...more,
  }
}

export function destroyOptions(more: Partial<DestroyOptions> = {}): DestroyOptions {
  return {
    environment: demo,
    confirm: 'demo',
    account: undefined,
    confirmed: false,
    withData: false,
    confirmData: undefined,
    mirror: undefined,
    cloudFormationRoleArn: undefined,
    resume: undefined,
    ...more,
  }
}

/** How a run of the command line ended. */
export interface Ended<T> {
  readonly value: T | undefined
  readonly error: unknown
  readonly code: string | undefined
  /** As the shell sees it; -1 for what is no error of ours. */
  readonly exitCode: number
  readonly message: string
  readonly events: readonly FlowEvent[]
  readonly process: FakeProcess
}

/** What a run may be given besides its options. */
export interface RunOptions extends Partial<ProcessOptions> {
  readonly pause?: AbortController
  readonly ask?: Partial<FakeProcess['ask']>
}

/** Runs a flow as a process of its own. */
export async function runFlow<T>(
  world: World,
  flow: (ports: Ports, run: Run, process: FakeProcess) => Promise<T>,
  options: RunOptions = {},
): Promise<Ended<T>> {
  const {pause = new AbortController(), ask = {}, ...more} = options
  const process = world.process(more)
  process.ask = {...process.ask, ...ask}
  const events: FlowEvent[] = []
  const run: Run = {report: (event) => void events.push(event), pause: pause.signal}
  try {
    const value = await flow(process.ports, run, process)
    return {value, error: undefined, code: undefined, exitCode: 0, message: '', events, process}
  } catch (error) {
    const ours = error instanceof PiError ? error : undefined
    const message = error instanceof Error ? error.message : String(error)
    return {value: undefined, error, code: ours?.code, exitCode: ours?.exitCode ?? -1, message, events, process}
  } finally {
    process.leave()
  }
}

const noAssets = () => Promise.reject(new RangeError('no assets here'))

export function runDeploy(
  world: World,
  more: Partial<DeployOptions> = {},
  options: RunOptions = {},
): Promise<Ended<DeployResult>> {
  return runFlow(world, (ports, run) => deploy(deployOptions(more), ports, run, noAssets), options)
}

/** A deploy that ends with a folder of assets. */
export function runDeployWith(
  folder: FakeFolder,
  world: World,
  more: Partial<DeployOptions> = {},
  options: RunOptions = {},
): Promise<Ended<DeployResult>> {
  const asked = deployOptions({assetsFolder: '/assets', ...more})
  return runFlow(
    world,
    (ports, run, process) => deploy(asked, ports, run, async () => folder.ports(world, process)),
    options,
  )
}

export function runDestroy(
  world: World,
  more: Partial<DestroyOptions> = {},
  options: RunOptions = {},
): Promise<Ended<DestroyResult>> {
  return runFlow(world, (ports, run) => destroy(destroyOptions(more), ports, run), options)
}

export function snapshotOptions(more: Partial<SnapshotCreateOptions> = {}): SnapshotCreateOptions {
  return {
    environment: demo,
    account: undefined,
    consistency: 'strict',
    note: '',
    tags: [],
    maxQuiesceMs: 900_000,
    vaulted: false,
    resume: undefined,
    ...more,
  }
}

export function runSnapshot(
  world: World,
  more: Partial<SnapshotCreateOptions> = {},
  options: RunOptions = {},
): Promise<Ended<SnapshotCreateResult>> {
  return runFlow(world, (ports, run) => createSnapshot(snapshotOptions(more), ports, run), options)
}

export function runGc(world: World, options: RunOptions = {}, environment = demo): Promise<Ended<SnapshotGcResult>> {
  const asked = {environment, account: undefined, resume: undefined}
  return runFlow(world, (ports, run) => collectGarbage(asked, ports, run), options)
}

export function restoreOptions(more: Partial<RestoreOptions> = {}): RestoreOptions {
  return {
    environment: demo,
    account: undefined,
    ref: {kind: 'latest'},
    only: [],
    vaulted: false,
    safety: 'strict',
    maxQuiesceMs: 4 * 3_600_000,
    confirm: 'demo',
    confirmed: false,
    plan: undefined,
    cloudFormationRoleArn: undefined,
    resume: undefined,
    ...more,
  }
}

export function runRestore(
  world: World,
  more: Partial<RestoreOptions> = {},
  options: RunOptions = {},
): Promise<Ended<RestoreResult>> {
  return runFlow(world, (ports, run) => restore(restoreOptions(more), ports, run), options)
}

export function runProof(
  world: World,
  more: Partial<ProveOptions> = {},
  options: RunOptions = {},
): Promise<Ended<SnapshotVerifyResult>> {
  const asked = {
    environment: demo,
    account: undefined,
    ref: {kind: 'latest'},
    content: false,
    cloudFormationRoleArn: undefined,
    resume: undefined,
    ...more,
  } as const
  return runFlow(world, (ports, run) => proveSnapshot(asked, ports, run), options)
}

export function runUndo(world: World, more: Partial<UndoOptions> = {}, options: RunOptions = {}) {
  const asked = {
    environment: demo,
    account: undefined,
    restore: undefined,
    confirmed: true,
    cloudFormationRoleArn: undefined,
    resume: undefined,
    ...more,
  }
  return runFlow(world, (ports, run) => undoRestore(asked, ports, run), options)
}

export function runFinalize(world: World, more: Partial<FinalizeOptions> = {}, options: RunOptions = {}) {
  const asked = {
    environment: demo,
    account: undefined,
    now: true,
    confirm: 'demo',
    confirmed: false,
    cloudFormationRoleArn: undefined,
    resume: undefined,
    ...more,
  }
  return runFlow(world, (ports, run) => finalizeRestore(asked, ports, run), options)
}

/** Fails a test with the whole error when a run did not end well. */
export function must<T>(ended: Ended<T>): T {
  if (ended.error !== undefined) throw ended.error as Error
  return ended.value as T
}

/** A world in which `demo` was deployed and nothing has been called since. */
export async function deployed(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  world.log = []
  return world
}

type OnCall = NonNullable<ProcessOptions['onCall']>

/** An `onCall` that does something just before the calls of one kind. */
export function atCall(call: string | ((call: OwnCall) => boolean), act: (call: OwnCall) => unknown): OnCall {
  return (made) => {
    if (typeof call === 'string' ? made.name === call : call(made)) act(made)
  }
}

/** True for the execution of a step's change set. */
export function executes(step: string): (call: OwnCall) => boolean {
  return ({name, args}) => name === 'stacks.executeChangeSet' && String(args[0]).includes(`-${step}/`)
}

/** What Ctrl-C gives as its reason. */
export function ctrlC(pause: AbortController): void {
  pause.abort(new PausedError('Paused: you asked to stop.', {code: 'PAUSED'}))
}

/** True for calls of one kind. */
export function isCall(wanted: string): (call: OwnCall) => boolean {
  return ({name}) => name === wanted
}

/** The death just behind the execution of a step's change set. */
export function deathAt(step: string): Pick<ProcessOptions, 'killAt'> {
  return {killAt: {call: executes(step), when: 'after'}}
}
