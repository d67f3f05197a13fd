import {createWriteStream} from 'node:fs'
import {rm} from 'node:fs/promises'
import {pipeline} from 'node:stream/promises'
import yazl from 'yazl'
import {FailedError} from '../domain/errors.ts'
import type {BundleWriter} from '../flows/diagnose/ports.ts'

/** Archives as zip files that only their owner may read. */
export const bundleWriter: BundleWriter = {
  async write(file, texts) {
    const zip = new yazl.ZipFile()
    for (const [name, text] of texts) zip.addBuffer(Buffer.from(text), name, {mode: 0o100600})
    zip.end()
    try {
      await pipeline(zip.outputStream, createWriteStream(file, {mode: 0o600}))
    } catch (error) {
      await rm(file, {force: true}).catch(() => undefined)
      throw new FailedError(`The bundle cannot be written to ${file}.`, {code: 'BUNDLE_NOT_WRITTEN', cause: error})
    }
  },
}
