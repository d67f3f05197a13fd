import type {JournalEntry, LockRecord} from '../../../src/domain/ledger.ts'
import type {FlowEvent} from '../../../src/flows/events.ts'
import type {FakeStack} from './state.ts'
import type {World} from './world.ts'

/** Names of the change sets that were executed, in order, without operation and attempt. */
export function executed(world: World): string[] {
  return world.log.flatMap(({method, args}) => {
    if (method !== 'executeChangeSet') return []
    const name = String(args[0]).split('/')[1] ?? ''
    return [name.replace(/^pi-\d{8}T\d{6}Z-[a-z]+-[0-9a-f]{6}-\d+-/, '')]
  })
}

/** Every call that changes something, as `port.method`. */
export function mutations(world: World): string[] {
  const changing =
    /^(createChangeSet|executeChangeSet|deleteChangeSet|set[A-Z]|delete|continueRollback|cancelUpdate|put|empty|runTask|invoke|createSnapshot|schedule)/
  return world.log.flatMap(({port, method}) => (changing.test(method) ? [`${port}.${method}`] : []))
}

export function stackNamed(world: World, name: string): FakeStack {
  const stack = world.stack(name)
  if (stack === undefined) throw new Error(`There is no stack ${name}.`)
  return stack
}

export function parametersOf(world: World, name: string): Record<string, string> {
  return stackNamed(world, name).goal?.parameters ?? {}
}

const decoder = new TextDecoder()

/** All text below a prefix of the records bucket, of the first environment where none is named. */
export function records(world: World, prefix: string, environment = ''): [string, string][] {
  const bucket =
    [...world.state.buckets].find(([name]) => name.startsWith(`records-${environment}`))?.[1] ??
    new Map<string, {body: Uint8Array}>()
  return [...bucket]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, {body}]): [string, string] => [key, decoder.decode(body)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The journal of the newest operation: `step kind` of each entry. */
export function journal(world: World): string[] {
  return entries(world).map(({step, kind}) => `${step} ${kind}`)
}

export function entries(world: World): JournalEntry[] {
  const all = records(world, 'ops/').filter(([key]) => /\/\d{4}-[^/]+\.json$/.test(key))
  const newest =
    all
      .map(([key]) => key.split('/')[1] ?? '')
      .sort()
      .at(-1) ?? ''
  return all.filter(([key]) => key.startsWith(`ops/${newest}/`)).map(([, text]) => JSON.parse(text) as JournalEntry)
}

/** Who holds the lock. */
export function lockOf(world: World): LockRecord | undefined {
  const [found] = records(world, 'locks/')
  return found === undefined ? undefined : (JSON.parse(found[1]) as LockRecord)
}

export function messages(events: readonly FlowEvent[], type: 'note' | 'warning'): string[] {
  return events.flatMap((event) => (event.type === type ? [event.message] : []))
}

export function warnings(events: readonly FlowEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
}
