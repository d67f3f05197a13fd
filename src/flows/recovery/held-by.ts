import {type Answer, fail} from '../../domain/checks.ts'
import {statusTable} from '../../domain/stack-status.ts'
import {openOperations} from '../ledger/read.ts'
import type {JournalPorts} from '../ledger/journal.ts'
import type {Site} from '../snapshot/site.ts'

type Held = Pick<Site, 'recordsBucket' | 'environment'>

/** Stacks that something is under way in, or that something broke off in, and what ends it; undefined of none. */
export async function unsettledBy(
  ports: JournalPorts,
  site: Pick<Site, 'landscape'> & Held,
): Promise<Answer | undefined> {
  const busy = site.landscape.stacks.filter(({status}) => statusTable[status].health !== 'healthy')
  if (busy.length === 0) return undefined
  const what = busy.map(({name, status}) => `${name} is ${status}`).join(', ')
  return heldBy(ports, site, what, fail(what, 'pi-aws status'))
}

/** The platform is down already: whose doing that is, and what ends it. */
export async function quiescedBy(ports: JournalPorts, site: Held): Promise<Answer> {
  const nobody = fail('the platform is quiesced by its stack', 'What quiesced it: pi-aws ops list')
  return heldBy(ports, site, 'the platform is quiesced', nobody)
}

async function heldBy(
  ports: JournalPorts,
  {recordsBucket, environment}: Held,
  what: string,
  nobody: Answer,
): Promise<Answer> {
  const [open] = await openOperations(ports, recordsBucket)
  if (open === undefined) return nobody
  const {opId, kind, state} = open
  return fail(
    `${what}, and operation ${opId} (${kind}) is ${state}`,
    `pi-aws ops resume ${opId} --environment ${environment}`,
    `pi-aws ops abort ${opId} --environment ${environment}`,
  )
}
