import * as z from 'zod'
import type {ServiceName} from '../../domain/configuration.ts'
import {RefusedError} from '../../domain/errors.ts'
import {type RotatableSecret, rotations, withPassword} from '../../domain/rotation.ts'
import {neededOutput} from '../landscape.ts'
import {once, resultOf, type Scribe} from '../ledger/once.ts'
import {detailOf, nameIn, type ServicePlace} from '../service/place.ts'
import {ServiceWatch} from '../service/watch.ts'
import {runTask} from '../stack/run-task.ts'
import {reported} from '../steps.ts'
import type {RotatePorts} from './options.ts'

/** Random hex digits of a password: 160 bits, and nothing that a shell or a statement would take for more. */
const passwordDigits = 40

const versionSchema = z.object({version: z.string()})
const deploymentSchema = z.object({deployment: z.string()})

/** A rotation under way. */
export interface Rotation {
  readonly secret: RotatableSecret
  readonly arn: string
  readonly place: ServicePlace
}

/** The version before, as the journal has it or as it is now. */
export function versionBefore({operation}: Scribe): string | undefined {
  return resultOf(operation, 'before', versionSchema)?.version
}

/**
 * Writes the new value as the current version; Secrets Manager keeps the one before.
 * @param value undefined where it is made here
 * @throws RefusedError VALUE_GONE for one that a person brought and a crash took
 */
export async function writeValue(
  {secrets, machine}: RotatePorts,
  scribe: Scribe,
  {secret, arn, place}: Rotation,
  value: string | undefined,
): Promise<string> {
  const step = {step: 'value', title: `New version of the ${secret} secret`}
  const {version} = await once(scribe, step, versionSchema, async () => {
    const wanted =
      value ??
      (rotations[secret].made
        ? withPassword((await secrets.value(arn)) ?? '', machine.randomHex(passwordDigits))
        : undefined)
    if (wanted === undefined) {
      const {opId} = scribe.operation
      throw new RefusedError(`The new value of the ${secret} secret was not written yet, and is kept nowhere.`, {
        code: 'VALUE_GONE',
        suggestions: [
          `pi-aws ops abort ${opId} --environment ${place.environment}`,
          `Then: pi-aws secret rotate ${secret} --environment ${place.environment}`,
        ],
      })
    }
    return {version: await secrets.putValue(arn, wanted, scribe.operation.token('value'))}
  })
  return version
}

/** Gives the database's user the password that its secret holds now, by the task that made it; it logs in with it too. */
export async function changeUser(
  ports: RotatePorts,
  {operation, clock, run}: Scribe,
  {place: {outputs}}: Rotation,
  name: 'user' | 'user-back',
): Promise<void> {
  const step = {step: name, title: 'Password of the database user'}
  await reported({clock, report: run.report}, step, async () => {
    await operation.recordAnyway(name, () =>
      runTask(
        ports,
        {
          cluster: neededOutput(outputs, 'ClusterName'),
          taskDefinition: neededOutput(outputs, 'CheckTaskDefinitionArn'),
          subnetIds: neededOutput(outputs, 'ApplicationSubnetIds').split(','),
          securityGroupIds: [neededOutput(outputs, 'ApplicationSecurityGroupId')],
          capacityProvider: 'FARGATE',
          // A try that failed is not found again instead of a new one.
          startedBy: operation.token(`${name}-${operation.journal.entries.length}`),
        },
        {title: step.title, logGroup: outputs['CheckLogGroup'], stop: operation.stop},
      ),
    )
    return {value: undefined, outcome: 'done'}
  })
}

/** Replaces the tasks of a service and waits until the new ones are healthy; one without tasks has none to replace. */
export async function restart(
  ports: RotatePorts,
  scribe: Scribe,
  {place}: Rotation,
  service: ServiceName,
  phase: 'restart' | 'back',
): Promise<void> {
  const {clock, run} = scribe
  const name = nameIn(place, service)
  const detail = await detailOf(ports, place, service)
  if (detail.desired === 0) return
  const watch = new ServiceWatch(ports, run, place, service)
  await watch.begin(detail)
  const step = {step: `${phase}-${service}`, title: `Restart ${service}`}
  const redeploy = async () => ({deployment: await ports.serviceControl.redeploy(place.cluster, name)})
  const {deployment} =
    phase === 'restart'
      ? await once(scribe, step, deploymentSchema, redeploy)
      : // A way back that failed is gone again, not waited for once more.
        await scribe.operation.recordAnyway(step.step, redeploy, (made) => made)
  const wait = {step: `wait-${phase}-${service}`, title: `Wait for ${service}`}
  await reported({clock, report: run.report}, wait, async () => {
    await watch.until({kind: 'deployment', id: deployment})
    return {value: undefined, outcome: 'done'}
  })
}
