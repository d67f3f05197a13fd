import {sha256} from '../../domain/content.ts'
import type {EnvironmentFile} from '../../domain/environment-files.ts'
import type {Objects, PackageFiles} from '../ports.ts'
import type {TemplateSet} from './templates.ts'

/** Prefix of a template set in the artifacts bucket. */
export function templatesPrefix(templates: TemplateSet): string {
  return `templates/${templates.hash}`
}

/** Key of a side-load zip in the artifacts bucket. */
export function functionKey(zip: Uint8Array): string {
  return `lambda/${sha256(zip)}.zip`
}

const encoder = new TextEncoder()

/**
 * Uploads what the stacks need, each under its content's hash: what is there already is not sent again.
 * @returns how many objects were sent
 */
export async function uploadArtifacts(
  {objects}: {readonly objects: Objects; readonly packageFiles: PackageFiles},
  bucket: string,
  what: {
    readonly templates: TemplateSet
    /** None where the operator's own is taken, which is there. */
    readonly zip: Uint8Array | undefined
    readonly environmentFiles: readonly EnvironmentFile[]
  },
): Promise<number> {
  const wanted: {readonly key: string; readonly body: Uint8Array}[] = [
    ...[...what.templates.files].map(([name, text]) => ({
      key: `${templatesPrefix(what.templates)}/${name}`,
      body: encoder.encode(text),
    })),
    ...(what.zip === undefined ? [] : [{key: functionKey(what.zip), body: what.zip}]),
    ...what.environmentFiles.map((file) => ({key: file.key, body: encoder.encode(file.body)})),
  ]
  const prefixes = [...new Set(wanted.map(({key}) => key.split('/').slice(0, 2).join('/')))]
  const present = new Set(
    (await Promise.all(prefixes.map((prefix) => objects.list(bucket, prefix)))).flat().map((object) => object.key),
  )
  const missing = wanted.filter(({key}) => !present.has(key))
  await Promise.all(missing.map(({key, body}) => objects.put(bucket, key, body)))
  return missing.length
}
