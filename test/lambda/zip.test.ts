import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {createHash} from 'node:crypto'
import {cp, mkdtemp, rm, symlink, utimes, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {buildLambdaZip, zip} from '../../scripts/lambda-zip.ts'

const root = join(import.meta.dirname, '../..')

/** The contents of an uncompressed entry, by its local header (PKWARE APPNOTE, section 4.3.7). */
function storedEntry(archive: Buffer): {readonly name: string; readonly content: Buffer} {
  assert.equal(archive.readUInt32LE(0), 0x04_03_4b_50)
  const central = archive.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
  const size = archive.readUInt32LE(central + 20)
  const nameLength = archive.readUInt16LE(26)
  const start = 30 + nameLength + archive.readUInt16LE(28)
  return {name: archive.toString('utf8', 30, 30 + nameLength), content: archive.subarray(start, start + size)}
}

describe("the function's ZIP", () => {
  let elsewhere = ''
  before(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'pi-aws-zip-'))
    for (const room of ['lambda', 'sigv4']) await cp(join(root, room), join(elsewhere, room), {recursive: true})
    await symlink(join(root, 'node_modules'), join(elsewhere, 'node_modules'))
  })
  after(() => rm(elsewhere, {recursive: true, force: true}))

  it('has the same bytes from the same sources, wherever and whenever it is built', async () => {
    const first = await buildLambdaZip(root)
    await utimes(join(elsewhere, 'lambda/sideload/handler.ts'), 1, 1)
    const second = await buildLambdaZip(elsewhere)
    assert.deepEqual(second.bytes, first.bytes)
    assert.equal(first.sha256, createHash('sha256').update(first.bytes).digest('hex'))
  })

  it('has the same bytes in every time zone', async () => {
    const script = `import {buildLambdaZip} from './scripts/lambda-zip.ts'; console.log((await buildLambdaZip(process.cwd())).sha256)`
    const run = async (TZ: string): Promise<string> => {
      const options = {cwd: root, env: {...process.env, TZ}}
      return (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], options)).stdout.trim()
    }
    const {sha256} = await buildLambdaZip(root)
    assert.deepEqual(await Promise.all([run('Pacific/Auckland'), run('America/Los_Angeles')]), [sha256, sha256])
  })

  it('changes with the sources', async () => {
    const [a, b] = await Promise.all([
      zip([{name: 'index.js', content: Buffer.from('1')}]),
      zip([{name: 'index.js', content: Buffer.from('2')}]),
    ])
    assert.notDeepEqual(a, b)
  })

  it('sorts its entries', async () => {
    const entries = ['b', 'a'].map((name) => ({name, content: Buffer.from(name)}))
    assert.deepEqual(await zip(entries), await zip(entries.toReversed()))
  })

  it('holds one file, which exports the handler that the stack names', async () => {
    const {bytes} = await buildLambdaZip(root)
    const entry = storedEntry(bytes)
    assert.equal(entry.name, 'index.js')
    const file = join(elsewhere, 'index.cjs')
    await writeFile(file, entry.content)
    const call = `require(${JSON.stringify(file)}).handler({operation: 'wipe'}).then((answer) => console.error(answer.error))`
    const {stderr} = await promisify(execFile)(process.execPath, ['-e', call])
    assert.match(stderr, /UNKNOWN_OPERATION/)
  })
})
