import assert from 'node:assert/strict'
import {readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {inflateRawSync} from 'node:zlib'
import {bundleWriter} from '../../src/host/bundle.ts'
import {temporaryFolder} from './temporary.ts'

describe('the archive of a diagnosis', () => {
  const folder = temporaryFolder()
  it('holds its texts and belongs to its owner alone', async () => {
    const file = join(folder(), 'b.zip')
    await bundleWriter.write(file, new Map([['a.json', 'text ä']]))
    const bytes = readFileSync(file)
    // Of a local header: sizes are behind the data, so that it is inflated up to its own end.
    const nameLength = bytes.readUInt16LE(26)
    const extraLength = bytes.readUInt16LE(28)
    assert.equal(bytes.subarray(30, 30 + nameLength).toString(), 'a.json')
    assert.equal(inflateRawSync(bytes.subarray(30 + nameLength + extraLength)).toString(), 'text ä')
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('that cannot be written is an error with the name of the file', async () => {
    const file = join(folder(), 'no', 'b.zip')
    await assert.rejects(bundleWriter.write(file, new Map()), {code: 'FILE_UNWRITABLE', message: /b\.zip/})
  })
})
