import * as z from 'zod'
import {RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {JournalPorts} from '../ledger/journal.ts'
import {committedOfKind} from '../ledger/read.ts'

const moved = z.object({
  tag: z.object({from: z.string(), to: z.string()}),
  upgrade: z.object({snapshot: z.string().optional()}).optional(),
})

/** How the release that runs came about. */
export interface TagBefore {
  readonly tag: string
  /** The snapshot that was taken before the move, if one was. */
  readonly snapshot?: string
  readonly opId: string
}

/**
 * The release before the one that runs, as the newest deploy that moved to it recorded.
 * @throws RefusedError NO_TAG_BEFORE
 */
export async function tagBefore(
  ports: JournalPorts,
  bucket: string,
  environment: EnvironmentName,
  current: string,
): Promise<TagBefore> {
  for await (const {head} of committedOfKind(ports, bucket, 'deploy')) {
    const {data} = moved.safeParse(head.options)
    if (data?.tag.to !== current) continue
    const snapshot = data.upgrade?.snapshot
    return {tag: data.tag.from, opId: head.opId, ...(snapshot === undefined ? {} : {snapshot})}
  }
  throw new RefusedError(
    `No tag before ${current} is known: no deploy of ${environment} moved to it. Nothing was changed.`,
    {
      code: 'NO_TAG_BEFORE',
      suggestions: [`pi-aws upgrade ${environment} --tag TAG`, `pi-aws ops list ${environment}`],
    },
  )
}
