import type {ServiceName} from '../configuration.ts'

/** Between which numbers of tasks a service may be set. */
export interface ScaleBounds {
  readonly min: number
  readonly max: number
  /** Whether the number follows the load between them. */
  readonly scales: boolean
}

/**
 * The bounds of a service. One that has none has one task at most: two schedulers may run every job twice, and adminer
 * keeps its sessions in its container.
 * @param target the bounds that Application Auto Scaling has, if it moves the service
 * @param fixed the number that the configuration gives a service which nothing moves
 */
export function boundsOf(
  target: {readonly min: number; readonly max: number} | undefined,
  fixed?: number,
): ScaleBounds {
  if (target !== undefined) return {min: target.min, max: target.max, scales: target.max > target.min}
  return fixed === undefined ? {min: 0, max: 1, scales: false} : {min: fixed, max: fixed, scales: false}
}

/** Why a number of tasks cannot be; undefined when it can. */
export function scaleProblem(service: ServiceName, count: number, bounds: ScaleBounds): string | undefined {
  const {min, max} = bounds
  if (count >= min && count <= max) return undefined
  if (service === 'scheduler') return 'the scheduler is one task or none, since two may run every job twice'
  return min === max
    ? `it always has ${min === 1 ? 'one task' : `${min} tasks`} here`
    : `it may have ${min} to ${max} tasks here, and ${count} is ${count < min ? 'fewer' : 'more'}`
}

/** What becomes of a number of tasks later. */
export function afterScale(service: ServiceName, count: number, {min, max, scales}: ScaleBounds): readonly string[] {
  const load = scales ? [`Scaling goes on: the load may move ${service} between ${min} and ${max} tasks`] : []
  const deploy =
    count === 0
      ? `The next deploy that changes services starts ${service} again`
      : `The next deploy keeps ${count} tasks, within the bounds of then`
  return [...load, deploy.replace('1 tasks', '1 task')]
}
