import {type Answer, type Check, skip, unknown} from '../../domain/checks.ts'
import {NotFoundError, PiError} from '../../domain/errors.ts'
import type {CheckRow, PreflightContext, PreflightPorts} from './context.ts'
import {paced} from './pace.ts'

/** Calls a second that a service takes from us; far below AWS's own limits of reading calls. */
const perSecond = 10

/**
 * Runs all checks side by side. One that fails is UNKNOWN and stops none of the others.
 * @returns one answer a row, in the order of the rows
 */
export async function runChecks(rows: readonly CheckRow[], context: PreflightContext): Promise<readonly Check[]> {
  const slower = {...context, ports: pacedPorts(context.ports)}
  return Promise.all(rows.map(async (row) => ({name: row.name, ...(await answerOf(row, slower))})))
}

async function answerOf(row: CheckRow, context: PreflightContext): Promise<Answer> {
  if (context.options.skip.includes(row.name)) return skip('passed over, as asked')
  try {
    return await row.run(context)
  } catch (error) {
    // What is no error of ours is a fault of the program, which no check may hide.
    if (!(error instanceof PiError)) throw error
    // Without credentials no check can be made any more.
    if (error.code.startsWith('CREDENTIALS')) throw error
    return unknown(error.message, ...error.suggestions)
  }
}

function pacedPorts(ports: PreflightPorts): PreflightPorts {
  const slow = <P extends object>(port: P): P => paced(port, {perSecond}, ports.clock)
  return {
    ...ports,
    networks: slow(ports.networks),
    certificates: slow(ports.certificates),
    hostedZones: slow(ports.hostedZones),
    secrets: slow(ports.secrets),
    permissions: slow(ports.permissions),
    existingNetworks: slow(ports.existingNetworks),
    accountFacts: slow(ports.accountFacts),
  }
}

/**
 * Names that `--skip` may take.
 * @throws NotFoundError UNKNOWN_CHECK
 */
export function requireKnown(rows: readonly CheckRow[], names: readonly string[]): void {
  const strange = names.find((name) => !rows.some((row) => row.name === name))
  if (strange === undefined) return
  throw new NotFoundError(`Unknown check: "${strange}".`, {
    code: 'UNKNOWN_CHECK',
    suggestions: [`Checks: ${rows.map(({name}) => name).join(', ')}`],
  })
}
