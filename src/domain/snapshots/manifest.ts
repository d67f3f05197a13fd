import * as z from 'zod'
import {canonicalJson, sha256} from '../content.ts'
import {FailedError, RefusedError} from '../errors.ts'
import type {SnapshotId} from './id.ts'

export const manifestVersion = 1

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const whole = z.number().int().min(0)

/** The database's half. */
const databaseSchema = z.object({
  generation: z.number().int().min(1),
  instance: z.string(),
  resourceId: z.string(),
  snapshotIdentifier: z.string(),
  snapshotArn: z.string(),
  /** The backup vault whose recovery point it is, under the same ARN; absent where it is a manual snapshot outside any vault. */
  vault: z.string().optional(),
  /** The last moment that is in it; ISO 8601 UTC. */
  at: z.string(),
  /** GiB; a restore cannot shrink it. */
  allocatedStorage: whole,
  engineVersion: z.string(),
  parameterGroupFamily: z.string(),
  masterUsername: z.string(),
  port: whole,
  /** ARN of the key, '' where it is not encrypted. */
  keyArn: z.string(),
  /** What the check task counted when the canary was put in; absent when it could not be asked. */
  counts: z.object({tables: whole, rows: whole}).optional(),
})

/** The files' half. */
const filesSchema = z.object({
  generation: z.number().int().min(1),
  fileSystemId: z.string(),
  vault: z.string(),
  recoveryPointArn: z.string(),
  /** The tree in the recovery point, relative to the root. */
  path: z.string(),
  /** While AWS Backup read it; ISO 8601 UTC. */
  from: z.string(),
  to: z.string(),
  /** What the function counted and hashed. */
  files: whole,
  directories: whole,
  bytes: whole,
  treeHash: hash,
  /** Owner of the files. */
  uid: whole,
  gid: whole,
})

const assetsSchema = z.object({
  /** Id of the bundle that was the one to side-load. */
  bundle: z.string(),
  /** Files in it, and their bytes. */
  count: whole,
  bytes: whole,
  /** Hash of the list of them, which lies in the bucket as an object. */
  list: hash,
})

const configurationSchema = z.object({
  /** Templates by their hashes, which lie in the bucket as objects; parameters as CloudFormation shows them, without secrets. */
  stacks: z.array(
    z.object({
      part: z.string(),
      name: z.string(),
      id: z.string(),
      version: z.string(),
      template: hash,
      parameters: z.record(z.string(), z.string()),
    }),
  ),
  images: z.array(z.object({container: z.string(), image: z.string(), digest: z.string()})),
  /** The operator's own variables of services; each file lies in the bucket as an object. Absent in sets that had none. */
  environmentFiles: z.array(z.object({key: z.string(), content: hash})).optional(),
  secrets: z.array(z.object({name: z.string(), arn: z.string(), versionId: z.string()})),
})

const bodySchema = z.object({
  schemaVersion: z.literal(manifestVersion),
  id: z.string(),
  opId: z.string(),
  environment: z.string(),
  account: z.string(),
  region: z.string(),
  partition: z.string(),
  cliVersion: z.string(),
  /** By S3's clock; ISO 8601 UTC. */
  createdAt: z.string(),
  /** The set that this one is a copy of: same id, same data, in another place and under another key. */
  copiedFrom: z
    .object({environment: z.string(), account: z.string(), region: z.string(), hash, copiedAt: z.string()})
    .optional(),
  note: z.string(),
  tags: z.array(z.string()),
  consistency: z.enum(['strict', 'live']),
  /** Why it is not as strict as was asked for; '' where it is. */
  weakened: z.string(),
  /** ms that database and files may be apart. */
  skewMs: whole,
  /** ms that the services were at zero. */
  downMs: whole,
  foundationId: z.string(),
  keyArn: z.string(),
  database: databaseSchema,
  files: filesSchema,
  assets: assetsSchema.optional(),
  configuration: configurationSchema,
})

export type ManifestBody = z.infer<typeof bodySchema>
/** What makes a set a set: it is written last, once, and names everything with its hash. */
export type Manifest = ManifestBody & {
  /** SHA-256 of everything else in it, in canonical form. */
  readonly hash: string
}
export type Consistency = Manifest['consistency']

const manifestSchema = bodySchema.extend({hash})

/** Bytes of a manifest, with its own hash in it. */
export function sealManifest(body: ManifestBody): {readonly manifest: Manifest; readonly bytes: Uint8Array} {
  const manifest: Manifest = {...bodySchema.parse(body), hash: sha256(canonicalJson(bodySchema.parse(body)))}
  return {manifest, bytes: new TextEncoder().encode(`${canonicalJson(manifest)}\n`)}
}

function damaged(id: SnapshotId, why: string, cause?: unknown): FailedError {
  return new FailedError(`Snapshot ${id} is damaged: ${why}.`, {
    code: 'MANIFEST_DAMAGED',
    suggestions: [
      'The sets that are whole: pi-aws snapshot list',
      'Older versions of the manifest stay in the records bucket',
    ],
    cause,
  })
}

/**
 * Reads a manifest back and compares it with its own hash.
 * @throws FailedError MANIFEST_DAMAGED; RefusedError MANIFEST_NEWER
 */
export function openManifest(id: SnapshotId, bytes: Uint8Array): Manifest {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch (error) {
    throw damaged(id, 'its manifest is no whole JSON', error)
  }
  const {schemaVersion} = (value ?? {}) as {schemaVersion?: unknown}
  if (typeof schemaVersion === 'number' && schemaVersion > manifestVersion) {
    throw new RefusedError(`Snapshot ${id} was made by a newer pi-aws: its manifest has version ${schemaVersion}.`, {
      code: 'MANIFEST_NEWER',
      suggestions: ['Update pi-aws, then run the same command again'],
    })
  }
  const parsed = manifestSchema.safeParse(value)
  if (!parsed.success) throw damaged(id, 'its manifest does not have the expected form', parsed.error)
  const {hash: own, ...body} = parsed.data
  if (sha256(canonicalJson(body)) !== own) throw damaged(id, 'its manifest does not have the hash that it names')
  if (body.id !== id) throw damaged(id, `its manifest is that of ${body.id}`)
  return parsed.data
}

/** Where something of a set lies in a backup vault. */
export interface VaultedPoint {
  readonly vault: string
  readonly arn: string
}

/** The recovery points of a set: that of the files, and that of the database where the vault has it. */
export function vaultedPoints({database, files}: ManifestBody): readonly VaultedPoint[] {
  const {vault, snapshotArn: arn} = database
  return [{vault: files.vault, arn: files.recoveryPointArn}, ...(vault === undefined ? [] : [{vault, arn}])]
}

/** Bytes of everything in a set; of the database its storage, since that is what is paid for. */
export function bytesOfSet({database, files, assets}: ManifestBody): number {
  return database.allocatedStorage * 1024 ** 3 + files.bytes + (assets?.bytes ?? 0)
}
