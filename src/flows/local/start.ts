import {FailedError, RefusedError, UsageError} from '../../domain/errors.ts'
import type {Region} from '../../domain/names.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {launch} from './launch.ts'
import {locked} from './lock.ts'
import {look, pollMs, type Seen, settled} from './look.ts'
import type {LocalChange, LocalMemory, LocalPorts} from './ports.ts'
import {preparePython} from './python.ts'
import {defaultLocalRegion, statusOf} from './status.ts'

/** The port that is taken first, since tools for embedded AWSs look there. */
export const usualPort = 4566
/** How often a port that was free is lost to another program before we give up. */
const portTries = 3
/** How long the remembered port is waited for, in milliseconds: a server that has just been killed keeps it for a moment. */
const freedMs = 3000

export interface StartOptions {
  /** Exactly this port, or a refusal; otherwise the remembered one, the usual one or any free one. */
  readonly port?: number
  /** 0 is instant (the default of a new server), 1 as slow as AWS. */
  readonly pace?: number
  readonly region?: Region
}

type Running = Extract<Seen, {readonly state: 'running'}>

function checkOptions({port, pace}: StartOptions): void {
  if (port !== undefined && !(Number.isInteger(port) && port >= 1024 && port <= 65_535)) {
    throw new UsageError(`Invalid port: ${port} is not a whole number from 1024 to 65535.`, {code: 'INVALID_PORT'})
  }
  if (pace !== undefined && !(pace >= 0 && pace <= 10)) {
    throw new UsageError(`Invalid pace: ${pace} is not a number from 0 (instant) to 10; 1 is as slow as AWS.`, {
      code: 'INVALID_PACE',
    })
  }
}

function portTaken(port: number): RefusedError {
  return new RefusedError(`Port ${port} is used by another program.`, {
    code: 'LOCAL_PORT_TAKEN',
    suggestions: ['pi-aws local start takes a free port by itself', 'Or name another one with --port'],
  })
}

/** What can be changed while it runs is its pace; another port or region needs a stop. */
async function meet(ports: LocalPorts, options: StartOptions, seen: Running, run: Run): Promise<LocalChange> {
  const status = statusOf(seen, ports.state.dir)
  const other =
    options.port !== undefined && options.port !== seen.port
      ? `on port ${seen.port}`
      : options.region !== undefined && options.region !== status.region
        ? `for region ${status.region}`
        : undefined
  if (other !== undefined) {
    throw new RefusedError(`The embedded AWS already runs ${other}.`, {
      code: 'LOCAL_ALREADY_RUNNING',
      suggestions: ['pi-aws local stop, then start it again'],
    })
  }
  const {version} = ports.packageFiles
  if (seen.record !== undefined && seen.record.version !== version) {
    const message = `The embedded AWS was started by pi-aws ${seen.record.version}, this is ${version}. Stop and start it to renew it.`
    run.report({type: 'warning', code: 'LOCAL_OTHER_VERSION', message})
  }
  if (options.pace === undefined || options.pace === seen.health.pace) return {...status, changed: false}
  await ports.server.setPace(seen.port, options.pace)
  return {...status, pace: options.pace, changed: true}
}

/**
 * Whether the port is free, or becomes so soon: its last holder may be going, or another start may be finding out the same.
 * A program that answers there is not waited for.
 */
async function isFreed({server, clock}: LocalPorts, port: number, run: Run): Promise<boolean> {
  const end = clock.now().getTime() + freedMs
  while (!(await server.isFree(port))) {
    const {kind} = await server.ask(port)
    if (kind === 'foreign' || kind === 'health' || clock.now().getTime() >= end) return false
    await clock.sleep(pollMs, run.pause)
  }
  return true
}

async function choosePort(
  ports: LocalPorts,
  asked: number | undefined,
  memory: LocalMemory,
  run: Run,
): Promise<number> {
  const {server} = ports
  if (asked !== undefined) {
    if (await isFreed(ports, asked, run)) return asked
    throw portTaken(asked)
  }
  for (const port of new Set([memory.port ?? usualPort, usualPort])) {
    if (await (port === memory.port ? isFreed(ports, port, run) : server.isFree(port))) return port
    run.report({type: 'note', message: `Port ${port} is used by another program; another one is taken.`})
  }
  return server.freePort()
}

async function startNew(ports: LocalPorts, options: StartOptions, python: string, run: Run): Promise<LocalChange> {
  const {clock, server, state} = ports
  const memory = await state.claim(ports.machine.randomHex(16))
  const {instanceId} = memory
  const region = options.region ?? memory.region ?? defaultLocalRegion
  const pace = options.pace ?? 0
  let port = await choosePort(ports, options.port, memory, run)
  for (let tries = 1; tries <= portTries; tries++) {
    // Both before the process exists: a start that dies here is found by the next one, through the remembered port.
    await state.forgetServer()
    await state.remember(port, region)
    const request = {python, port, stateDir: state.dir, region, instanceId, pace}
    const health = await launch(ports, request, run.pause)
    if (health !== undefined) {
      const startedAt = clock.now().toISOString()
      const record = {pid: health.pid, port, instanceId, region, startedAt, version: ports.packageFiles.version}
      await state.recordServer(record)
      return {...statusOf({state: 'running', memory, record, port, health}, state.dir), changed: true}
    }
    if (options.port !== undefined) throw portTaken(port)
    port = await server.freePort()
  }
  throw new FailedError(`No port could be kept: ${portTries} were taken by other programs.`, {
    code: 'LOCAL_START_FAILED',
  })
}

/**
 * Starts the embedded AWS, or finds it running. Any number of starts at once give one server.
 * @throws UsageError INVALID_PORT, INVALID_PACE; RefusedError LOCAL_PORT_TAKEN, LOCAL_ALREADY_RUNNING,
 * LOCAL_FOLDER_NOT_OURS; LockedError LOCAL_BUSY; FailedError LOCAL_START_FAILED, LOCAL_NOT_ANSWERING; CancelledError;
 * what preparePython throws
 */
export async function startLocal(ports: LocalPorts, options: StartOptions, run: Run): Promise<LocalChange> {
  checkOptions(options)
  const {port} = options
  const isTaken = async (): Promise<boolean> => port !== undefined && !(await isFreed(ports, port, run))
  let prepared: string | undefined
  if ((await look(ports)).state === 'absent') {
    // Before the lock, which nobody may hold as long as a download takes.
    if (!(await isTaken())) prepared = await preparePython(ports, run)
    // A start remembers its port before it uses it: on that one, somebody may have been a moment faster.
    else if (port !== undefined && (await ports.state.memory())?.port !== port) throw portTaken(port)
  }
  await ports.state.claim(ports.machine.randomHex(16))
  return locked(ports, run.pause, async () => {
    const seen = await settled(ports, run.pause)
    if (seen.state === 'running') return meet(ports, options, seen, run)
    if (port !== undefined && prepared === undefined && (await isTaken())) throw portTaken(port)
    const python = prepared ?? (await preparePython(ports, run))
    return reported(
      {clock: ports.clock, report: run.report},
      {step: 'local.start', title: 'Start the embedded AWS'},
      async () => {
        const value = await startNew(ports, options, python, run)
        return {value, outcome: 'done', detail: value.endpoint ?? ''}
      },
    )
  })
}
