import {handlerFile, zipProblems} from '../../domain/function-zip.ts'
import {UsageError} from '../../domain/errors.ts'
import type {FunctionZips} from './ports.ts'

/** How many problems a message names. */
const named = 10

/**
 * Makes sure that Lambda can take a ZIP as the side-load function: readable to its last byte, with its handler, within the
 * limits, and with no name that leads elsewhere.
 * @param what names the ZIP in the message
 * @throws UsageError BAD_FUNCTION_ZIP
 */
export async function checkFunctionZip(what: string, zip: Uint8Array, zips: FunctionZips): Promise<void> {
  const entries = await zips.entries(zip)
  refuse(what, zipProblems(entries))
  const handler = handlerFile(entries) ?? ''
  const text = await zips.unpack(zip, handler)
  if (!/\bhandler\b/.test(text)) refuse(what, [`${handler} exports no "handler"`])
}

function refuse(what: string, problems: readonly string[]): void {
  if (problems.length === 0) return
  const rest = problems.length - named
  const more = rest > 0 ? `; and ${rest} more` : ''
  throw new UsageError(`Nothing was uploaded: ${what} is no function: ${problems.slice(0, named).join('; ')}${more}.`, {
    code: 'BAD_FUNCTION_ZIP',
    suggestions: ['Leave out --file to upload the function that ships with pi-aws'],
  })
}
