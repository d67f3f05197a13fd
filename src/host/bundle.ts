import yazl from 'yazl'
import type {BundleWriter} from '../flows/diagnose/ports.ts'
import {outputFiles} from './output-files.ts'

/** Archives as zip files that only their owner may read, whole or not at all; one of that name is replaced. */
export const bundleWriter: BundleWriter = {
  async write(file, texts) {
    const zip = new yazl.ZipFile()
    for (const [name, text] of texts) zip.addBuffer(Buffer.from(text), name, {mode: 0o100600})
    zip.end()
    await outputFiles.write(file, zip.outputStream as AsyncIterable<Uint8Array>, true)
  },
}
