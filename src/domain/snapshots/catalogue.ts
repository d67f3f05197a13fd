import * as z from 'zod'
import {idOfKey, prefixes} from './keys.ts'
import {isSnapshotId, newestFirst, type SnapshotId} from './id.ts'
import {bytesOfSet, type ManifestBody} from './manifest.ts'

/** Bytes of a note in UTF-8. With the tags it has to fit into the name of an object (1,024 bytes), in base64. */
export const noteLimit = 200
/** Tags of a set; 32 characters each. */
export const tagLimit = 4
export const tagPattern = /^[a-z0-9][a-z0-9._-]{0,31}$/

const summarySchema = z.object({
  createdAt: z.string(),
  consistency: z.enum(['strict', 'live']),
  skewMs: z.number(),
  bytes: z.number(),
  note: z.string(),
  tags: z.array(z.string()),
  /** Present where both halves lie in the vault. */
  vaulted: z.literal(true).optional(),
})

/** A set as lists show it. */
export type SetSummary = z.infer<typeof summarySchema> & {
  readonly id: SnapshotId
  /** The last restore on trial that went well. */
  readonly proof?: Proof
}

export function catalogueKey(body: ManifestBody): string {
  return `${prefixes.catalogue}${body.id}.${Buffer.from(JSON.stringify(summarised(body))).toString('base64url')}`
}

/** What lists show of a set. */
export function summarised(body: ManifestBody): z.infer<typeof summarySchema> {
  const {createdAt, consistency, skewMs, note, tags, database} = body
  const vaulted = database.vault === undefined ? {} : ({vaulted: true} as const)
  return {createdAt, consistency, skewMs, bytes: bytesOfSet(body), note, tags, ...vaulted}
}

/** When a set was restored and compared, and how long that took (ms). */
export const proofSchema = z.object({at: z.string(), restoreMs: z.number()})
export type Proof = z.infer<typeof proofSchema>

export function proofKey(id: SnapshotId, proof: Proof): string {
  return `${prefixes.proofs}${id}.${Date.parse(proof.at)}.${Math.round(proof.restoreMs)}`
}

/** Names of the records of all sets, by their sorts. */
export interface SetKeys {
  readonly manifests: readonly string[]
  readonly catalogue: readonly string[]
  readonly proofs: readonly string[]
  readonly tombstones: readonly string[]
  readonly plans: readonly string[]
}

export interface Catalogue {
  /** Whole sets, newest first. */
  readonly sets: readonly SetSummary[]
  /** Sets that were begun and have no manifest, and sets that are half deleted. */
  readonly incomplete: readonly {readonly id: SnapshotId; readonly state: 'unfinished' | 'deleting'}[]
  /** Whole sets without an entry in the catalogue: their manifests have to be read. */
  readonly unlisted: readonly SnapshotId[]
}

function rest(prefix: string, key: string): readonly [SnapshotId, string] | undefined {
  const name = key.slice(prefix.length)
  const id = name.slice(0, 23)
  return isSnapshotId(id) && name[23] === '.' ? [id, name.slice(24)] : undefined
}

function summaryOf(text: string): z.infer<typeof summarySchema> | undefined {
  try {
    return summarySchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
  } catch {
    return undefined
  }
}

/** Reads the sets off the names of their records. */
export function readCatalogue(keys: SetKeys): Catalogue {
  const ids = (list: readonly string[]): ReadonlySet<SnapshotId> => new Set(list.flatMap((key) => idOfKey(key) ?? []))
  const [manifests, dead, plans] = [ids(keys.manifests), ids(keys.tombstones), ids(keys.plans)]
  const proofs = new Map<SnapshotId, {at: string; restoreMs: number}>()
  for (const key of keys.proofs) {
    const [id, text = ''] = rest(prefixes.proofs, key) ?? []
    const match = /^(\d{1,15})\.(\d{1,12})$/.exec(text)
    if (id === undefined || match === null) continue
    const proof = {at: new Date(Number(match[1])).toISOString(), restoreMs: Number(match[2])}
    const known = proofs.get(id)
    if (known === undefined || known.at < proof.at) proofs.set(id, proof)
  }
  const sets = new Map<SnapshotId, SetSummary>()
  for (const key of keys.catalogue) {
    const [id, text = ''] = rest(prefixes.catalogue, key) ?? []
    const summary = summaryOf(text)
    if (id === undefined || summary === undefined || !manifests.has(id) || dead.has(id)) continue
    const proof = proofs.get(id)
    sets.set(id, {id, ...summary, ...(proof === undefined ? {} : {proof})})
  }
  return {
    sets: newestFirst([...sets.values()]),
    incomplete: [
      ...[...plans]
        .filter((id) => !manifests.has(id) && !dead.has(id))
        .map((id) => ({id, state: 'unfinished' as const})),
      ...[...dead].map((id) => ({id, state: 'deleting' as const})),
    ].sort((a, b) => (a.id < b.id ? 1 : -1)),
    unlisted: [...manifests].filter((id) => !sets.has(id) && !dead.has(id)),
  }
}
