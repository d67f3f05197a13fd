import assert from 'node:assert/strict'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import yazl from 'yazl'
import {zipProblems} from '../../src/domain/function-zip.ts'
import {functionZips} from '../../src/host/function-zips.ts'
import {zip} from '../../scripts/lambda-zip.ts'
import {temporaryFolder} from './temporary.ts'

const index = {name: 'index.js', content: Buffer.from('exports.handler = async () => 1\n')}

describe('ZIPs on this machine', () => {
  const folder = temporaryFolder()

  it('tell what they hold, and give it back', async () => {
    const archive = new yazl.ZipFile()
    archive.addBuffer(index.content, 'index.js', {mode: 0o100600})
    archive.addBuffer(Buffer.from('target'), 'a link', {mode: 0o120777})
    archive.addEmptyDirectory('lib', {mode: 0o40755})
    archive.addBuffer(Buffer.alloc(100_000), 'lib/\u00e4.bin', {mode: 0o100644})
    archive.end()
    const bytes = await buffer(archive.outputStream)
    assert.deepEqual(await functionZips.entries(bytes), [
      {name: 'index.js', kind: 'file', size: 32, mode: 0o600, encrypted: false},
      {name: 'a link', kind: 'link', size: 6, mode: 0o777, encrypted: false},
      {name: 'lib/', kind: 'directory', size: 0, mode: 0o755, encrypted: false},
      {name: 'lib/\u00e4.bin', kind: 'file', size: 100_000, mode: 0o644, encrypted: false},
    ])
    assert.equal(await functionZips.unpack(bytes, 'index.js'), index.content.toString())
  })

  it('hand on names that lead elsewhere, so that they can be named', async () => {
    const plain = await zip([index, {name: 'abcde', content: Buffer.from('x')}])
    const wicked = Buffer.from(plain.toString('latin1').replaceAll('abcde', '../..'), 'latin1')
    assert.deepEqual(zipProblems(await functionZips.entries(wicked)), [
      '"../.." leads out of the folder it is unpacked to',
    ])
  })

  it('are refused when they are none, or end too early', async () => {
    const whole = await zip([index])
    for (const bytes of [new Uint8Array(), Buffer.from('no zip at all'.repeat(9)), whole.subarray(0, 60)]) {
      await assert.rejects(functionZips.entries(bytes), {code: 'BAD_FUNCTION_ZIP', exitCode: 2})
    }
  })

  it('are refused when a byte of their contents is another one, or one is missing', async () => {
    const whole = await zip([index])
    const at = whole.indexOf('handler')
    const flipped = Buffer.from(whole)
    flipped[at] = 0x48
    await assert.rejects(functionZips.unpack(flipped, 'index.js'), {message: /"index\.js" does not have its checksum/})
    const archive = new yazl.ZipFile()
    archive.addBuffer(Buffer.from('a'.repeat(5000)), 'index.js')
    archive.end()
    const packed = await buffer(archive.outputStream)
    packed.fill(0xff, 45, 55)
    await assert.rejects(functionZips.unpack(packed, 'index.js'), {code: 'BAD_FUNCTION_ZIP', message: /"index\.js"/})
  })

  it('are read up to a size, and what is none is named', async () => {
    const file = join(folder(), 'my.zip')
    await writeFile(file, 'four')
    assert.equal(Buffer.from(await functionZips.read(file, 4)).toString(), 'four')
    await assert.rejects(functionZips.read(file, 3), {code: 'BAD_FUNCTION_ZIP', message: /4 bytes, of 3 that/})
    await assert.rejects(functionZips.read(`${file}.not`, 3), {code: 'ZIP_NOT_FOUND', exitCode: 5})
    await mkdir(join(folder(), 'dir.zip'))
    await assert.rejects(functionZips.read(join(folder(), 'dir.zip'), 9999), {code: 'ZIP_UNREADABLE'})
  })
})
