import assert from 'node:assert/strict'
import {createHash, randomBytes} from 'node:crypto'
import {mkdir, readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import fc from 'fast-check'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {linesFrom, seekLine, type Bytes} from '../../lambda/sideload/ndjson.ts'
import {comparePaths} from '../../lambda/sideload/paths.ts'
import {ResumableSha256} from '../../lambda/sideload/sha256.ts'
import type {FileRecord} from '../../lambda/sideload/state/record.ts'
import {State} from '../../lambda/sideload/state/state.ts'
import {walk} from '../../lambda/sideload/tree/walk.ts'
import {mayDie, mortal, withRoot} from './sandbox.ts'

const anyText = fc.string({unit: 'grapheme', maxLength: 12}).filter((text) => text.isWellFormed())

describe('the order of paths', () => {
  it('is the one of their bytes', () => {
    const text = fc.oneof(anyText, fc.string({unit: fc.constantFrom('a', '/', ' ', '\uffee', '\u{10000}', '\ud7ff')}))
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(Math.sign(comparePaths(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      {numRuns: 500},
    )
  })

  it('is the one in which a tree is walked, from anywhere', async () => {
    const name = fc.constantFrom('a', 'a b', 'a!', 'a-', 'a0', '\uffee', '\u{1f642}')
    const paths = fc.uniqueArray(
      fc.array(name, {minLength: 1, maxLength: 3}).map((names) => `${names.join('/')}/f`),
      {maxLength: 8},
    )
    await fc.assert(
      fc.asyncProperty(paths, fc.nat(20), fc.nat(20), (files, first, second) =>
        withRoot(async (root) => {
          for (const file of files) {
            await mkdir(join(root, file, '..'), {recursive: true})
            await writeFile(join(root, file), '')
          }
          const collect = async (options: Parameters<typeof walk>[2]): Promise<string[]> => {
            const found: string[] = []
            for await (const {path} of walk(nodeFiles, root, options)) found.push(path)
            return found
          }
          const all = await collect({})
          const independent = (await readdir(root, {recursive: true})).sort((a, b) =>
            Buffer.compare(Buffer.from(a), Buffer.from(b)),
          )
          assert.deepEqual(all, independent)
          const [after = '', from = ''] = [all[first], all[second]]
          assert.deepEqual(await collect({after}), after === '' ? all : all.slice(all.indexOf(after) + 1))
          assert.deepEqual(await collect({from}), from === '' ? all : all.slice(all.indexOf(from)))
        }),
      ),
      {numRuns: 40},
    )
  }).timeout(30_000)
})

describe('lines that are read by ranges', () => {
  it('come whole, and are found by their key', async () => {
    const keys = fc.uniqueArray(fc.tuple(anyText, fc.nat(60_000)), {maxLength: 40, selector: ([key]) => key})
    await fc.assert(
      fc.asyncProperty(keys, anyText, async (pairs, target) => {
        const sorted = pairs.sort(([a], [b]) => comparePaths(a, b))
        const text = Buffer.from(
          sorted.map(([key, pad]) => `${JSON.stringify({key, pad: ' '.repeat(pad)})}\n`).join(''),
        )
        const bytes: Bytes = {size: text.byteLength, read: async (from, to) => text.subarray(from, to)}
        const keyOf = (line: string): string => (JSON.parse(line) as {key: string}).key
        const found = []
        for await (const line of linesFrom(bytes, 0)) {
          assert.equal(text.toString('utf8', line.offset, line.end - 1), line.text)
          found.push(keyOf(line.text))
        }
        assert.deepEqual(
          found,
          sorted.map(([key]) => key),
        )
        const offset = await seekLine(bytes, 0, (line) => comparePaths(keyOf(line), target) < 0)
        const rest = []
        for await (const line of linesFrom(bytes, offset)) rest.push(keyOf(line.text))
        assert.deepEqual(
          rest,
          found.filter((key) => comparePaths(key, target) >= 0),
        )
      }),
      {numRuns: 60},
    )
  }).timeout(30_000)
})

describe('the SHA-256 that can be interrupted', () => {
  it('is the one of the runtime, however the bytes are cut and wherever it is saved', () => {
    const cuts = fc.array(fc.nat(200), {maxLength: 8})
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 600}), cuts, fc.nat(9), (bytes, sizes, blocks) => {
        const saved = Math.min(blocks * 64, bytes.byteLength - (bytes.byteLength % 64))
        let hash = new ResumableSha256().update(bytes.subarray(0, saved))
        hash = ResumableSha256.from(hash.save(), saved)
        let at = saved
        for (const size of sizes) {
          hash.update(bytes.subarray(at, at + size))
          at = Math.min(bytes.byteLength, at + size)
        }
        hash.update(bytes.subarray(at))
        assert.equal(hash.digest(), createHash('sha256').update(bytes).digest('hex'))
      }),
    )
    const large = randomBytes(3_000_001)
    assert.equal(new ResumableSha256().update(large).digest(), createHash('sha256').update(large).digest('hex'))
  })

  it('counts beyond 32 bits', () => {
    // The last block, filled up by hand: one byte, the bit behind it, and a length that needs more than 32 bits.
    const saved = createHash('sha256').update('anything').digest('hex')
    const last = Buffer.alloc(64)
    last.set([0x61, 0x80])
    last.writeBigUInt64BE((2n ** 32n + 1n) * 8n, 56)
    const digest = ResumableSha256.from(saved, 2 ** 32)
      .update(Buffer.from('a'))
      .digest()
    assert.equal(digest, ResumableSha256.from(saved, 0).update(last).save())
  })
})

const record = (path: string, sha256: string): FileRecord => ({
  path,
  kind: 'file',
  size: 1,
  modifiedNs: '1',
  sha256,
  own: true,
})

describe('the state of a generation', () => {
  const open = async (tree: string, sliceId: string, now = Date.now, files = nodeFiles): Promise<State> =>
    State.open({files, tree, sliceId, expires: now() + 1000, now})

  const read = async (tree: string, now = Date.now): Promise<Record<string, string>> => {
    await using state = await open(tree, 'reader', now)
    const found: Record<string, string> = {}
    for await (const one of state.records('')) found[one.path] = one.gone === true ? 'gone' : one.sha256
    return found
  }

  it('remembers the last word on each path, through any number of runs, merges and deaths', async () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c/d', '\u{1f642}'), fc.nat(4), fc.boolean()), {
      minLength: 1,
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(steps, (words) =>
        withRoot(async (tree) => {
          const wanted: Record<string, string> = {}
          for (const [index, [path, what, dies]] of words.entries()) {
            await using state = await open(tree, `s${index}`)
            await state.record(record(path, `${index}-${what}`))
            if (!dies) await state.finish()
            wanted[path] = `${index}-${what}`
          }
          assert.deepEqual(await read(tree), wanted)
          const later = (): number => Date.now() + 3_600_000
          assert.deepEqual(await read(tree, later), wanted)
          assert.ok((await readdir(join(tree, '.pi/state'))).every((name) => !name.endsWith('.log')))
        }),
      ),
      {numRuns: 12},
    )
  }).timeout(60_000)

  it('merges many runs into one, loses nothing by a death while it does, and removes the old ones after an hour', async () => {
    const lay = async (tree: string): Promise<Record<string, string>> => {
      const wanted: Record<string, string> = {}
      await mkdir(join(tree, '.pi/state'), {recursive: true})
      for (let index = 0; index < 25; index++) {
        const path = `p${index % 9}`
        wanted[path] = `${index}`
        const line = JSON.stringify({...record(path, `${index}`), turn: index + 1})
        await writeFile(join(tree, '.pi/state', `${String(index + 1).padStart(9, '0')}-x.run`), `${line}\n`)
      }
      return wanted
    }
    const whole = await withRoot(async (tree) => {
      await lay(tree)
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      await using _state = await open(tree, 'merger', Date.now, files)
      const names = await readdir(join(tree, '.pi/state'))
      assert.equal(names.filter((name) => name.endsWith('.run')).length, 1)
      return used()
    })
    for (let calls = 0; calls < whole; calls++) {
      await withRoot(async (tree) => {
        const wanted = await lay(tree)
        await mayDie(open(tree, 'merger', Date.now, mortal(calls).files))
        assert.deepEqual(await read(tree), wanted, `after ${calls} calls`)
        assert.deepEqual(await read(tree, () => Date.now() + 3_600_000), wanted)
      })
    }
  }).timeout(60_000)

  it('does not mind a log whose last line is torn', () =>
    withRoot(async (tree) => {
      await mkdir(join(tree, '.pi/state'), {recursive: true})
      const head = {head: {slice: 's', drafts: '.pi-part-s', expires: 0}}
      const lines = [head, {...record('a', '1'), turn: 1}].map((line) => JSON.stringify(line))
      await writeFile(join(tree, '.pi/state/000000001-s-0.log'), `${lines.join('\n')}\n{"path":"b","turn":`)
      await writeFile(join(tree, '.pi/state/000000001-t-0.log'), '{"hea')
      assert.deepEqual(await read(tree), {a: '1'})
      assert.deepEqual(await read(tree), {a: '1'})
    }))
})
