import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {mkdir, readdir, rename, rm, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {marker, prepare} from '../../lambda/sideload/operations/prepare.ts'
import {promote, type PromoteRequest} from '../../lambda/sideload/operations/promote.ts'
import {activate, roots} from '../../lambda/sideload/operations/roots.ts'
import {treeOf} from './bundle.ts'
import {mayDie, mortal, settingsFor, withRoot} from './sandbox.ts'

const restored = 'aws-backup-restore_2026-01-02T03-04-05'
const from = `${restored}/gen/1`

const asked: PromoteRequest = {from, generation: 2, canary: '', cursor: '', deadlineMs: 60_000}

/** Generation 1, and a copy of it where a backup would bring it back. */
async function lay(root: string): Promise<void> {
  await prepare(settingsFor(root), nodeFiles, 1)
  await mkdir(join(root, restored, 'gen'), {recursive: true})
  await rename(join(root, 'gen/1'), join(root, from))
  await prepare(settingsFor(root), nodeFiles, 1)
  await writeFile(join(root, from, 'themes/restored'), 'x')
  await mkdir(join(root, from, '.pi'))
  await writeFile(join(root, from, '.pi/canary-s1'), '')
}

describe('promote', () => {
  it('makes a generation of a restored tree, once', () =>
    withRoot(async (root) => {
      await lay(root)
      const answer = await promote(settingsFor(root), nodeFiles, {...asked, canary: 's1'}, Date.now)
      assert.deepEqual({...answer, checked: 0}, {generation: 2, from, state: 'complete', checked: 0})
      assert.equal(treeOf(join(root, 'gen/2'))['themes/restored'], 'x')
      assert.ok(existsSync(join(root, 'gen/2', marker)))
      assert.equal(existsSync(join(root, restored)), false)
      assert.deepEqual(await readdir(join(root, '.pi/promotions')), [])
      assert.deepEqual(await promote(settingsFor(root), nodeFiles, asked, Date.now), {...answer, checked: 0})
    }))

  it('leaves no half generation after a death in any call, and the next call ends right', async () => {
    const whole = await withRoot(async (root) => {
      await lay(root)
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      await promote(settingsFor(root), files, asked, Date.now)
      return used()
    })
    assert.ok(whole > 10)
    for (let calls = 0; calls < whole; calls++) {
      await withRoot(async (root) => {
        await lay(root)
        await mayDie(promote(settingsFor(root), mortal(calls).files, asked, Date.now))
        // The mark comes last: what says where the tree came from is there before.
        const isMarked = existsSync(join(root, 'gen/2', marker))
        if (isMarked) assert.ok(existsSync(join(root, 'gen/2/.pi/promoted.json')), `after ${calls} calls`)
        await promote(settingsFor(root), nodeFiles, asked, Date.now)
        assert.equal(treeOf(join(root, 'gen/2'))['themes/restored'], 'x', `after ${calls} calls`)
        assert.ok(existsSync(join(root, 'gen/2', marker)))
        assert.ok(existsSync(join(root, 'gen/1', marker)))
      })
    }
  })

  it('looks at a large tree slice by slice', () =>
    withRoot(async (root) => {
      await lay(root)
      for (let index = 0; index < 200; index++) await writeFile(join(root, from, `images/${index}`), '')
      let time = 0
      let [slices, cursor] = [0, '']
      for (;;) {
        const answer = await promote(settingsFor(root), nodeFiles, {...asked, cursor, deadlineMs: 1}, () => (time += 9))
        slices += 1
        if (answer.cursor === undefined) break
        cursor = answer.cursor
      }
      assert.ok(slices >= 3, `${slices} slices`)
    }))

  it('refuses what is there, what is not there, and what is not whole', () =>
    withRoot(async (root) => {
      await lay(root)
      const attempt = async (changes: Partial<PromoteRequest>): Promise<unknown> =>
        promote(settingsFor(root), nodeFiles, {...asked, ...changes}, Date.now)
      await assert.rejects(attempt({generation: 1}), {code: 'GENERATION_EXISTS'})
      await assert.rejects(attempt({from: `${restored}/gen/7`}), {code: 'NOT_FOUND'})
      await assert.rejects(attempt({canary: 'another'}), {code: 'NOT_FOUND'})
      await assert.rejects(attempt({from: 'gen/1'}), {code: 'BAD_PATH'})
      await assert.rejects(attempt({from: '.pi/x'}), {code: 'BAD_PATH'})
      await symlink('../../../../gen/1/keys', join(root, from, 'themes/out'))
      await assert.rejects(attempt({}), {code: 'BAD_PATH', message: /leads out/})
      await rm(join(root, from, 'themes/out'))
      await symlink('restored', join(root, from, 'themes/inside'))
      await rm(join(root, from, 'keys'), {recursive: true})
      await assert.rejects(attempt({}), {code: 'GENERATION_DAMAGED'})
      assert.equal(existsSync(join(root, 'gen/2')), false)
    }))
})

describe('roots', () => {
  it('says which generations there are, which one is active, and what a backup brought back', () =>
    withRoot(async (root) => {
      await lay(root)
      await mkdir(join(root, 'gen/3'))
      await mkdir(join(root, 'aws-backup-lost+found'))
      const found = await roots(settingsFor(root), nodeFiles)
      assert.deepEqual(
        {...found, freeBytes: 0},
        {
          generations: [
            {generation: 1, complete: true, active: false},
            {generation: 3, complete: false, active: false},
          ],
          restored: [{path: from, canaries: ['s1']}],
          frozen: [],
          others: ['aws-backup-lost+found'],
          freeBytes: 0,
        },
      )
      await activate(settingsFor(root), nodeFiles, 1)
      assert.equal((await roots(settingsFor(root), nodeFiles)).generations[0]?.active, true)
      await assert.rejects(activate(settingsFor(root), nodeFiles, 3), {code: 'GENERATION_MISSING'})
    }))
})
