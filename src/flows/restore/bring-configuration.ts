import * as z from 'zod'
import {FailedError} from '../../domain/errors.ts'
import {type Part, parts} from '../../domain/parts.ts'
import {
  configurationChanges,
  type ImageChange,
  imageChanges,
  type StandingStack,
} from '../../domain/snapshots/configuration.ts'
import {objectKey} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {type StackChange, stackChangeSchema} from '../../domain/snapshots/pair.ts'
import {stackOf} from '../landscape.ts'
import {once, resultOf, type Scribe} from '../ledger/once.ts'
import {runningImages} from '../snapshot/capture-configuration.ts'
import type {Site} from '../snapshot/site.ts'
import {configureStep} from '../stack/forgotten-change-sets.ts'
import {liveCounts} from './flip.ts'
import type {RestorePorts} from './options.ts'
import type {StackShaper} from './shape-stack.ts'

/** What is different by now from what a set says of the configuration. */
export interface ConfigurationDiff {
  readonly changes: readonly StackChange[]
  /** Told, not changed: which digest a tag means is the registry's to say. */
  readonly images: readonly ImageChange[]
}

/** Compares what stands with a set; changes nothing. */
export async function compareConfiguration(
  {containers}: Pick<RestorePorts, 'containers'>,
  site: Site,
  {configuration}: Manifest,
): Promise<ConfigurationDiff> {
  return {
    changes: changesOf(site, configuration),
    images: imageChanges(configuration.images, [...(await runningImages(containers, site.cluster))]),
  }
}

function changesOf(site: Site, configuration: Manifest['configuration']): readonly StackChange[] {
  const standing = parts.flatMap((part): readonly StandingStack[] => {
    const stack = stackOf(site.landscape, part)
    return stack === undefined ? [] : [{part, name: stack.name, parameters: stack.parameters}]
  })
  return configurationChanges(configuration, standing, new Set(Object.keys(site.outputs)))
}

/**
 * Gives every stack the parameters that the set has of it, part by part, each by a change set through the same gate as
 * in a deploy. Templates, data and images stay what they are.
 * @throws what a change of a stack throws; FailedError OBJECT_MISSING for an environment file
 */
export async function bringConfiguration(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  {manifest, shaper}: {readonly manifest: Manifest; readonly shaper: StackShaper},
): Promise<readonly StackChange[]> {
  const {changes} = await once(
    scribe,
    {step: 'compared', title: 'Configuration: compared with the set'},
    z.object({changes: z.array(stackChangeSchema)}),
    async () => ({changes: [...changesOf(site, manifest.configuration)]}),
    ({changes: found}) => `${found.reduce((sum, one) => sum + one.changes.length, 0)} parameters`,
  )
  await bringEnvironmentFiles(ports, site, manifest)
  await configure(ports, site, shaper, changes, 'to')
  return changes
}

/** Gives every stack back what it had. */
export async function takeConfigurationBack(
  ports: RestorePorts,
  site: Site,
  shaper: StackShaper,
  changes: readonly StackChange[],
): Promise<void> {
  await configure(ports, site, shaper, changes.toReversed(), 'from')
}

/** Gives every stack what a restore had given it, when its undo is given up. */
export async function bringConfigurationForth(
  ports: RestorePorts,
  site: Site,
  shaper: StackShaper,
  changes: readonly StackChange[],
): Promise<void> {
  await configure(ports, site, shaper, changes, 'to')
}

/** Takes back what a restore of configuration did that was not committed. @returns the stacks, in words */
export async function abortConfiguration(
  ports: RestorePorts,
  {operation}: Scribe,
  site: Site,
  shaper: StackShaper,
): Promise<readonly string[]> {
  const known = resultOf(operation, 'compared', z.object({changes: z.array(stackChangeSchema)}))
  const begun = (known?.changes ?? []).filter(({part}) =>
    operation.journal.entries.some(({step}) => step === configureStep(part, 'to')),
  )
  await takeConfigurationBack(ports, site, shaper, begun)
  return begun.map(({name}) => `parameters of ${name}`)
}

async function configure(
  ports: Pick<RestorePorts, 'stacks' | 'containers'>,
  site: Site,
  shaper: StackShaper,
  changes: readonly StackChange[],
  direction: 'from' | 'to',
): Promise<void> {
  for (const {part, name, changes: rows} of changes) {
    const stack = await ports.stacks.describe(name)
    if (stack === undefined) throw new FailedError(`Stack ${name} is gone.`, {code: 'STACK_GONE'})
    const counts = part === 'app' ? await liveCounts(ports, site) : {}
    const wanted = {...counts, ...Object.fromEntries(rows.map((row) => [row.parameter, row[direction]]))}
    const step = configureStep(part, direction)
    await shaper.change({step, title: `Configuration: ${part}`, part: part as Part}, stack, wanted)
  }
}

/** What services read their variables from lies under the hash of its content: it is written where it is gone. */
async function bringEnvironmentFiles(
  {objects}: RestorePorts,
  {outputs, recordsBucket}: Site,
  {configuration}: Manifest,
): Promise<void> {
  for (const {key, content} of configuration.environmentFiles ?? []) {
    const found = await objects.get(recordsBucket, objectKey(content))
    if (found === undefined) throw new FailedError(`Object ${content} of the set is gone.`, {code: 'OBJECT_MISSING'})
    await objects.putIfAbsent(outputs['ArtifactsBucket'] ?? '', key, found.body)
  }
}
