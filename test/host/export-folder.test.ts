import assert from 'node:assert/strict'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {exportFolder} from '../../src/host/export-folder.ts'
import {temporaryFolder} from './temporary.ts'

async function* pieces(...texts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (text instanceof Error) throw text
    yield await Promise.resolve(new TextEncoder().encode(text))
  }
}

describe('a folder of exports', () => {
  const place = temporaryFolder()

  it('is made where there is none, and keeps what it is told', async () => {
    const folder = await exportFolder(join(place(), 'a', 'b'))
    assert.equal(folder.path, join(place(), 'a', 'b'))
    assert.equal(await folder.record(), undefined)
    await folder.keep('{}')
    await folder.keep('{"files": []}')
    assert.equal(await folder.record(), '{"files": []}')
    assert.equal(await folder.size('x.ndjson'), undefined)
  })

  it('holds files plain or packed, each as large as it says', async () => {
    const folder = await exportFolder(place())
    const plain = await folder.write('x.ndjson', pieces('one\n', 'two\n'), false)
    assert.equal(readFileSync(join(place(), 'x.ndjson'), 'utf8'), 'one\ntwo\n')
    assert.deepEqual([plain.bytes, await folder.size('x.ndjson')], [8, 8])
    const packed = await folder.write('x.ndjson.gz', pieces('one\n'.repeat(1000)), true)
    assert.equal(gunzipSync(readFileSync(join(place(), 'x.ndjson.gz'))).toString(), 'one\n'.repeat(1000))
    assert.equal(await folder.size('x.ndjson.gz'), packed.bytes)
    assert.ok(packed.bytes < 200)
  })

  it('holds no piece of a file whose content ended in an error, packed or not', async () => {
    const folder = await exportFolder(place())
    for (const gzip of [true, false])
      await assert.rejects(folder.write('x', pieces('one', new RangeError('cut off')), gzip), /cut off/)
    assert.deepEqual(readdirSync(place()), [])
  })

  it('says what it cannot read, and where it cannot be', async () => {
    const folder = await exportFolder(place())
    mkdirSync(join(place(), 'export.json'))
    await assert.rejects(folder.record(), {code: 'FILE_UNREADABLE'})
    writeFileSync(join(place(), 'file'), '')
    await assert.rejects(exportFolder(join(place(), 'file', 'below')), {code: 'FILE_UNWRITABLE'})
    await assert.rejects(folder.size(join('file', 'below')), {code: 'ENOTDIR'})
  })
})
