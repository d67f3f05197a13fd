import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {mkdir, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {SideloadError} from '../../lambda/sideload/errors.ts'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {list} from '../../lambda/sideload/operations/list.ts'
import {largestPiece, read} from '../../lambda/sideload/operations/read.ts'
import {parseRequest} from '../../lambda/sideload/request.ts'
import {settingsFor, withRoot} from './sandbox.ts'

const whole = {generation: 1, offset: 0, length: largestPiece}

async function withGeneration(use: (root: string, tree: string) => Promise<void>): Promise<void> {
  await withRoot(async (root) => {
    const tree = join(root, 'gen', '1')
    for (const folder of ['keys', 'themes/a b']) await mkdir(join(tree, folder), {recursive: true})
    await writeFile(join(tree, 'keys', 'own.pem'), 'secret')
    await writeFile(join(tree, 'themes/a b/theme.css'), 'body {}')
    await use(root, tree)
  })
}

async function refusal(root: string, path: string, more: object = {}): Promise<string> {
  const attempt = read(settingsFor(root), nodeFiles, {...whole, path, ...more})
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof SideloadError, path)
  assert.ok(!error.message.includes('secret'))
  return error.code
}

describe('read', () => {
  it('gives a file piece by piece, each with its hash, and nothing behind the end', () =>
    withGeneration(async (root) => {
      const pieces: string[] = []
      for (const offset of [0, 3, 6, 9]) {
        const path = 'themes/a b/theme.css'
        const piece = await read(settingsFor(root), nodeFiles, {generation: 1, path, offset, length: 3})
        const bytes = Buffer.from(piece.content, 'base64')
        assert.equal(piece.sha256, createHash('sha256').update(bytes).digest('hex'))
        assert.deepEqual([piece.size, piece.offset], [7, offset])
        assert.match(piece.modifiedNs, /^\d{16,}$/)
        pieces.push(bytes.toString())
      }
      assert.deepEqual(pieces, ['bod', 'y {', '}', ''])
    }))

  it('an answer stays below what Lambda takes for one', () =>
    withGeneration(async (root, tree) => {
      await writeFile(join(tree, 'large'), Buffer.alloc(largestPiece + 1, 255))
      const piece = await read(settingsFor(root), nodeFiles, {...whole, path: 'large'})
      assert.equal(Buffer.from(piece.content, 'base64').byteLength, largestPiece)
      assert.ok(JSON.stringify(piece).length < 6 * 1024 * 1024)
    }))

  it('refuses private keys, whatever stands there', () =>
    withGeneration(async (root) => {
      for (const path of ['keys', 'keys/own.pem', 'keys/none']) assert.equal(await refusal(root, path), 'KEYS_REFUSED')
    }))

  it('refuses what leads out, by name or by link, and what is no file', () =>
    withGeneration(async (root, tree) => {
      await symlink('../keys/own.pem', join(tree, 'themes', 'link.css'))
      await symlink('keys', join(tree, 'open'))
      await symlink('/etc', join(tree, 'etc'))
      for (const path of [
        '',
        '/etc/passwd',
        '../1/keys/own.pem',
        'themes/../keys/own.pem',
        'themes//x',
        './keys/own.pem',
      ])
        assert.equal(await refusal(root, path), 'BAD_PATH', path)
      for (const path of ['open/own.pem', 'etc/hostname']) assert.equal(await refusal(root, path), 'BAD_PATH', path)
      assert.equal(await refusal(root, 'themes/link.css'), 'NOT_A_FILE')
      assert.equal(await refusal(root, 'themes'), 'NOT_A_FILE')
      for (const path of ['none', 'none/none', 'themes/a b/theme.css/x'])
        assert.equal(await refusal(root, path), 'NOT_FOUND')
      assert.equal(await refusal(root, 'themes/a b/theme.css', {generation: 2}), 'NOT_FOUND')
    }))

  it('is asked with a generation, a path and a range', () => {
    const asked = {operation: 'read', generation: 1, path: 'a'}
    assert.deepEqual(parseRequest(asked), {...asked, offset: 0, length: largestPiece})
    for (const wrong of [
      {offset: -1},
      {offset: 0.5},
      {length: 0},
      {length: largestPiece + 1},
      {generation: 0},
      {path: 1},
    ]) {
      assert.throws(() => parseRequest({...asked, ...wrong}), {code: 'BAD_REQUEST'}, JSON.stringify(wrong))
    }
  })
})

describe('a shallow list', () => {
  it('names what the folder holds and not what its folders hold', () =>
    withGeneration(async (root) => {
      const asked = {path: 'gen/1', cursor: '', limit: 1, shallow: true}
      const first = await list(settingsFor(root), nodeFiles, asked)
      const second = await list(settingsFor(root), nodeFiles, {...asked, cursor: first.cursor ?? ''})
      assert.deepEqual(
        [...first.entries, ...second.entries].map(({path}) => path),
        ['keys', 'themes'],
      )
      assert.equal(second.cursor, undefined)
    }))
})
