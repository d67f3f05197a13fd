import {createHash} from 'node:crypto'
import {mkdir, readFile, realpath, rm} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import type {CurrentEnvironment} from '../flows/environments/ports.ts'
import {replaceFile} from './whole-file.ts'

/**
 * What `env use` chose, one small file for each pi-aws.yaml in pi-aws's own folder: never beside the file, where it would
 * get into a repository.
 * @param state folder that they lie in
 */
export function currentEnvironment(state: string): CurrentEnvironment {
  const folder = join(state, 'environments')
  const fileOf = async (path: string): Promise<string> => {
    const real = await realpath(path).catch(() => resolve(path))
    return join(folder, `${createHash('sha256').update(real).digest('hex').slice(0, 16)}.json`)
  }
  return {
    async read(path) {
      try {
        const {environment} = JSON.parse(await readFile(await fileOf(path), 'utf8')) as {readonly environment?: unknown}
        return typeof environment === 'string' ? environment : undefined
      } catch {
        return undefined
      }
    },
    async write(path, environment) {
      const file = await fileOf(path)
      if (environment === undefined) return rm(file, {force: true})
      await mkdir(folder, {recursive: true, mode: 0o700})
      await replaceFile(file, `${JSON.stringify({path: resolve(path), environment})}\n`)
    },
  }
}
