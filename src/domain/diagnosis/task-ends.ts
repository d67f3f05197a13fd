import type {TaskEnd} from './facts.ts'

/** What a pattern in the words of ECS means. */
export interface Meaning {
  readonly key: string
  readonly why: string
  /** With the environment's name in it. */
  readonly next: (environment: string) => readonly string[]
}

interface Row extends Meaning {
  readonly pattern: RegExp
}

const rows: readonly Row[] = [
  {
    key: 'pull-denied',
    pattern: /CannotPull\w*.*(?:unauthorized|denied|forbidden|40[13]|authentication)/is,
    why: 'the image registry refuses the credentials',
    next: (name) => [`pi-aws registry login ${name}`],
  },
  {
    key: 'pull-missing',
    pattern: /CannotPull\w*.*(?:not found|manifest unknown|404)/is,
    why: 'there is no such image',
    next: () => ['Check the image tag in pi-aws.yaml'],
  },
  {
    key: 'pull',
    pattern: /CannotPull/i,
    why: 'the image cannot be fetched',
    next: () => ['Check that the private subnets reach the registry through a NAT gateway'],
  },
  {
    key: 'secret',
    pattern: /ResourceInitializationError.*(?:secret|secretsmanager)/is,
    why: 'a secret of the task cannot be read',
    next: (name) => [`pi-aws licence set ${name}`, `pi-aws registry login ${name}`],
  },
  {
    key: 'mount',
    pattern: /ResourceInitializationError.*(?:efs|mount)/is,
    why: 'the file system cannot be mounted, or the directory of the active generation is missing',
    next: (name) => [`pi-aws status ${name}`, `pi-aws deploy ${name}`],
  },
  {
    key: 'memory',
    pattern: /OutOfMemory|exit code 137/i,
    why: 'the container needs more memory than its task has',
    next: () => ['Take a larger preset in pi-aws.yaml, then deploy'],
  },
  {
    key: 'health',
    pattern: /failed (?:ELB|container) health checks/i,
    why: 'it starts and does not answer its health check in time',
    next: () => [],
  },
  {
    key: 'capacity',
    pattern: /RESOURCE:|Capacity is unavailable|insufficient capacity/i,
    why: 'AWS has no room for the task at the moment',
    next: () => ['Wait some minutes, or use zones with room'],
  },
]

/** The words of ECS about a task's end, on one line. */
export function endText({reason, containers}: TaskEnd): string {
  const ends = containers
    // ECS often says the same of the task and of its container.
    .map((one) => ({...one, reason: one.reason === reason ? undefined : one.reason}))
    .filter((one) => one.reason !== undefined || (one.exitCode ?? 0) !== 0)
    .map(({name, reason: own, exitCode}) => {
      const code = exitCode === undefined ? [] : [`exit code ${exitCode}`]
      return `${name}: ${[...(own === undefined ? [] : [own]), ...code].join(', ')}`
    })
  return [reason, ...ends].filter((text) => text !== '').join('; ')
}

/** What is known about words like these. */
export function meaningOf(text: string): Meaning | undefined {
  return rows.find(({pattern}) => pattern.test(text))
}

/** A task that was replaced or scaled in ended as it should. */
export function isOrderly({reason, containers}: TaskEnd): boolean {
  return (
    /Scaling activity|deployment ecs-svc|Task stopped by user/i.test(reason) &&
    containers.every(({exitCode}) => exitCode === undefined || exitCode === 0 || exitCode === 143)
  )
}
