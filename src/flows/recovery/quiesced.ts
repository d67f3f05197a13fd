import {type Answer, fail} from '../../domain/checks.ts'
import {openOperations} from '../ledger/read.ts'
import type {JournalPorts} from '../ledger/journal.ts'
import type {Site} from '../snapshot/site.ts'

/** The platform is down already: whose doing that is, and what ends it. */
export async function quiescedBy(ports: JournalPorts, {recordsBucket, environment}: Site): Promise<Answer> {
  const [open] = await openOperations(ports, recordsBucket)
  if (open === undefined) return fail('the platform is quiesced by its stack', 'pi-aws ops list shows what quiesced it')
  const {opId, kind, state} = open
  return fail(
    `the platform is quiesced, and operation ${opId} (${kind}) is ${state}`,
    `pi-aws ops resume ${opId} --environment ${environment}`,
    `pi-aws ops abort ${opId} --environment ${environment}`,
  )
}
