import * as z from 'zod'
import {databaseGenerationOf, stackName} from '../../domain/parts.ts'
import type {Generation} from '../../domain/names.ts'
import type {GenerationPair} from '../../domain/snapshots/pair.ts'
import {unprotectAndDelete} from '../destroy/stack-remover.ts'
import {once, type Scribe} from '../ledger/once.ts'
import type {StackDescription} from '../ports.ts'
import {deleteDatabaseSnapshot} from '../snapshot/reap.ts'
import type {Site} from '../snapshot/site.ts'
import type {TreeFunction} from '../snapshot/tree.ts'
import {reported} from '../steps.ts'
import type {Flipper} from './flip.ts'
import type {RestorePorts} from './options.ts'
import type {StackShaper} from './shape-stack.ts'

/** Points the app at what it had, with everything up, whatever it is at now. */
export async function goBack(scribe: Scribe, flipper: Flipper, pair: GenerationPair): Promise<void> {
  await flipper.back(pair)
  await flipper.settle(pair, 'from')
  scribe.run.report({
    type: 'note',
    message: `The app runs on database ${pair.database.from} and files ${pair.files.from} again.`,
  })
}

export interface Drop {
  readonly site: Site
  readonly shaper: StackShaper
  readonly tree: TreeFunction
  readonly roleArn: string | undefined
}

/**
 * Removes a generation of the database that is not active: its stack, the snapshot that its policy takes on the way, and
 * the secrets that outlive it.
 */
export async function dropDatabase(
  ports: RestorePorts,
  scribe: Scribe,
  {site, shaper, roleArn}: Drop,
  generation: number,
): Promise<readonly string[]> {
  const name = stackName(site.environment, 'database', generation as Generation)
  const stack = await ports.stacks.describe(name)
  const {operation} = scribe
  // Written down first: once the stack is gone nothing else tells what it leaves.
  const left = await once(
    scribe,
    {step: `leave-${generation}`, title: `Database: what generation ${generation} leaves`, part: 'database'},
    leftSchema,
    () => leftBy(ports, site, stack),
  )
  if (stack !== undefined && left.instance !== '' && stack.parameters['DeletionProtection'] === 'true') {
    const title = `Database: protection of generation ${generation} off`
    const off = {DeletionProtection: 'false', Active: 'false'}
    await shaper.change({step: 'unguard', title, part: 'database'}, stack, off)
  }
  const step = {
    step: `drop-database-${generation}`,
    title: `Database: generation ${generation} goes`,
    part: 'database' as const,
  }
  return reported({clock: ports.clock, report: scribe.run.report}, step, async () => {
    const value = await operation.record(step.step, async (token) => {
      if (stack !== undefined)
        await unprotectAndDelete(ports, {part: 'database', stack, token, roleArn, stop: operation.stop}, scribe.run)
      await dropLeftovers(ports, site, {...left, stack: name, stop: operation.stop})
      for (const arn of left.secrets) await ports.secrets.delete(arn)
      return stack === undefined && left.instance === '' ? [] : [name]
    })
    return {value, outcome: 'done'}
  })
}

/** What the stack of a generation leaves when it goes. */
export const leftSchema = z.object({
  instance: z.string(),
  secrets: z.array(z.string()),
  /** Database snapshots that there were before it went; absent in journals of earlier versions. */
  snapshots: z.array(z.string()).optional(),
})
type Left = z.infer<typeof leftSchema>

/** What a stack will leave, as its outputs tell it while it stands. */
export async function leftBy(
  {databases}: Pick<RestorePorts, 'databases'>,
  {environment}: Site,
  stack: StackDescription | undefined,
): Promise<Left> {
  const outputs = stack?.outputs ?? {}
  const secrets = ['DatabaseSecretArn', 'DatabaseMasterSecretArn'].flatMap((output) => outputs[output] ?? [])
  return {
    instance: outputs['DatabaseIdentifier'] ?? '',
    secrets,
    snapshots: [...(await databases.snapshotsOf(environment))],
  }
}

/**
 * CloudFormation takes a last snapshot of an instance that goes. How it names it is documented nowhere, so it is known by
 * not having been there before. Ours, with a name that says what it is, was taken before.
 */
export async function dropLeftovers(
  ports: Pick<RestorePorts, 'databases' | 'clock'>,
  site: Site,
  {
    stack,
    instance,
    snapshots,
    stop,
  }: Pick<Left, 'instance' | 'snapshots'> & {
    readonly stack: string
    readonly stop: AbortSignal
  },
): Promise<void> {
  if (instance === '') return
  for (const name of await ports.databases.snapshotsOf(site.environment)) {
    const isNamedSo = name.startsWith(`${stack}-`) || (snapshots !== undefined && name.includes('-snapshot-'))
    if (!isNamedSo || snapshots?.includes(name) === true) continue
    const snapshot = await ports.databases.snapshot(name)
    if (snapshot?.instance === instance) await deleteDatabaseSnapshot(ports, name, stop)
  }
}

/** Removes trees of the file system that nothing runs on. */
export async function dropTrees(
  ports: RestorePorts,
  scribe: Scribe,
  {tree}: Drop,
  paths: readonly string[],
): Promise<readonly string[]> {
  const step = {step: 'drop-files', title: 'Files: what nothing runs on', part: 'files'} as const
  return reported({clock: ports.clock, report: scribe.run.report}, step, async () => {
    const value = await scribe.operation.record(step.step, async () => {
      for (const path of paths) await tree.discard(path)
      return paths
    })
    return {value, outcome: 'done'}
  })
}

/** Folders at the root that AWS Backup made for a set, whole or not. */
export async function restoredFolders(tree: TreeFunction, snapshot: string): Promise<readonly string[]> {
  const {restored} = await tree.roots()
  const own = restored.filter(({canaries, path}) => canaries.includes(snapshot) || path.endsWith(`/${snapshot}`))
  return [...new Set(own.map(({path}) => path.split('/')[0] ?? ''))].filter((name) => name !== '')
}

/** The database generations that stand, in use or not. */
export function databaseGenerations({landscape, environment}: Site): readonly number[] {
  return landscape.stacks.flatMap(({name}) => databaseGenerationOf(environment, name) ?? [])
}
