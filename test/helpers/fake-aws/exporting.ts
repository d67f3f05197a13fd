import {createHash} from 'node:crypto'
import {FailedError} from '../../../src/domain/errors.ts'
import {exportSnapshot, type SnapshotExportResult} from '../../../src/flows/snapshot/export.ts'
import {FakeFolder} from './fake-assets.ts'
import {demo, type Ended, runFlow, type RunOptions} from './scenario.ts'
import type {World} from './world.ts'

/** A folder of this machine that sets are exported into: path -> bytes; folders end with a slash. */
export type Target = Map<string, Uint8Array>

export const exportFolder = 'out'

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function collected(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * `snapshot export` of the latest set into a folder. Objects come in two pieces, each a call that may fail.
 * @param between awaited between the two pieces of each object
 */
export function runExport(
  world: World,
  target: Target,
  options: RunOptions = {},
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Ended<SnapshotExportResult>> {
  return runFlow(
    world,
    (ports, run, process) => {
      const {assetFolder, assetBucket} = new FakeFolder({}).ports(world, process)
      const pieces = process.wrap('assetBucket', {
        piece: (bucket: string, key: string, half: 0 | 1): Uint8Array => {
          const body = world.state.buckets.get(bucket)?.get(key)?.body
          if (body === undefined) throw new FailedError(`There is no object ${key}.`, {code: 'OBJECT_GONE'})
          const middle = Math.ceil(body.length / 2)
          return half === 0 ? body.slice(0, middle) : body.slice(middle)
        },
      }) as {piece: (bucket: string, key: string, half: 0 | 1) => Promise<Uint8Array>}
      return exportSnapshot(
        {environment: demo, ref: {kind: 'latest'}, folder: exportFolder},
        {
          ...ports,
          outputFiles: {
            makeFolder: () => Promise.resolve(),
            async write(path, content) {
              const bytes = await collected(content)
              target.set(path, bytes)
              return {path, bytes: bytes.length, sha256: hashOf(bytes)}
            },
          },
          assetFolder: {
            ...assetFolder,
            async write(folder, entry, content) {
              const bytes = await collected(content)
              if (hashOf(bytes) !== entry.sha256)
                throw new FailedError(`${entry.path} is not what was asked for.`, {code: 'CHECKSUM_DIFFERS'})
              target.set(`${folder}/${entry.path}`, bytes)
            },
            async makeDirectory(folder, {path}) {
              target.set(`${folder}/${path}/`, new Uint8Array())
            },
          },
          assetBucket: {
            ...assetBucket,
            async *read({bucket}, key) {
              yield await pieces.piece(bucket, key, 0)
              await between()
              yield await pieces.piece(bucket, key, 1)
            },
          },
        },
        run,
      )
    },
    options,
  )
}

/** What `sha256sum --check` says of the folder: names whose content is not what the list says; undefined without a list. */
export function checkedBySums(target: Target): readonly string[] | undefined {
  const list = target.get(`${exportFolder}/SHA256SUMS`)
  if (list === undefined) return undefined
  const lines = new TextDecoder().decode(list).trimEnd().split('\n')
  return lines.flatMap((line) => {
    const [hash = '', name = ''] = line.split('  ')
    const bytes = target.get(`${exportFolder}/${name}`)
    return bytes !== undefined && hashOf(bytes) === hash ? [] : [name]
  })
}
