import assert from 'node:assert/strict'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {nodeFiles, type Files} from '../../lambda/sideload/files.ts'
import {answer, type Surroundings} from '../../lambda/sideload/handler.ts'
import {systemError, withRoot} from './sandbox.ts'

function around(root: string, files: Files = nodeFiles): Surroundings & {lines: string[]} {
  const lines: string[] = []
  const environment = {
    FILES_ROOT: root,
    DATA_UID: String(process.getuid?.() ?? 0),
    DATA_GID: String(process.getgid?.() ?? 0),
  }
  return {
    environment,
    files,
    lines,
    store: async () => Promise.reject(systemError('ENOTNEEDED')),
    now: Date.now,
    pause: async () => Promise.resolve(),
    remainingMs: () => 900_000,
    log: (line) => void lines.push(line),
  }
}

async function codeOf(event: unknown, surroundings: Surroundings): Promise<string> {
  const given = await answer(event, surroundings)
  assert.equal(given.ok, false)
  assert.ok('error' in given && given.error.message !== '')
  return given.error.code
}

describe('the side-load function', () => {
  it('answers health with its version, the mount and the free space, and leaves nothing behind', () =>
    withRoot(async (root) => {
      const given = await answer({operation: 'health'}, around(root))
      assert.ok('freeBytes' in given && typeof given.freeBytes === 'number' && given.freeBytes > 0)
      assert.deepEqual(
        {...given, freeBytes: 0},
        {ok: true, version: '1.2.0', root, mounted: true, writable: true, freeBytes: 0},
      )
      assert.deepEqual(await nodeFiles.names(root), [])
    }))

  it('is unhealthy without a file system, on a file, and on one that takes no writes', () =>
    withRoot(async (root) => {
      await writeFile(join(root, 'file'), '')
      assert.equal(await codeOf({operation: 'health'}, around(join(root, 'nothing'))), 'NOT_FOUND')
      assert.equal(await codeOf({operation: 'health'}, around(join(root, 'file'))), 'NOT_A_DIRECTORY')
      const full = {...nodeFiles, makeDirectory: async () => Promise.reject(systemError('EROFS'))}
      assert.equal(await codeOf({operation: 'health'}, around(root, full)), 'NOT_WRITABLE')
    }))

  it('prepares and lists what it prepared', () =>
    withRoot(async (root) => {
      const surroundings = around(root)
      const made = await answer({operation: 'prepare', generation: 3}, surroundings)
      assert.equal(made.ok, true)
      const listed = await answer({operation: 'list', path: 'gen/3', limit: 1}, surroundings)
      assert.deepEqual('cursor' in listed && listed.cursor, '.pi-complete')
      assert.deepEqual(
        surroundings.lines.map((line) => JSON.parse(line) as unknown),
        ['prepare', 'list'].map((operation) => ({level: 'info', operation, ok: true})),
      )
    }))

  for (const [event, code] of [
    [undefined, 'BAD_REQUEST'],
    [null, 'BAD_REQUEST'],
    ['health', 'BAD_REQUEST'],
    [[], 'BAD_REQUEST'],
    [{}, 'BAD_REQUEST'],
    [{operation: 7}, 'BAD_REQUEST'],
    [{operation: 'wipe'}, 'UNKNOWN_OPERATION'],
    [{operation: 'prepare'}, 'BAD_REQUEST'],
    [{operation: 'prepare', generation: 0}, 'BAD_REQUEST'],
    [{operation: 'prepare', generation: '1'}, 'BAD_REQUEST'],
    [{operation: 'prepare', generation: 1.5}, 'BAD_REQUEST'],
    [{operation: 'list', path: 3}, 'BAD_REQUEST'],
    [{operation: 'list', path: '../..'}, 'BAD_PATH'],
    [{operation: 'list', limit: 1001}, 'BAD_REQUEST'],
    [{operation: 'activate', generation: 1}, 'GENERATION_MISSING'],
    [{operation: 'promote', generation: 2, from: 'gen/1'}, 'BAD_PATH'],
    [{operation: 'promote', generation: 2, from: '../x/y'}, 'BAD_PATH'],
    [{operation: 'promote', generation: 2, from: 'aws-backup-restore_1/gen/1', canary: '../x'}, 'BAD_REQUEST'],
    [{operation: 'sideload', generation: 1, opId: 'op', sliceId: '1'}, 'BAD_REQUEST'],
    [{operation: 'sideload', generation: 1, opId: '../op', sliceId: '1', manifest: {key: 'm'}}, 'BAD_REQUEST'],
    [{operation: 'sideload', generation: 1, opId: 'op', sliceId: 'a/b', manifest: {key: 'm'}}, 'BAD_REQUEST'],
    [{operation: 'sideload', generation: 1, opId: 'op', sliceId: '1', manifest: {key: ''}}, 'BAD_REQUEST'],
    [{operation: 'prune', generation: 1, opId: 'op', sliceId: '1', manifest: {key: 'm'}, dryRun: 1}, 'BAD_REQUEST'],
    [
      {operation: 'verify', generation: 1, opId: 'op', sliceId: '1', manifest: {key: 'm'}, deadlineMs: 120_001},
      'BAD_REQUEST',
    ],
    [{operation: 'diff', generation: 1, opId: 'op', sliceId: '1', manifest: {key: 'm'}}, 'MISCONFIGURED'],
  ] as const) {
    it(`answers ${event === undefined ? 'nothing' : JSON.stringify(event)} with ${code} and changes nothing`, () =>
      withRoot(async (root) => {
        const surroundings = around(root)
        assert.equal(await codeOf(event, surroundings), code)
        assert.deepEqual(await nodeFiles.names(root), [])
        assert.match(surroundings.lines.join('\n'), new RegExp(`"code":"${code}"`))
      }))
  }

  for (const [name, value] of [
    ['FILES_ROOT', undefined],
    ['FILES_ROOT', 'mnt/files'],
    ['DATA_UID', ''],
    ['DATA_UID', '-1'],
    ['DATA_GID', '4294967295'],
    ['DATA_GID', '1e3'],
  ] as const) {
    it(`says that ${name}=${value ?? '(unset)'} is wrong`, () =>
      withRoot(async (root) => {
        const surroundings = around(root)
        const environment = {...surroundings.environment, [name]: value}
        const given = await answer({operation: 'health'}, {...surroundings, environment})
        assert.ok('error' in given)
        assert.equal(given.error.code, 'MISCONFIGURED')
        assert.match(given.error.message, new RegExp(name))
      }))
  }

  it('hands on the words of a file system that fails in some other way', () =>
    withRoot(async (root) => {
      const broken = {...nodeFiles, freeBytes: async () => Promise.reject(systemError('EIO'))}
      assert.equal(await codeOf({operation: 'health'}, around(root, broken)), 'FILES_FAILED')
    }))
})
