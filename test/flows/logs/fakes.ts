import {logServices} from '../../../src/domain/logs/services.ts'
import type {LogLine} from '../../../src/domain/logs/line.ts'
import {linesOf} from '../../../src/domain/logs/traces.ts'
import {CancelledError} from '../../../src/domain/errors.ts'
import {logs} from '../../../src/flows/logs/logs.ts'
import type {LogsOptions, LogsResult} from '../../../src/flows/logs/options.ts'
import {demo, type Ended, must, runDeploy, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {stackNamed} from '../../helpers/fake-aws/traces.ts'

/** A deployed environment whose services have these log groups. */
export async function deployed(services: readonly string[] = ['dashboard', 'renderer']): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  world.clock.pass(86_400_000)
  for (const stack of world.state.stacks) {
    stack.outputs = Object.fromEntries(Object.entries(stack.outputs).filter(([key]) => !key.endsWith('LogGroup')))
  }
  const {outputs} = stackNamed(world, 'pi-demo-app')
  for (const service of services) {
    outputs[`${service.slice(0, 1).toUpperCase()}${service.slice(1)}LogGroup`] = `/demo/${service}`
    world.logStore.put(`/demo/${service}`, [])
  }
  return world
}

export interface Read extends Ended<LogsResult> {
  readonly lines: readonly LogLine[]
}

export function optionsFor(world: World, more: Partial<LogsOptions> = {}): LogsOptions {
  return {
    environment: demo,
    services: [],
    span: {from: world.clock.time - 600_000, to: undefined},
    since: true,
    follow: false,
    reorder: 150,
    grep: [],
    exclude: [],
    previous: false,
    ...more,
  }
}

/** Runs the flow and keeps its lines; `onLines` sees each batch as it comes. */
export async function read(
  world: World,
  more: Partial<LogsOptions> = {},
  run: RunOptions & {readonly onLines?: (lines: readonly LogLine[], at: number) => void} = {},
): Promise<Read> {
  const lines: LogLine[] = []
  const sink = {
    write: async (entries: Parameters<Parameters<typeof logs>[1]['sink']['write']>[0]) => {
      const batch = entries.flatMap(linesOf)
      lines.push(...batch)
      run.onLines?.(batch, world.clock.time)
    },
  }
  const ended = await runFlow(world, (ports, own) => logs(optionsFor(world, more), {...ports, sink}, own), run)
  return {...ended, lines}
}

/** Ctrl-C after so long, in the world's time. */
export function stopAfter(world: World, ms: number): AbortController {
  const pause = new AbortController()
  world.clock.after(ms, () => pause.abort(new CancelledError('Cancelled.', {code: 'CANCELLED'})))
  return pause
}

export const sixServices = logServices.slice(0, 6)
