import * as z from 'zod'
import type {PlacedEntry} from '../../domain/assets/places.ts'
import type {Category} from '../../domain/assets/paths.ts'
import {FailedError, RefusedError} from '../../domain/errors.ts'
import {wakeFunction} from '../deploy/prepare-files.ts'
import {type Landscape, mergedOutputs} from '../landscape.ts'
import type {Clock, Functions} from '../ports.ts'

const listing = z.object({
  ok: z.boolean(),
  error: z.object({code: z.string(), message: z.string()}).optional(),
  entries: z
    .array(z.object({path: z.string(), kind: z.enum(['file', 'directory', 'other']), size: z.number()}))
    .default([]),
  cursor: z.string().optional(),
})

/** Name of the side-load function. @throws RefusedError NO_FUNCTION */
export function functionOf(landscape: Landscape): string {
  const name = mergedOutputs(landscape)['SideloadFunctionName'] ?? ''
  if (name !== '') return name
  throw new RefusedError(`Environment ${landscape.environment} has no side-load function: EFS cannot be looked into.`, {
    code: 'NO_FUNCTION',
    suggestions: [`pi-aws deploy ${landscape.environment} --part files`],
  })
}

/**
 * What the active generation holds of the categories, as the side-load function sees it.
 * @throws RefusedError NO_FUNCTION; FailedError FUNCTION_ASLEEP, FUNCTION_UNHEALTHY, LIST_FAILED
 */
export async function listEfs(
  ports: {readonly functions: Functions; readonly clock: Clock},
  landscape: Landscape,
  categories: readonly Category[],
  stop: AbortSignal,
): Promise<readonly PlacedEntry[]> {
  const name = functionOf(landscape)
  await wakeFunction(ports, name, stop)
  const entries: PlacedEntry[] = []
  for (const category of categories) {
    const path = `gen/${landscape.generations.files}/${category}`
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      stop.throwIfAborted()
      const answer = listing.parse(await ports.functions.invoke(name, {operation: 'list', path, cursor}))
      if (answer.error?.code === 'NOT_FOUND') break
      if (!answer.ok) {
        throw new FailedError(`EFS cannot be listed: ${answer.error?.message ?? 'the function gave no reason'}`, {
          code: 'LIST_FAILED',
        })
      }
      for (const entry of answer.entries)
        entries.push({path: `${category}/${entry.path}`, kind: entry.kind, size: entry.size})
      cursor = answer.cursor
    }
  }
  return entries
}
