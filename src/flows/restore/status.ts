import {NotFoundError} from '../../domain/errors.ts'
import type {OperationKind, OperationState} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import {type GenerationPair, pairSchema, type RestoreState} from '../../domain/snapshots/pair.ts'
import {databaseGenerationOf} from '../../domain/parts.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {Journal} from '../ledger/journal.ts'
import {openOperations} from '../ledger/read.ts'
import type {Ports} from '../ports.ts'
import {readRestore, readRestores} from './records.ts'

/** How far a restore is that was not committed. */
export type RestorePhase = 'PLANNED' | 'SAFE' | 'STAGED' | 'QUIESCED' | 'FLIPPED' | 'PROVEN'

export interface RestoreStatusResult {
  readonly environment: string
  readonly active: {readonly database: number; readonly files: number}
  /** Database generations that stand beside the active one. */
  readonly kept: readonly number[]
  /** Restores, undos and finalizations that are under way or have to be gone on with, newest first. */
  readonly unfinished: readonly {
    readonly opId: string
    readonly kind: OperationKind
    readonly state: OperationState
  }[]
  readonly restores: readonly {
    readonly opId: string
    readonly state: RestoreState | RestorePhase
    /** Of one that was not committed: how its operation stands. */
    readonly operation?: OperationState
    readonly snapshot: string
    readonly generations: GenerationPair | null
    readonly committedAt: string | null
  }[]
}

const phases: readonly (readonly [step: string, phase: RestorePhase])[] = [
  ['prove', 'PROVEN'],
  ['flip', 'FLIPPED'],
  ['quiesced', 'QUIESCED'],
  ['staged', 'STAGED'],
  ['safe', 'SAFE'],
]

const ownKinds: readonly OperationKind[] = ['restore', 'undo', 'finalize']

/** All restores of an environment, newest first: committed ones, and one that may be under way. */
export async function restoreStatus(
  options: {readonly environment: EnvironmentName},
  ports: Pick<Ports, 'stacks' | 'objects' | 'clock' | 'machine'>,
): Promise<RestoreStatusResult> {
  const landscape = await readLandscape(ports, options.environment)
  const bucket = recordsBucketOf(landscape)
  const [records, open] = await Promise.all([readRestores(ports.objects, bucket), openOperations(ports, bucket)])
  const unfinished = open.filter(({kind}) => ownKinds.includes(kind))
  const running = unfinished.filter(({kind}) => kind === 'restore')
  const journals = await Promise.all(running.map(({opId}) => Journal.read(ports, bucket, opId as OpId)))
  const {database, files} = landscape.generations
  return {
    environment: options.environment,
    active: {database, files},
    kept: landscape.stacks
      .flatMap(({name}) => databaseGenerationOf(options.environment, name) ?? [])
      .filter((generation) => generation !== database),
    unfinished: unfinished.map(({opId, kind, state}) => ({opId, kind, state})),
    restores: [
      ...journals.map((journal, index) => ({
        opId: journal.opId,
        state: phaseOf(journal),
        operation: running[index]?.state ?? ('open' as const),
        snapshot: (journal.head.options['snapshot'] ?? '') as string,
        generations: pairOf(journal),
        committedAt: null,
      })),
      ...(await Promise.all(
        records.map(async ({opId, state}) => {
          const {snapshot, pair, committedAt} = await readRestore(ports.objects, bucket, opId)
          return {opId, state, snapshot, generations: pair, committedAt}
        }),
      )),
    ],
  }
}

/** The one that `restore resume` goes on with. @throws NotFoundError RESTORE_NOT_FOUND */
export async function unfinishedRestore(
  environment: EnvironmentName,
  ports: Pick<Ports, 'stacks' | 'objects' | 'clock' | 'machine'>,
): Promise<OpId> {
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const open = await openOperations(ports, bucket)
  const found = open.find(({kind}) => ownKinds.includes(kind))
  if (found !== undefined) return found.opId as OpId
  // What `restore run --into` begins with: its restore has not begun yet.
  const copy = open.find(({kind}) => kind === 'copy')
  const but = copy === undefined ? '' : `, but the copy of a snapshot into it is (${copy.opId})`
  throw new NotFoundError(`No restore of ${environment} is unfinished${but}.`, {
    code: 'RESTORE_NOT_FOUND',
    suggestions: [
      copy === undefined
        ? `pi-aws restore status ${environment}`
        : `pi-aws ops resume ${copy.opId} --environment ${environment}`,
    ],
  })
}

function phaseOf({entries}: Journal): RestorePhase {
  const back = entries.findLastIndex(({step}) => step === 'back')
  const since = entries.slice(back + 1)
  const done = (step: string, among: typeof entries): boolean =>
    among.some((entry) => entry.step === step && entry.kind === 'done')
  const found = phases.find(([step]) => done(step, step === 'staged' || step === 'safe' ? entries : since))
  return found?.[1] ?? 'PLANNED'
}

function pairOf({entries}: Journal): GenerationPair | null {
  const entry = entries.findLast(({step, kind}) => step === 'target' && kind === 'done')
  return pairSchema.safeParse(entry?.result).data ?? null
}
