import {open} from 'node:fs/promises'
import {crc32} from 'node:zlib'
import {type Entry, fromBuffer, type ZipFile} from 'yauzl'
import type {ZipEntry} from '../domain/function-zip.ts'
import {FailedError, NotFoundError, UsageError} from '../domain/errors.ts'
import type {FunctionZips} from '../flows/function-zip/ports.ts'

/** Systems that make a ZIP, in the upper byte of "version made by" (PKWARE APPNOTE, section 4.4.2). */
const unix = 3
/** Kinds of file in the upper bits of a Unix mode. */
const kindMask = 0o170000
const link = 0o120000

function bad(why: string, cause?: unknown): UsageError {
  return new UsageError(`Nothing was uploaded: the zip cannot be read: ${why}.`, {
    code: 'BAD_FUNCTION_ZIP',
    suggestions: ['Make the zip anew, or leave out --file to upload the function that ships with pi-aws'],
    cause,
  })
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Opens a ZIP; names are handed on as they are, since ours is the check of them. */
async function opened(zip: Uint8Array): Promise<ZipFile> {
  const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength)
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, {lazyEntries: true, decodeStrings: false, validateEntrySizes: true}, (error, file) => {
      if (error === null) resolve(file)
      else reject(bad(reason(error), error))
    })
  })
}

/** Visits the entries one after the other. @throws UsageError BAD_FUNCTION_ZIP */
async function each(
  zip: Uint8Array,
  visit: (entry: Entry, name: string, file: ZipFile) => Promise<void>,
): Promise<void> {
  const file = await opened(zip)
  try {
    await new Promise<void>((resolve, reject) => {
      file.on('error', (error: unknown) => reject(bad(reason(error), error)))
      file.on('end', () => resolve())
      file.on('entry', (entry: Entry) => {
        visit(entry, nameOf(entry), file).then(() => file.readEntry(), reject)
      })
      file.readEntry()
    })
  } finally {
    file.close()
  }
}

function nameOf(entry: Entry): string {
  return Buffer.from(entry.fileName as unknown as Uint8Array).toString('utf8')
}

function described(entry: Entry, name: string): ZipEntry {
  const mode = entry.versionMadeBy >> 8 === unix ? entry.externalFileAttributes >>> 16 : 0
  const kind = name.endsWith('/') ? 'directory' : (mode & kindMask) === link ? 'link' : 'file'
  return {
    name,
    kind,
    size: entry.uncompressedSize,
    mode: mode === 0 ? undefined : mode & 0o7777,
    encrypted: entry.isEncrypted(),
  }
}

/** Unpacks one entry. @throws UsageError BAD_FUNCTION_ZIP when it is not what the directory says */
async function unpacked(entry: Entry, name: string, file: ZipFile, keep: boolean): Promise<string> {
  const chunks: Buffer[] = []
  let sum = 0
  try {
    const stream = await file.openReadStreamPromise(entry)
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum)
      if (keep) chunks.push(chunk)
    }
  } catch (error) {
    throw bad(`${JSON.stringify(name)}: ${reason(error)}`, error)
  }
  if (sum !== entry.crc32) throw bad(`${JSON.stringify(name)} does not have its checksum`)
  return Buffer.concat(chunks).toString('utf8')
}

export const functionZips: FunctionZips = {
  async read(path, most) {
    try {
      await using file = await open(path)
      const {size} = await file.stat()
      if (size > most) throw bad(`it has ${size} bytes, of ${most} that Lambda takes`)
      return await file.readFile()
    } catch (error) {
      if (error instanceof UsageError) throw error
      const shown = JSON.stringify(path)
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new NotFoundError(`There is no file ${shown}.`, {code: 'ZIP_NOT_FOUND', cause: error})
      throw new FailedError(`The zip ${shown} cannot be read: ${reason(error)}.`, {
        code: 'ZIP_UNREADABLE',
        cause: error,
      })
    }
  },
  async entries(zip) {
    const found: ZipEntry[] = []
    await each(zip, async (entry, name) => void found.push(described(entry, name)))
    return found
  },
  async unpack(zip, wanted) {
    let text = ''
    await each(zip, async (entry, name, file) => {
      if (name.endsWith('/')) return
      const content = await unpacked(entry, name, file, name === wanted)
      if (name === wanted) text = content
    })
    return text
  },
}
