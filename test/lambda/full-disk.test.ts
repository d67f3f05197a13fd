import assert from 'node:assert/strict'
import {closeSync, openSync, rmSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {asSideloadError} from '../../lambda/sideload/errors.ts'
import {sideload} from '../../lambda/sideload/operations/sideload.ts'
import {smallDisk} from '../helpers/small-disk.ts'
import {bundle, expected, request, runAll, stage, treeOf} from './bundle.ts'
import {systemError, withRoot} from './sandbox.ts'

describe('a file system that is really full', () => {
  it('is called so where a whole slice fails of it, as over a quota', () => {
    assert.equal(asSideloadError(systemError('ENOSPC')).code, 'DISK_FULL')
    assert.equal(asSideloadError(systemError('EDQUOT')).code, 'DISK_FULL')
    assert.equal(asSideloadError(systemError('EIO')).code, 'FILES_FAILED')
  })

  it('is told of with the bytes that are missing, holds nothing half-written, and the same bundle ends when there is room', async function () {
    await withRoot(async (folder) => {
      using disk = smallDisk(join(folder, 'disk'), 1024)
      if (disk === undefined) return this.skip()
      const room = await stage(disk.path)
      const tree = Object.fromEntries(
        Array.from({length: 12}, (_, index) => [`images/${index}.png`, Buffer.alloc(200_000 + index, index)]),
      )
      const manifest = bundle(room.store, {...tree, 'themes/small.css': 'small'})
      const first = await runAll(sideload, request(manifest), room)
      assert.equal(first.slices.at(-1)?.state, 'failed')
      const failed = first.lines.filter(({result}) => result === 'failed')
      assert.ok(failed.length >= 7 && failed.length < 12, `${failed.length} failed`)
      for (const {code, reason} of failed) {
        assert.equal(code, 'DISK_FULL', reason)
        assert.match(reason ?? '', /full: \d+ bytes are needed, \d+ bytes are free/)
      }
      const whole = expected({...tree, 'themes/small.css': 'small'})
      for (const [path, content] of Object.entries(treeOf(room.tree))) assert.equal(content, whole[path], path)
      // To the last byte: not even what is remembered of files gets there.
      const ballast = openSync(join(disk.path, 'ballast'), 'w')
      assert.throws(() => {
        for (;;) writeSync(ballast, Buffer.alloc(4096))
      }, /ENOSPC/)
      closeSync(ballast)
      const full = await runAll(sideload, request(manifest), room)
      const left = full.lines.filter(({result}) => result === 'failed')
      assert.deepEqual(
        left.map(({path, code}) => `${path} ${code}`).sort(),
        failed.map(({path}) => `${path} DISK_FULL`).sort(),
      )
      for (const [path, content] of Object.entries(treeOf(room.tree))) assert.equal(content, whole[path], path)
      rmSync(join(disk.path, 'ballast'))
      disk.grow(8192)
      const second = await runAll(sideload, request(manifest), room)
      assert.deepEqual([second.counts['failed'], second.counts['copied']], [0, failed.length])
      assert.deepEqual(treeOf(room.tree), whole)
    })
  })
})
