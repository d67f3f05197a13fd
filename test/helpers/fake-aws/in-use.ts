import {type JournalEntry, operationState} from '../../../src/domain/ledger.ts'
import {parseOpId} from '../../../src/domain/names.ts'
import {abortOperation} from '../../../src/flows/ops/abort.ts'
import {opsUnlock} from '../../../src/flows/ops/ops.ts'
import {resume} from '../../../src/flows/ops/resume.ts'
import {configured, demo, type Ended, must, runDeploy, runFlow, type RunOptions} from './scenario.ts'
import {records} from './traces.ts'
import {World} from './world.ts'

/** A deployed environment in which users have worked; its renderer was scaled to three. */
export async function inUse(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  for (const instance of world.state.instances.values()) instance.data = 'rows of a customer'
  for (const files of world.state.fileSystems.values()) {
    files.generations.set(1, 'themes of a customer')
    files.active = 1
  }
  for (const service of world.state.services.values()) if (service.name.includes('Renderer')) service.desired = 3
  world.log = []
  world.clock.pass(1000)
  return world
}

/** The newest operation, of a kind or of any, and whether somebody may go on with it. */
export function newest(
  world: World,
  kind?: string,
  environment?: string,
): {readonly opId: string; readonly state: string} {
  const all = records(world, 'ops/', environment).filter(([key]) => key.endsWith('/operation.json'))
  const heads = kind === undefined ? all : all.filter(([key]) => key.includes(`-${kind}-`))
  const opId =
    heads
      .map(([key]) => key.split('/')[1] ?? '')
      .sort()
      .at(-1) ?? ''
  const own = records(world, `ops/${opId}/0`, environment).map(([, text]) => (JSON.parse(text) as JournalEntry).step)
  return {opId, state: operationState(own)}
}

/** `ops resume` of an operation. */
export function runResume(
  world: World,
  opId: string,
  options: RunOptions = {},
  environment = demo,
): Promise<Ended<unknown>> {
  const asked = {
    environment,
    configuration: configured({}, environment),
    opId: parseOpId(opId),
    cloudFormationRoleArn: undefined,
    placeholderSecrets: false,
    assetsFolder: undefined,
  }
  return runFlow(
    world,
    (ports, run) => resume(asked, ports, run, () => Promise.reject(new RangeError('no assets here'))),
    options,
  )
}

/** `ops abort` of an operation. */
export function runAbort(
  world: World,
  opId: string,
  options: RunOptions = {},
  environment = demo,
): Promise<Ended<unknown>> {
  const asked = {environment, account: undefined, opId: parseOpId(opId), cloudFormationRoleArn: undefined}
  return runFlow(world, (ports, run) => abortOperation(asked, ports, run), options)
}

/** `ops unlock`: all there is to do where a run died before it had written what it was. */
export function runUnlock(world: World, environment = demo): Promise<Ended<unknown>> {
  return runFlow(world, (ports) => opsUnlock({environment, force: false}, ports))
}

/** What a person does who finds a killed run of a kind: goes on with it or gives it up; unlocks where nothing is left of it. */
export function afterDeath(kind: string, heal: (world: World, opId: string) => Promise<Ended<unknown>>) {
  return (world: World): Promise<Ended<unknown>> => {
    const {opId, state} = newest(world, kind)
    return opId !== '' && state !== 'done' ? heal(world, opId) : runUnlock(world)
  }
}
