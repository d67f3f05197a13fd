import assert from 'node:assert/strict'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {sha256} from '../../src/domain/content.ts'
import {PiError} from '../../src/domain/errors.ts'
import {outputFiles} from '../../src/host/output-files.ts'

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(new TextEncoder().encode(text))
}

describe('a file that a command leaves', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pi-aws-output-'))))
  afterEach(() => rmSync(folder, {recursive: true, force: true}))

  const codeOf = async (attempt: Promise<unknown>) =>
    attempt.then(
      () => '',
      (error: unknown) => (error instanceof PiError ? error.code : String(error)),
    )

  it('is written whole, for its owner alone, and told of', async () => {
    const place = join(folder, 'a b.txt')
    const hash = sha256(new TextEncoder().encode('one two'))
    assert.deepEqual(await outputFiles.write(place, pieces('one', ' two'), false), {
      path: place,
      bytes: 7,
      sha256: hash,
    })
    assert.equal(readFileSync(place, 'utf8'), 'one two')
    assert.equal(statSync(place).mode & 0o777, 0o600)
  })

  it('replaces another only when told so', async () => {
    const place = join(folder, 'there')
    writeFileSync(place, 'before')
    assert.equal(await codeOf(outputFiles.write(place, pieces('after'), false)), 'FILE_EXISTS')
    assert.equal(readFileSync(place, 'utf8'), 'before')
    await outputFiles.write(place, pieces('after'), true)
    assert.equal(readFileSync(place, 'utf8'), 'after')
  })

  it('is not there when its content breaks off, and neither is a part of it', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield* pieces('one')
      throw new RangeError('broken off')
    }
    assert.equal(await codeOf(outputFiles.write(join(folder, 'x'), broken(), true)), 'RangeError: broken off')
    assert.equal(await codeOf(outputFiles.write(join(folder, 'no', 'folder'), pieces('x'), true)), 'FILE_UNWRITABLE')
    assert.deepEqual(readdirSync(folder), [])
  })

  it('says why it cannot be, and names no other file', async () => {
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'file'), '')
    for (const [name, why] of [
      ['no/x', 'its folder is not there \\(ENOENT\\)'],
      ['file/x', 'what should be its folder is a file \\(ENOTDIR\\)'],
      ['folder', 'it is a folder \\(EISDIR\\)'],
      ['x'.repeat(300), 'its name is too long \\(ENAMETOOLONG\\)'],
    ] as const) {
      const place = join(folder, name)
      const message = new RegExp(`^"${place}" cannot be written: ${why}\\.$`)
      await assert.rejects(outputFiles.write(place, pieces('x'), true), {code: 'FILE_UNWRITABLE', message})
    }
    assert.deepEqual(readdirSync(folder).toSorted(), ['file', 'folder'])
  })
})
