import * as z from 'zod'
import {FailedError} from '../../domain/errors.ts'
import {nextLook} from '../../domain/looks.ts'
import type {Clock, Containers} from '../ports.ts'
import type {Scaling} from '../recovery/ports.ts'

/** What services were before they were quiesced: what a release brings back. */
export const countsSchema = z.object({
  services: z.array(z.object({name: z.string(), desired: z.number().int().min(0)})),
  scaling: z.array(
    z.object({
      service: z.string(),
      min: z.number().int().min(0),
      max: z.number().int().min(0),
      suspended: z.boolean(),
    }),
  ),
})
export type Counts = z.infer<typeof countsSchema>

export type QuiescePorts = {readonly containers: Containers; readonly scaling: Scaling; readonly clock: Clock}

/** How long services may take to stop (ms): ECS kills what does not end by itself after its stop timeout, 2 minutes at most. */
const stopLimit = 600_000
/** How often a setting that does not read back as it was written is written again. */
const writes = 3

/** What is to be brought back afterwards. */
export async function readCounts({containers, scaling}: QuiescePorts, cluster: string): Promise<Counts> {
  const [services, scalable] = await Promise.all([containers.services(cluster), scaling.services(cluster)])
  return {
    services: services.map(({name, desired}) => ({name, desired})),
    scaling: scalable.map(({service, min, max, suspended}) => ({service, min, max, suspended})),
  }
}

/**
 * Takes every service to zero: first nothing may move it, and its floor is 0, both in one call, since a call alone that
 * leaves a floor of 1 would start a task; then none is wanted; then none is left.
 * @throws FailedError QUIESCE_FAILED
 */
export async function quiesceServices(
  ports: QuiescePorts,
  cluster: string,
  counts: Counts,
  stop: AbortSignal,
): Promise<void> {
  const {containers, scaling, clock} = ports
  for (const service of counts.scaling) await scaling.set(cluster, {...service, min: 0, suspended: true})
  for (const {name} of counts.services) await containers.setDesired(cluster, name, 0)
  const begun = clock.now().getTime()
  for (;;) {
    const [services, scalable] = await Promise.all([containers.services(cluster), scaling.services(cluster)])
    const up = services.filter(({desired, running, pending}) => desired + running + pending > 0)
    const loose = scalable.filter(({min, suspended}) => min > 0 || !suspended)
    if (up.length === 0 && loose.length === 0) return
    if (clock.now().getTime() - begun > stopLimit) {
      const names = [...up.map(({name}) => name), ...loose.map(({service}) => `scaling of ${service}`)]
      throw new FailedError(`The services do not come to rest within ten minutes: ${names.join(', ')}.`, {
        code: 'QUIESCE_FAILED',
        suggestions: ['pi-aws snapshot create --consistency live'],
      })
    }
    // Whatever moved it again in between: a deployment that was still under way, or a person.
    for (const {name, desired} of up) if (desired > 0) await containers.setDesired(cluster, name, 0)
    for (const service of loose) await scaling.set(cluster, {...service, min: 0, suspended: true})
    await clock.sleep(nextLook(clock.now().getTime() - begun), stop)
  }
}

/**
 * Brings back what was, in reverse order: the wanted counts, then floor, ceiling and suspension; and reads both back.
 * @throws FailedError RELEASE_FAILED
 */
export async function releaseServices(
  {containers, scaling, clock}: QuiescePorts,
  cluster: string,
  counts: Counts,
): Promise<void> {
  let wrong: readonly string[] = []
  for (let round = 0; round < writes; round++) {
    if (round > 0) await clock.sleep(1000)
    for (const {name, desired} of counts.services.toReversed()) await containers.setDesired(cluster, name, desired)
    for (const service of counts.scaling.toReversed()) await scaling.set(cluster, service)
    wrong = await differences({containers, scaling, clock}, cluster, counts)
    if (wrong.length === 0) return
  }
  throw new FailedError(`The services were not released: ${wrong.join('; ')}.`, {
    code: 'RELEASE_FAILED',
    suggestions: ['Run ops resume: it releases them again'],
  })
}

async function differences(ports: QuiescePorts, cluster: string, counts: Counts): Promise<readonly string[]> {
  const [services, scalable] = await Promise.all([ports.containers.services(cluster), ports.scaling.services(cluster)])
  return [
    ...counts.services.flatMap(({name, desired}) => {
      const found = services.find((service) => service.name === name)
      const scales = counts.scaling.some(({service, suspended}) => service === name && !suspended)
      // What scales may have moved on already, but not to zero.
      const right = found?.desired === desired || (scales && desired > 0 && (found?.desired ?? 0) > 0)
      return right ? [] : [`${name} wants ${found?.desired ?? 'no'} tasks instead of ${desired}`]
    }),
    ...counts.scaling.flatMap(({service, min, max, suspended}) => {
      const found = scalable.find((candidate) => candidate.service === service)
      const right = found?.min === min && found.max === max && found.suspended === suspended
      return right ? [] : [`scaling of ${service} is not as it was`]
    }),
  ]
}
