import {parse} from 'yaml'
import {withoutKey, withValue} from '../../domain/configuration-edit.ts'
import {RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {isPlain} from '../../domain/shared-defaults.ts'
import {noConfiguration} from '../config/no-configuration.ts'
import type {TagFiles} from './options.ts'

/**
 * @throws RefusedError CONFIGURATION_UNWRITABLE: the next deploy would bring the old release back
 */
export async function requireWritable(
  files: TagFiles,
  path: string,
  environment: EnvironmentName,
  tag: string,
): Promise<void> {
  if (await files.isWritable(path)) return
  throw new RefusedError(
    `${path} cannot be written, and without images.tag: ${tag} in it the next deploy would go back. Nothing was changed.`,
    {
      code: 'CONFIGURATION_UNWRITABLE',
      suggestions: [
        `Set images.tag of ${environment} to ${tag} where the file is kept, then: pi-aws upgrade ${environment}`,
      ],
    },
  )
}

/**
 * Writes the tag of an environment into its pi-aws.yaml and keeps everything else of the file.
 * @param tag undefined takes the key out
 * @returns what the environment itself said before; undefined where it said nothing
 */
export async function keepTag(
  files: TagFiles,
  path: string,
  environment: EnvironmentName,
  tag: string | undefined,
): Promise<string | undefined> {
  const place = ['environments', environment, 'images', 'tag']
  let before: string | undefined
  await files.update(path, (text) => {
    if (text === undefined) throw noConfiguration(path)
    before = tagIn(parse(text), place)
    if (before === tag) return text
    return tag === undefined ? withoutKey(text, place) : withValue(text, place, tag)
  })
  return before
}

function tagIn(values: unknown, place: readonly string[]): string | undefined {
  const value = place.reduce((inside: unknown, name) => (isPlain(inside) ? inside[name] : undefined), values)
  return typeof value === 'string' ? value : undefined
}
