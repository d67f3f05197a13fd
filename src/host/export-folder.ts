import {readFile, stat} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGzip} from 'node:zlib'
import {FailedError} from '../domain/errors.ts'
import type {ExportFolder} from '../flows/logs/ports.ts'
import {outputFiles} from './output-files.ts'

const recordName = 'export.json'

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

/** Packed as it goes. @throws what the content throws */
async function* packed(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip()
  const fed = pipeline(Readable.from(content), gzip)
  fed.catch(() => undefined)
  yield* gzip as AsyncIterable<Uint8Array>
  await fed
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** A folder of this machine, made where there is none. @throws FailedError FILE_UNWRITABLE */
export async function exportFolder(path: string): Promise<ExportFolder> {
  const root = resolve(path)
  await outputFiles.makeFolder(root)
  return {
    path: root,
    async record() {
      try {
        return await readFile(join(root, recordName), 'utf8')
      } catch (error) {
        if (isMissing(error)) return undefined
        throw new FailedError(`${recordName} in ${root} cannot be read: ${(error as Error).message}`, {
          code: 'FILE_UNREADABLE',
          cause: error,
        })
      }
    },
    async keep(record) {
      await outputFiles.write(join(root, recordName), once(record), true)
    },
    async size(name) {
      try {
        return (await stat(join(root, name))).size
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    async write(name, content, gzip) {
      return outputFiles.write(join(root, name), gzip ? packed(content) : content, true)
    },
  }
}
