import type {EnvironmentName, Generation, OpId, StackName} from './names.ts'

/** The six parts of an environment, in the order in which they are first deployed. */
export const parts = ['foundation', 'network', 'files', 'database', 'app', 'operations'] as const
export type Part = (typeof parts)[number]

/** Which parts must be complete before a part can be deployed. The transitive closure is in `partsBefore`. */
const needs: Record<Part, readonly Part[]> = {
  foundation: [],
  network: ['foundation'],
  files: ['foundation', 'network'],
  database: ['foundation', 'network'],
  app: ['foundation', 'network', 'files', 'database'],
  operations: ['foundation', 'files', 'database', 'app'],
}

/** The parts that must be complete before `part`, nearest last. */
export function partsBefore(part: Part): readonly Part[] {
  return needs[part]
}

/** The name of a part's stack; the database's carries its generation, since a restore puts a new one beside it. */
export function stackName(environment: EnvironmentName, part: Exclude<Part, 'database'>): StackName
export function stackName(environment: EnvironmentName, part: 'database', generation: Generation): StackName
export function stackName(environment: EnvironmentName, part: Part, generation?: Generation): StackName
export function stackName(environment: EnvironmentName, part: Part, generation?: Generation): StackName {
  const suffix = part === 'database' ? `database-${generation ?? 1}` : part
  return `pi-${environment}-${suffix}` as StackName
}

/** The generation in the name of a database stack of this environment, or undefined for any other stack. */
export function databaseGenerationOf(environment: EnvironmentName, name: string): Generation | undefined {
  const prefix = `pi-${environment}-database-`
  if (!name.startsWith(prefix)) return undefined
  const digits = name.slice(prefix.length)
  return /^[1-9]\d{0,4}$/.test(digits) ? (Number(digits) as Generation) : undefined
}

/** The name of the database stack that an operation puts a set on trial in: nobody takes it for a generation. */
export function trialStackName(environment: EnvironmentName, opId: OpId): StackName {
  return `pi-${environment}-proof-${opId.slice(-6)}` as StackName
}

/** What the names of all such stacks of an environment begin with. */
export function trialStackPrefix(environment: EnvironmentName): string {
  return `pi-${environment}-proof-`
}

/** True for the name of a stack in which a set of this environment is on trial. */
export function isTrialStack(environment: EnvironmentName, name: string): boolean {
  const prefix = trialStackPrefix(environment)
  return name.startsWith(prefix) && /^[0-9a-f]{6}$/.test(name.slice(prefix.length))
}

/** True for a text that is one of the six part names. */
export function isPart(text: string): text is Part {
  return (parts as readonly string[]).includes(text)
}
