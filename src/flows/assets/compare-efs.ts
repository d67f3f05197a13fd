import * as z from 'zod'
import type {PlacedEntry} from '../../domain/assets/places.ts'
import {FailedError} from '../../domain/errors.ts'
import {makeOpId} from '../../domain/names.ts'
import type {Landscape} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import type {Latest} from './latest.ts'

const answered = z.object({
  ok: z.boolean(),
  error: z.object({code: z.string(), message: z.string()}).optional(),
  counts: z.record(z.string(), z.number()).default({}),
  resultKey: z.string().default(''),
  cursor: z.string().optional(),
})

const resultLine = z.object({path: z.string(), result: z.string(), reason: z.string().optional()})

export interface Compared {
  /** Paths whose content in EFS is another one than the bundle's. */
  readonly changed: ReadonlySet<string>
  /** Paths that could not be compared, and why. */
  readonly failed: ReadonlyMap<string, string>
}

export type ComparePorts = Pick<Ports, 'functions' | 'objects' | 'clock' | 'machine'>

/**
 * Lets the side-load function compare the committed bundle with the active generation, by content: files that nobody touched
 * since they were loaded are known to it, all others it reads. Changes nothing but its own results, which are removed again.
 * @throws FailedError DIFF_FAILED
 */
export async function compareEfs(
  ports: ComparePorts,
  {
    landscape,
    functionName,
    recordsBucket,
  }: {
    readonly landscape: Landscape
    readonly functionName: string
    readonly recordsBucket: string
  },
  {pointer}: Latest,
  stop: AbortSignal,
): Promise<Compared> {
  const opId = makeOpId('diff', ports.clock.now(), ports.machine.randomHex(6))
  const changed = new Set<string>()
  const failed = new Map<string, string>()
  const {files: generation} = landscape.generations
  for (let [cursor, slice]: [string | undefined, number] = ['', 0]; cursor !== undefined; slice++) {
    stop.throwIfAborted()
    const request = {operation: 'diff', generation, opId, sliceId: String(slice), manifest: {key: pointer.key}, cursor}
    const answer = answered.parse(await ports.functions.invoke(functionName, request))
    if (!answer.ok) {
      throw new FailedError(`EFS cannot be compared: ${answer.error?.message ?? 'the function gave no reason'}`, {
        code: 'DIFF_FAILED',
        suggestions: ['Leave EFS out with --no-efs'],
      })
    }
    for (const {path, result, reason = ''} of await resultsOf(ports, recordsBucket, answer.resultKey)) {
      if (result === 'changed') changed.add(path)
      if (result === 'failed') failed.set(path, reason)
    }
    cursor = answer.cursor
  }
  return {changed, failed}
}

/** The lines of one slice. Nobody needs them afterwards, and a ledger that they stay in is none the worse. */
async function resultsOf(
  {objects}: Pick<Ports, 'objects'>,
  bucket: string,
  key: string,
): Promise<readonly z.infer<typeof resultLine>[]> {
  const found = await objects.get(bucket, key)
  if (found === undefined) {
    throw new FailedError(`EFS cannot be compared: the results s3://${bucket}/${key} are not there.`, {
      code: 'DIFF_FAILED',
    })
  }
  await objects.deleteIfMatch(bucket, key, found.etag).catch(() => false)
  const [, ...lines] = new TextDecoder().decode(found.body).trimEnd().split('\n')
  return lines.map((line) => resultLine.parse(JSON.parse(line)))
}

/** Entries of EFS, those marked whose content is known to be another one than the bundle's. */
export function marked(entries: readonly PlacedEntry[], {changed, failed}: Compared): readonly PlacedEntry[] {
  return entries.map((entry) =>
    changed.has(entry.path) || failed.has(entry.path) ? {...entry, unlikeBundle: true as const} : entry,
  )
}
