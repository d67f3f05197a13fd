import {readFileSync} from 'node:fs'
import {readFile, readdir} from 'node:fs/promises'
import {join, sep} from 'node:path'
import {FailedError, NotFoundError} from '../domain/errors.ts'
import type {PackageFiles} from '../flows/ports.ts'

/** package.json of a folder, or undefined when there is none that can be read. */
function manifestIn(folder: string): {readonly name?: unknown; readonly version?: unknown} | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {name?: unknown; version?: unknown}
  } catch {
    return undefined
  }
}

function incomplete(what: string, cause?: unknown): FailedError {
  return new FailedError(`The installation of pi-aws is incomplete: ${what}.`, {
    code: 'PACKAGE_INCOMPLETE',
    suggestions: ['Install pi-aws again'],
    cause,
  })
}

async function readTemplates(root: string): Promise<ReadonlyMap<string, string>> {
  const folder = join(root, 'templates')
  let names: string[]
  try {
    names = (await readdir(folder, {recursive: true})).filter((name) => name.endsWith('.yaml'))
  } catch (cause) {
    throw incomplete('it has no templates', cause)
  }
  if (names.length === 0) throw incomplete('it has no templates')
  const read = async (name: string) => [name.split(sep).join('/'), await readFile(join(folder, name), 'utf8')] as const
  return new Map(await Promise.all(names.sort().map(read)))
}

async function readLambdaZip(root: string): Promise<Uint8Array> {
  try {
    return await readFile(join(root, 'dist', 'lambda', 'sideload.zip'))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw incomplete('the side-load function cannot be read', cause)
    throw new NotFoundError('The side-load function is not built: dist/lambda/sideload.zip is missing.', {
      code: 'LAMBDA_NOT_BUILT',
      suggestions: ['In a clone, npm start builds it', 'Otherwise install pi-aws again'],
      cause,
    })
  }
}

/**
 * What ships inside the package at `root`.
 * @throws FailedError PACKAGE_INCOMPLETE when it has no version; its methods throw it for templates, and NotFoundError
 * LAMBDA_NOT_BUILT for the function
 */
export function packageFiles(root: string): PackageFiles {
  const version = manifestIn(root)?.version
  if (typeof version !== 'string') throw incomplete('its package.json is missing')
  return {version, templates: () => readTemplates(root), lambdaZip: () => readLambdaZip(root)}
}
