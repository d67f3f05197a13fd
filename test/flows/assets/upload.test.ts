import assert from 'node:assert/strict'
import {partsFrom} from '../../../src/domain/assets/part-size.ts'
import {lockKey} from '../../../src/domain/ledger.ts'
import type {OpId} from '../../../src/domain/names.ts'
import {hardFiles} from '../../helpers/asset-tree.ts'
import {saying} from '../../aws/sdk.ts'
import {environment, FakeWorld} from './fakes.ts'

const sends = (world: FakeWorld): readonly string[] => world.calls.filter((call) => /^(send|part) /.test(call))

function largeFile(seed: number): Uint8Array {
  const bytes = new Uint8Array(partsFrom + 5_000_000)
  bytes.fill(seed)
  bytes[3] = 7
  return bytes
}

function world(): FakeWorld {
  const made = new FakeWorld()
  made.put('images/a.png', 'aaa')
  made.put('images/b.png', 'bbb')
  made.put('locale/empty', '')
  made.directories.add('excel-data')
  made.directories.add('excel-data/nothing in it')
  return made
}

describe('an upload of assets', () => {
  it('brings every file, empty ones and empty folders included, under raw keys', async () => {
    const fake = world()
    for (const {path, bytes} of hardFiles()) fake.put(path, bytes)
    const result = await fake.upload()
    assert.deepEqual(fake.actual(), fake.expected())
    assert.equal(result.sent, fake.folder.size)
    assert.equal(result.skipped, 0)
    assert.equal(result.changed, true)
    assert.equal(fake.stored('assets', 'assets/images/a%20b%2Fc.txt')?.body.byteLength, 'what looks encoded'.length)
    assert.match(result.manifestKey, /^bundles\/demo\/.*-upload-.*\.ndjson$/)
  })

  it('writes nothing and asks three times when nothing changed', async () => {
    const fake = world()
    const first = await fake.upload()
    fake.start()
    const {sent, skipped, changed, opId} = await fake.upload()
    assert.deepEqual({sent, skipped, changed, opId}, {sent: 0, skipped: 3, changed: false, opId: first.opId})
    const network = fake.calls.filter((call) => !/^(walk|load)/.test(call))
    assert.deepEqual(network.sort(), ['caller', 'describe', 'get bundles/demo/latest.json'])
  })

  it('asks four times on a machine that knows nothing, and writes nothing either', async () => {
    const fake = world()
    await fake.upload()
    fake.start()
    fake.indexes.clear()
    assert.equal((await fake.upload()).changed, false)
    const network = fake.calls.filter((call) => !/^(walk|load|read|save|forget)/.test(call))
    assert.equal(network.length, 4)
    fake.start()
    await fake.upload()
    assert.deepEqual(
      fake.calls.filter((call) => call.startsWith('read')),
      [],
    )
  })

  it('sends what changed and nothing else', async () => {
    const fake = world()
    await fake.upload()
    fake.put('images/a.png', 'new')
    fake.put('images/c.png', 'ccc')
    fake.start()
    const {sent, skipped, bytes} = await fake.upload()
    assert.deepEqual({sent, skipped, bytes}, {sent: 2, skipped: 2, bytes: 6})
    assert.deepEqual([...sends(fake)].sort(), ['send assets/images/a.png', 'send assets/images/c.png'])
    assert.deepEqual(fake.actual(), fake.expected())
  })

  it('reads a touched file and does not send it when its content is the same; its mode is taken over', async () => {
    const fake = world()
    await fake.upload()
    fake.put('images/a.png', 'aaa', 0o600)
    fake.start()
    const {sent, changed} = await fake.upload()
    assert.deepEqual({sent, changed}, {sent: 0, changed: true})
    assert.deepEqual(fake.actual(), fake.expected())
  })

  it('reads a file again that was touched within two seconds of the index', async () => {
    const fake = world()
    fake.folder.get('images/a.png')!.touchedMs = fake.time - 1500
    await fake.upload()
    fake.start()
    await fake.upload()
    assert.deepEqual(
      fake.calls.filter((call) => call.startsWith('read')),
      ['read images/a.png'],
    )
  })

  it('reads every file with checksum, and finds a change that the file system hides', async () => {
    const fake = world()
    await fake.upload()
    fake.folder.get('images/a.png')!.bytes = new TextEncoder().encode('xxx')
    assert.equal((await fake.upload()).sent, 0)
    assert.equal((await fake.upload({checksum: true})).sent, 1)
    assert.deepEqual(fake.actual(), fake.expected())
  })

  it('sends with checksum what no longer stands in the bucket, whoever overwrote or removed it', async () => {
    const fake = world()
    await fake.upload()
    fake.store('assets', 'assets/images/a.png', new TextEncoder().encode('by hand'))
    fake.buckets.get('assets')!.delete('assets/images/b.png')
    assert.equal((await fake.upload()).changed, false, 'the bundle pins its own versions, which may still be there')
    const seen = await fake.upload({checksum: true, dryRun: true})
    assert.deepEqual([seen.sent, seen.changed], [2, true])
    const repaired = await fake.upload({checksum: true})
    assert.deepEqual([repaired.sent, repaired.changed], [2, true])
    assert.deepEqual(fake.actual(), fake.expected())
    const again = await fake.upload({checksum: true})
    assert.deepEqual([again.sent, again.changed], [0, false])
  })

  it('keeps what is gone from the folder, until prune leaves it out', async () => {
    const fake = world()
    await fake.upload()
    fake.folder.delete('images/a.png')
    assert.equal((await fake.upload()).changed, false)
    assert.ok('images/a.png' in fake.actual())
    const {removed, sent} = await fake.upload({prune: true})
    assert.deepEqual({removed, sent}, {removed: 1, sent: 0})
    assert.deepEqual(fake.actual(), fake.expected())
    assert.notEqual(fake.stored('assets', 'assets/images/a.png'), undefined)
  })

  it('touches the chosen category only', async () => {
    const fake = world()
    await fake.upload()
    fake.folder.clear()
    fake.put('images/z.png', 'z')
    fake.put('locale/z', 'z')
    assert.deepEqual((await fake.upload({categories: ['images'], prune: true})).removed, 2)
    assert.deepEqual(
      Object.keys(fake.actual()).filter((path) => path.startsWith('images')),
      ['images', 'images/z.png'],
    )
    assert.ok('locale/empty' in fake.actual())
  })

  it('says in a dry run what it would do, and does nothing', async () => {
    const fake = world()
    await fake.upload()
    fake.put('images/new.png', 'new')
    fake.folder.delete('images/b.png')
    fake.start()
    const {changes, sent, skipped, removed, changed} = await fake.upload({dryRun: true, prune: true})
    assert.deepEqual({sent, skipped, removed, changed}, {sent: 1, skipped: 2, removed: 1, changed: true})
    assert.deepEqual(changes, [
      {path: 'images/new.png', change: 'sent', size: 3},
      {path: 'images/b.png', change: 'removed', size: 3},
    ])
    assert.deepEqual(
      fake.calls.filter((call) => /^(put|send|save|delete|note)/.test(call)),
      [],
    )
  })

  it('sends a large file in parts', async () => {
    const fake = world()
    fake.put('images/large.bin', largeFile(1))
    await fake.upload()
    assert.equal(fake.calls.filter((call) => call.startsWith('part')).length, 3)
    assert.deepEqual(fake.actual(), fake.expected())
    fake.put('images/large.bin', largeFile(1))
    fake.start()
    assert.equal((await fake.upload()).sent, 0)
  })

  it('goes on with the parts that S3 has', async () => {
    const fake = new FakeWorld()
    fake.put('images/large.bin', largeFile(1))
    await fake.upload()
    const complete = fake.calls.indexOf('complete assets/images/large.bin')
    const other = new FakeWorld()
    other.put('images/large.bin', largeFile(1))
    other.start(2 * complete)
    await assert.rejects(other.upload())
    other.start()
    await other.upload()
    assert.deepEqual(sends(other), [])
    assert.deepEqual(other.actual(), other.expected())
  })

  it('retries a file that changes while it is read, and fails by its name when it goes on', async () => {
    for (const path of ['images/a.png', 'images/large.bin']) {
      const fake = world()
      fake.put('images/large.bin', largeFile(1))
      if (path.endsWith('bin')) {
        fake.restless.set(path, 1)
        await fake.upload()
        assert.deepEqual(fake.actual(), fake.expected())
        fake.put(path, largeFile(2))
      }
      fake.restless.set(path, 9)
      await assert.rejects(fake.upload(), saying('FailedError', 'UNREADABLE_ASSETS', new RegExp(`${path}" changes`)))
      assert.equal(fake.partUploads.size, 0)
    }
  })

  it('names every file that cannot be read, sends the others, and writes no bundle', async () => {
    const fake = world()
    fake.unreadable.add('images/a.png').add('locale/empty')
    await assert.rejects(fake.upload(), saying('FailedError', 'UNREADABLE_ASSETS', /cannot be read.* 1 more/))
    const warnings = fake.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
    assert.deepEqual(warnings.sort(), ['"images/a.png" cannot be read', '"locale/empty" cannot be read'])
    assert.deepEqual(fake.bundle(), [])
    fake.unreadable.clear()
    fake.start()
    const {sent, skipped} = await fake.upload()
    assert.deepEqual({sent, skipped}, {sent: 2, skipped: 1})
  })

  it('refuses a folder where a file was, unless it may prune', async () => {
    const fake = new FakeWorld()
    fake.put('images/a/b', 'x')
    await fake.upload()
    fake.folder.clear()
    fake.directories.delete('images/a')
    fake.put('images/a', 'now a file')
    await assert.rejects(fake.upload(), saying('RefusedError', 'ENTRY_CONFLICT', /"images\/a"/))
    await fake.upload({prune: true})
    assert.deepEqual(fake.actual(), fake.expected())
  })

  it('refuses names that cannot be stored, and names each', async () => {
    const fake = world()
    fake.put(`images/${'x'.repeat(256)}`, 'x')
    fake.put('images/\ud800', 'x')
    await assert.rejects(
      fake.upload(),
      saying('RefusedError', 'UNFIT_ASSETS', /2 paths .*Unicode.*256 bytes|2 paths .*256 bytes.*Unicode/),
    )
    assert.deepEqual(sends(fake), [])
  })

  it('refuses an empty folder, and a chosen category that is not there', async () => {
    await assert.rejects(new FakeWorld().upload(), saying('UsageError', 'EMPTY_FOLDER'))
    await assert.rejects(world().upload({categories: ['svg']}), saying('NotFoundError', 'CATEGORY_NOT_FOUND', /svg/))
  })

  it('refuses the wrong account before anything else', async () => {
    await assert.rejects(world().upload({account: '999999999999'}), saying('RefusedError', 'WRONG_ACCOUNT'))
  })

  it('goes on when the memory of this machine is full, and says so', async () => {
    const fake = world()
    const {ports} = fake
    const full = () => Promise.reject(new RangeError('ENOSPC'))
    const {uploadAssets} = await import('../../../src/flows/assets/upload.ts')
    const options = {
      environment,
      account: undefined,
      folder: '/f',
      categories: [],
      prune: false,
      checksum: false,
      followSymlinks: false,
      dryRun: false,
      resume: undefined,
    }
    await uploadAssets(options, {...ports, assetIndexes: {...ports.assetIndexes, save: full, noteSent: full}}, fake.run)
    assert.deepEqual(fake.actual(), fake.expected())
    const codes = fake.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
    assert.deepEqual(codes, ['SENT_NOT_NOTED', 'INDEX_NOT_SAVED'])
  })

  it('tells how far it is, and ends with everything', async () => {
    const fake = world()
    await fake.upload()
    const last = fake.events.findLast((event) => event.type === 'transfer.progress')
    assert.deepEqual(
      {...last, bytesPerSecond: 0},
      {type: 'transfer.progress', filesDone: 3, filesTotal: 3, bytesDone: 6, bytesTotal: 6, bytesPerSecond: 0},
    )
  })
})

describe('two uploads at once', () => {
  it('end with one bundle: who comes second is told by the lock', async () => {
    const fake = world()
    const lock = {
      schemaVersion: 1,
      environment,
      opId: '20260101T000000Z-upload-aaaaaa',
      holder: {host: 'other', pid: 2, user: 'eve'},
      acquiredAt: 'now',
    }
    const held = new TextEncoder().encode(JSON.stringify(lock))
    fake.store('records', lockKey(environment, 'assets'), held)
    const {ports} = fake
    const {uploadAssets} = await import('../../../src/flows/assets/upload.ts')
    const options = {
      environment,
      account: undefined,
      folder: '/f',
      categories: [],
      prune: false,
      checksum: false,
      followSymlinks: false,
      dryRun: false,
      resume: undefined,
    }
    const alive = {...ports, machine: {...ports.machine, mayBeAlive: () => true}}
    await assert.rejects(
      uploadAssets(options, alive, fake.run),
      saying('LockedError', 'LOCKED', /assets of demo are locked: eve on other/),
    )
    assert.deepEqual(sends(fake), [])
  })

  it('are not kept apart by a deployment that runs', async () => {
    const fake = world()
    fake.store('records', lockKey(environment), new TextEncoder().encode('{}'))
    await fake.upload()
    assert.deepEqual(fake.actual(), fake.expected())
  })

  for (const call of [
    'putIfAbsent locks/demo/assets.json',
    'send assets/images/a.png',
    'putIfMatch bundles/demo/latest.json',
  ]) {
    it(`never mix: one that was overtaken at "${call}" commits nothing`, async () => {
      const fake = world()
      await fake.upload()
      const other = fake.folder.get('images/b.png')!.bytes
      fake.put('images/a.png', 'mine')
      fake.start()
      // Another machine with another folder, whose lock ours has taken over or not seen yet.
      const theirs = () => {
        const before = new TextDecoder().decode(fake.stored('assets', 'bundles/demo/latest.json')!.body)
        fake.store('assets', 'bundles/demo/latest.json', new TextEncoder().encode(`${before} `))
      }
      fake.meanwhile.set(call, theirs)
      await assert.rejects(fake.upload(), saying('LockedError', 'BUNDLE_MOVED'))
      assert.notEqual(fake.actual()['images/a.png'], fake.expected()['images/a.png'])
      assert.equal(other.byteLength, 3)
      assert.equal(fake.stored('records', lockKey(environment, 'assets')), undefined)
      fake.start()
      await fake.upload()
      assert.deepEqual(fake.actual(), fake.expected())
    })
  }
})

describe('an upload that is interrupted', () => {
  it('stops at the next file, keeps what was sent, and goes on from there', async () => {
    const fake = world()
    for (let index = 0; index < 100; index++) fake.put(`svg/${index}`, String(index))
    fake.start()
    fake.meanwhile.set('send assets/svg/5', () => fake.pause.abort(new RangeError('stop')))
    await assert.rejects(fake.upload())
    const done = sends(fake).length
    assert.ok(done > 0 && done < 100)
    assert.equal(fake.stored('records', lockKey(environment, 'assets')), undefined)
    fake.start()
    const {sent, skipped} = await fake.upload()
    assert.deepEqual([sent + skipped, sent + fake.sent.length], [103, sent])
    assert.ok(sent < 103)
    assert.deepEqual(fake.actual(), fake.expected())
  })

  it('can be resumed under its own id', async () => {
    const fake = world()
    fake.start(2 * 12)
    await assert.rejects(fake.upload())
    const [opId = ''] = [...fake.buckets.get('records')!.keys()].flatMap(
      (key) => /^ops\/([^/]+)\/operation/.exec(key)?.[1] ?? [],
    )
    fake.start()
    const result = await fake.upload({resume: opId as OpId})
    assert.equal(result.opId, opId)
    assert.deepEqual(fake.actual(), fake.expected())
  })

  it('ends with the folder in the bucket, wherever it was killed, and never shows half a bundle', async function () {
    this.timeout(60_000)
    const whole = world()
    await whole.upload()
    const before = whole.actual()
    const change = (fake: FakeWorld): void => {
      fake.put('images/a.png', 'changed')
      fake.folder.delete('images/b.png')
    }
    change(whole)
    whole.start()
    await whole.upload({prune: true})
    const calls = whole.calls.length
    assert.ok(calls > 20)
    for (let killAt = 0; killAt < 2 * calls; killAt++) {
      const fake = world()
      await fake.upload()
      change(fake)
      fake.start(killAt)
      await fake.upload({prune: true}).catch(() => undefined)
      const seen = JSON.stringify(fake.actual())
      assert.ok(
        [JSON.stringify(before), JSON.stringify(fake.expected())].includes(seen),
        `half a bundle after ${killAt}`,
      )
      fake.start()
      await fake.upload({prune: true})
      assert.deepEqual(fake.actual(), fake.expected(), `killed at ${killAt}: ${fake.calls.join(', ')}`)
    }
  })

  it('ends the same when the first upload, of a large file, is killed', async function () {
    this.timeout(60_000)
    const made = (): FakeWorld => {
      const fake = new FakeWorld()
      fake.put('images/large.bin', largeFile(1))
      fake.start()
      return fake
    }
    const whole = made()
    await whole.upload()
    // Calls around the parts: the others do the same for any file.
    const telling = [...whole.calls.keys()].filter((call) =>
      /^(open|unfinished|begin|part|complete|note)/.test(whole.calls[call]!),
    )
    assert.ok(telling.length > 6)
    for (const call of telling) {
      const fake = made()
      fake.start(2 * call + (call % 2))
      await fake.upload().catch(() => undefined)
      fake.start()
      await fake.upload()
      assert.deepEqual(fake.actual(), fake.expected(), `killed at ${whole.calls[call]}`)
    }
  })
})
