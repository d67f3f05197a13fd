import assert from 'node:assert/strict'
import {appendFileSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {directoryEntry} from '../../../src/domain/assets/bundle.ts'
import type {Index} from '../../../src/flows/assets/ports.ts'
import {assetIndexes} from '../../../src/host/assets/indexes.ts'
import {hardFiles} from '../../helpers/asset-tree.ts'
import {temporaryFolder} from '../temporary.ts'

describe('the memory of uploads', () => {
  const state = temporaryFolder()
  const place = {folder: '/f', bucket: 'b', environment: 'demo'}
  const entries = hardFiles().map(({path}, size) => ({
    path,
    key: `assets/${path}`,
    versionId: 'v',
    size,
    sha256: 'h',
    mode: 0o644,
    kind: 'file' as const,
  }))
  const index: Index = {
    etag: '"1"',
    indexedAtMs: 5,
    entries: [...entries, directoryEntry('svg', 0o755)],
    marks: new Map(entries.slice(1).map(({path}) => [path, '1:2:3'])),
  }
  const fileOf = (ending: string): string =>
    join(
      state(),
      'assets',
      readdirSync(join(state(), 'assets')).find((name) => name.endsWith(ending))!,
    )

  it('is what was saved, for this folder, bucket and environment only', async () => {
    const indexes = assetIndexes(state())
    assert.equal(await indexes.load(place), undefined)
    await indexes.save(place, index)
    assert.deepEqual(await assetIndexes(state()).load(place), index)
    for (const other of [{folder: '/g'}, {bucket: 'c'}, {environment: 'prod'}])
      assert.equal(await indexes.load({...place, ...other}), undefined)
    assert.equal(statSync(fileOf('index')).mode & 0o077, 0)
  })

  it('is none when the file was cut, or is not what it was', async () => {
    const indexes = assetIndexes(state())
    await indexes.save(place, index)
    const text = readFileSync(fileOf('index'), 'utf8')
    for (const broken of [
      text.slice(0, -1),
      text.slice(0, text.length / 2),
      '',
      'x\n',
      text.replace('"schemaVersion":1', '"schemaVersion":2'),
    ]) {
      writeFileSync(fileOf('index'), broken)
      assert.equal(await indexes.load(place), undefined)
    }
  })

  it('holds what was sent, until the bundle is written', async () => {
    const indexes = assetIndexes(state())
    assert.deepEqual(await indexes.sent(place), [])
    const files = entries.map(({key}, atMs) => ({key, versionId: 'v', sha256: 'h', atMs}))
    await Promise.all(files.map((file) => indexes.noteSent(place, file)))
    await indexes.noteSent(place, files[0]!)
    assert.deepEqual(await assetIndexes(state()).sent(place), [...files, files[0]])
    appendFileSync(fileOf('sent'), '{"key":"half')
    assert.equal((await indexes.sent(place)).length, files.length + 1)
    await indexes.forgetSent(place)
    assert.deepEqual(await indexes.sent(place), [])
    await indexes.forgetSent(place)
  })

  it('says so when it cannot be kept', async () => {
    writeFileSync(join(state(), 'assets'), 'a file stands in the way')
    const indexes = assetIndexes(state())
    await assert.rejects(indexes.save(place, index))
    await assert.rejects(indexes.noteSent(place, {key: 'k', versionId: 'v', sha256: 'h', atMs: 1}))
    await assert.rejects(indexes.noteSent(place, {key: 'k', versionId: 'v', sha256: 'h', atMs: 1}))
  })
})
