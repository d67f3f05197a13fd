import assert from 'node:assert/strict'
import {mkdir, rm, symlink, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import fc from 'fast-check'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {list, type ListedEntry} from '../../lambda/sideload/operations/list.ts'
import {compareNames} from '../../lambda/sideload/paths.ts'
import {settingsFor, withRoot} from './sandbox.ts'

const whole = {path: '', cursor: '', limit: 1000}

async function lay(root: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(root, file)), {recursive: true})
    await writeFile(join(root, file), file)
  }
}

async function pages(root: string, limit: number): Promise<ListedEntry[][]> {
  const found: ListedEntry[][] = []
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await list(settingsFor(root), nodeFiles, {path: '', cursor, limit})
    found.push([...page.entries])
    cursor = page.cursor
  }
  return found
}

describe('list', () => {
  it('names files and folders at any depth, relative to what was asked for, with size and time', () =>
    withRoot(async (root) => {
      await lay(root, ['gen/1/themes/piBerry Wider Tables/theme.css', 'gen/1/images/Straße 🙂.png', 'other'])
      const {entries} = await list(settingsFor(root), nodeFiles, {...whole, path: 'gen/1'})
      assert.deepEqual(
        entries.map(({path, kind}) => `${kind} ${path}`),
        [
          'directory images',
          'file images/Straße 🙂.png',
          'directory themes',
          'directory themes/piBerry Wider Tables',
          'file themes/piBerry Wider Tables/theme.css',
        ],
      )
      assert.deepEqual(
        entries.map(({size}) => size > 0),
        [false, true, false, false, true],
      )
      for (const {modifiedAt} of entries) assert.equal(new Date(modifiedAt).toISOString(), modifiedAt)
    }))

  it('gives the same entries in the same order whatever the size of a page', async () => {
    const name = fc.constantFrom('a', 'a b', 'a-b', 'B', 'é', 'z')
    const tree = fc.uniqueArray(
      fc.array(name, {minLength: 1, maxLength: 3}).map((names) => names.map((part) => `d${part}`).join('/')),
      {maxLength: 8},
    )
    await fc.assert(
      fc.asyncProperty(tree, fc.integer({min: 1, max: 5}), (folders, limit) =>
        withRoot(async (root) => {
          await lay(
            root,
            folders.map((folder) => `${folder}/file`),
          )
          const {entries, cursor} = await list(settingsFor(root), nodeFiles, whole)
          const found = await pages(root, limit)
          assert.equal(cursor, undefined)
          assert.deepEqual(found.flat(), entries)
          assert.ok(found.every((page) => page.length <= limit))
          const names = entries.map(({path}) => path.split('/'))
          assert.deepEqual(names, [...names].sort(compareNames))
        }),
      ),
      {numRuns: 40},
    )
  })

  it('goes on behind the cursor when what it names is gone', () =>
    withRoot(async (root) => {
      await lay(root, ['a/1', 'a/2', 'b/1'])
      const first = await list(settingsFor(root), nodeFiles, {...whole, limit: 2})
      assert.equal(first.cursor, 'a/1')
      await rm(join(root, 'a'), {recursive: true})
      const second = await list(settingsFor(root), nodeFiles, {...whole, cursor: 'a/1'})
      assert.deepEqual(
        second.entries.map(({path}) => path),
        ['b', 'b/1'],
      )
    }))

  it('leaves out what is being loaded just now', () =>
    withRoot(async (root) => {
      await lay(root, ['a/.pi-part-op-1-0', 'a/.pi-part-large-x', 'a/done'])
      const {entries} = await list(settingsFor(root), nodeFiles, whole)
      assert.deepEqual(
        entries.map(({path}) => path),
        ['a', 'a/done'],
      )
    }))

  it('names links and does not follow them', () =>
    withRoot(async (root) => {
      await symlink('/', join(root, 'out'))
      const {entries} = await list(settingsFor(root), nodeFiles, whole)
      assert.deepEqual(
        entries.map(({path, kind}) => [path, kind]),
        [['out', 'other']],
      )
      await assert.rejects(list(settingsFor(root), nodeFiles, {...whole, path: 'out'}), {code: 'NOT_A_DIRECTORY'})
    }))

  it('refuses a path that a link takes out of the root', () =>
    withRoot(async (root) => {
      await symlink('/usr', join(root, 'out'))
      await assert.rejects(list(settingsFor(root), nodeFiles, {...whole, path: 'out/bin/..'}), {code: 'BAD_PATH'})
      await assert.rejects(list(settingsFor(root), nodeFiles, {...whole, path: 'out/lib'}), {
        code: /BAD_PATH|NOT_A_DIRECTORY/,
      })
      await assert.rejects(list(settingsFor(root), nodeFiles, {...whole, path: 'out/share'}), {
        code: 'BAD_PATH',
        message: /link/,
      })
    }))

  it('says what is not there and what is no folder', () =>
    withRoot(async (root) => {
      await lay(root, ['file'])
      await assert.rejects(list(settingsFor(root), nodeFiles, {...whole, path: 'nothing'}), {code: 'NOT_FOUND'})
      await assert.rejects(list(settingsFor(root), nodeFiles, {...whole, path: 'file'}), {code: 'NOT_A_DIRECTORY'})
      await assert.rejects(list(settingsFor(root), nodeFiles, {...whole, path: 'file/below'}), {code: 'NOT_FOUND'})
      await assert.rejects(list(settingsFor(root), nodeFiles, {...whole, cursor: '../x'}), {code: 'BAD_PATH'})
    }))
})
