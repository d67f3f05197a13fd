import {parse} from 'yaml'
import {type ConfigurationEdit, edited} from '../../domain/configuration-edit.ts'
import {RefusedError} from '../../domain/errors.ts'
import {releaseImages} from '../../domain/mirror.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Part} from '../../domain/parts.ts'
import {isPlain} from '../../domain/shared-defaults.ts'
import {noConfiguration} from '../config/no-configuration.ts'
import type {MirrorFiles} from './ports.ts'

/** What is written down of a copied release. */
export interface Mirrored {
  /** ECR of the account, and the path before the names. */
  readonly registry: string
  readonly tag: string
  /** The release that a deploy would bring without `images.tag`. */
  readonly usual: string
  readonly images: readonly {
    readonly reference: string
    readonly name: string
    readonly part: Part
    readonly digest: string
  }[]
}

/** @throws RefusedError CONFIGURATION_UNWRITABLE: nothing would use the copies */
export async function requireWritable(files: MirrorFiles, path: string): Promise<void> {
  if (await files.isWritable(path)) return
  throw new RefusedError(`${path} cannot be written, and without a line in it nothing would use the copies.`, {
    code: 'CONFIGURATION_UNWRITABLE',
    suggestions: ['Make it writable, or name another one: --config FILE'],
  })
}

/** Writes into pi-aws.yaml what is mirrored, and keeps everything else of the file. Resolves to whether anything was new. */
export async function keepMirror(
  files: MirrorFiles,
  path: string,
  environment: EnvironmentName,
  mirrored: Mirrored,
): Promise<boolean> {
  let changed = false
  await files.update(path, (text) => {
    if (text === undefined) throw noConfiguration(path)
    const values: unknown = parse(text)
    const edits = editsFor(environment, mirrored, values).filter(
      ({path: place, value}) => JSON.stringify(valueAt(values, place)) !== JSON.stringify(value),
    )
    changed = edits.length > 0
    return edited(text, edits)
  })
  return changed
}

function editsFor(
  environment: EnvironmentName,
  {registry, tag, usual, images}: Mirrored,
  values: unknown,
): readonly ConfigurationEdit[] {
  const own = ['environments', environment, 'images']
  const mirror = [...own, 'mirror']
  const byName = new Map(images.map((one) => [one.name, one]))
  const release = Object.fromEntries(releaseImages.map((name) => [name, byName.get(name)?.digest]))
  const others = images
    .filter(({name}) => !(releaseImages as readonly string[]).includes(name))
    .map(({reference, part, digest}) => ({
      path: [...mirror, 'others', part === 'database' ? 'CheckImage' : 'AdminerImage'],
      value: {from: reference, digest},
    }))
  const shared = ['defaults', 'images', 'tag']
  const named = valueAt(values, [...own, 'tag']) ?? valueAt(values, shared)
  return [
    ...(named === undefined ? [{path: [...own, 'tag'], value: usual}] : []),
    {path: [...mirror, 'registry'], value: registry},
    {path: [...mirror, 'releases', tag], value: release},
    ...others,
  ]
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce((inside: unknown, name) => (isPlain(inside) ? inside[name] : undefined), values)
}
