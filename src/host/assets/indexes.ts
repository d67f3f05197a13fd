import {appendFile, mkdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {BundleEntry} from '../../domain/assets/bundle.ts'
import {sha256} from '../../domain/content.ts'
import type {AssetIndexes, Index, IndexPlace, SentFile} from '../../flows/assets/ports.ts'
import {replaceFile} from '../whole-file.ts'

/** The form of the file; another one is as good as none. */
const schemaVersion = 1

interface Head extends IndexPlace {
  readonly schemaVersion: number
  readonly etag: string
  readonly indexedAtMs: number
  readonly count: number
}

/** An entry, and its file's mark where the folder holds it. */
type Line = readonly [
  path: string,
  key: string,
  versionId: string,
  size: number,
  sha256: string,
  mode: number,
  kind: 0 | 1,
  mark: string,
]

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

function parse(text: string, place: IndexPlace): Index | undefined {
  const [first = '', ...lines] = text.split('\n')
  const head = JSON.parse(first) as Head
  const ours = head.folder === place.folder && head.bucket === place.bucket && head.environment === place.environment
  // The last line is what stands behind the last line's end: nothing.
  if (head.schemaVersion !== schemaVersion || !ours || lines.pop() !== '' || lines.length !== head.count)
    return undefined
  const entries: BundleEntry[] = []
  const marks = new Map<string, string>()
  for (const line of lines) {
    const [path, key, versionId, size, hash, mode, kind, mark] = JSON.parse(line) as Line
    entries.push({path, key, versionId, size, sha256: hash, mode, kind: kind === 1 ? 'directory' : 'file'})
    if (mark !== '') marks.set(path, mark)
  }
  return {etag: head.etag, indexedAtMs: head.indexedAtMs, entries, marks}
}

/** Lines of complete JSON; a line that was cut off by a crash ends the list. */
function parseSent(text: string): readonly SentFile[] {
  const files: SentFile[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      files.push(JSON.parse(line) as SentFile)
    } catch {
      break
    }
  }
  return files
}

/** Lines for the end of a file. What comes while a write is under way is written together after it. */
class Notes {
  readonly #folder: string
  #waiting = new Map<string, string>()
  #writing: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  async add(path: string, line: string): Promise<void> {
    this.#waiting.set(path, (this.#waiting.get(path) ?? '') + line)
    this.#next ??= (this.#writing ?? Promise.resolve()).catch(() => undefined).then(() => this.#write())
    await this.#next
  }

  async #write(): Promise<void> {
    const batch = this.#waiting
    this.#waiting = new Map()
    this.#writing = this.#next
    this.#next = undefined
    await mkdir(this.#folder, {recursive: true, mode: 0o700})
    for (const [path, lines] of batch) await appendFile(path, lines, {mode: 0o600})
  }
}

/**
 * What this machine remembers of uploads: one file for each folder, bucket and environment, and one beside it while an
 * upload is under way.
 * @param stateFolder where the state of pi-aws lives
 */
export function assetIndexes(stateFolder: string): AssetIndexes {
  const folder = join(stateFolder, 'assets')
  const fileOf = ({folder: tree, bucket, environment}: IndexPlace, ending: string): string =>
    join(folder, `${sha256(JSON.stringify([tree, bucket, environment])).slice(0, 24)}.${ending}`)
  const notes = new Notes(folder)
  return {
    async load(place) {
      try {
        return parse(await readFile(fileOf(place, 'index'), 'utf8'), place)
      } catch {
        return undefined
      }
    },
    async save(place, {etag, indexedAtMs, entries, marks}) {
      await mkdir(folder, {recursive: true, mode: 0o700})
      const {folder: tree, bucket, environment} = place
      const head: Head = {schemaVersion, folder: tree, bucket, environment, etag, indexedAtMs, count: entries.length}
      const lines = entries.map(({path, key, versionId, size, sha256: hash, mode, kind}) => {
        const line: Line = [path, key, versionId, size, hash, mode, kind === 'directory' ? 1 : 0, marks.get(path) ?? '']
        return JSON.stringify(line)
      })
      await replaceFile(fileOf(place, 'index'), `${[JSON.stringify(head), ...lines].join('\n')}\n`)
    },
    sent: async (place) => parseSent(await textOf(fileOf(place, 'sent'))),
    noteSent: (place, file) => notes.add(fileOf(place, 'sent'), `${JSON.stringify(file)}\n`),
    forgetSent: (place) => rm(fileOf(place, 'sent'), {force: true}),
  }
}
