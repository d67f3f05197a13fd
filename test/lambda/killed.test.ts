import assert from 'node:assert/strict'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {sideload} from '../../lambda/sideload/operations/sideload.ts'
import {bundle, expected, request, runAll, stage, treeOf, withFiles, type Tree} from './bundle.ts'
import {mayDie, mortal, withRoot} from './sandbox.ts'

/** How many deaths; PI_AWS_KILLS takes more of them. */
const kills = Number(process.env['PI_AWS_KILLS'] ?? 50)
/** PI_AWS_SEED repeats a run. */
const seed = Number(process.env['PI_AWS_SEED'] ?? Date.now() % 1_000_000)

/** The same numbers for the same seed: a generator by Marsaglia (xorshift, 32 bits). */
function chance(from: number): () => number {
  let state = (from * 2_654_435_761) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Files of all sorts: many folders, empty ones, and some that take several parts. */
const tree: Tree = {
  ...Object.fromEntries(
    Array.from({length: 40}, (_, index) => [`images/set ${index % 7}/${index} +%.png`, `body ${index}`.repeat(index)]),
  ),
  ...Object.fromEntries(
    Array.from({length: 4}, (_, index) => [`svg/large ${index}`, Buffer.alloc(40_000 + index * 5000, index)]),
  ),
  'locale/empty': '',
  'themes/nothing in it': null,
}

/** What somebody else put there, and what must survive everything. */
const mine = {'keys/secret': 'k', 'files/customer data': 'f'}

describe(`a side-load, killed at ${kills} moments by the seed ${seed}`, () => {
  it('ends identical each time it is continued, however often it dies on the way', async () => {
    const random = chance(seed)
    const sizes = {part: 16_384, rehash: 3 * 16_384}
    const whole = await withRoot(async (root) => {
      const room = await stage(root, {sizes})
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      await sideload(request(bundle(room.store, tree)), withFiles(room, files))
      return used()
    })
    assert.ok(whole > 200, `only ${whole} calls`)
    for (let died = 0; died < kills;) {
      await withRoot(async (root) => {
        const room = await stage(root, {sizes})
        for (const [path, text] of Object.entries(mine)) await nodeFiles.writeDurably(`${room.tree}/${path}`, text)
        const asked = request(bundle(room.store, tree))
        // Up to four deaths in one side-load, each anywhere in what is left of it.
        for (let times = 1 + Math.floor(random() * 4); times > 0 && died < kills; times--, died++) {
          await mayDie(sideload(asked, withFiles(room, mortal(Math.floor(random() * whole)).files)))
          const allowed = expected(tree, mine)
          for (const [path, content] of Object.entries(treeOf(room.tree))) {
            if (/(^|\/)\.pi-part-/.test(path)) continue
            assert.ok(path in allowed && allowed[path] === content, `${path} is half-written, by seed ${seed}`)
          }
        }
        // The command line asks for the same slice again, as it does when an invocation gives no answer.
        assert.equal((await sideload(asked, room)).state, 'complete')
        assert.deepEqual(treeOf(room.tree), expected(tree, mine), `not identical, by seed ${seed}`)
        room.store.reads.length = 0
        const again = await runAll(sideload, request(asked.manifest), room)
        assert.deepEqual([again.counts['copied'], again.counts['failed'], room.store.assetReads], [0, 0, []])
      })
    }
  }).timeout(120_000)
})
