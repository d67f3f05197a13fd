import assert from 'node:assert/strict'
import fc from 'fast-check'
import {makeOpId} from '../../../src/domain/names.ts'
import {brokenPromises, recoveryPolicy, recoveryState, usualPolicy} from '../../../src/domain/snapshots/age.ts'
import {catalogueKey, noteLimit, proofKey, readCatalogue, tagLimit} from '../../../src/domain/snapshots/catalogue.ts'
import {readCheckLines} from '../../../src/domain/snapshots/check-lines.ts'
import {
  isSnapshotId,
  newestFirst,
  parseSnapshotRef,
  resolveSnapshot,
  safetyTag,
  type SnapshotId,
  snapshotIdOf,
} from '../../../src/domain/snapshots/id.ts'
import {
  databaseSnapshotName,
  idOfDatabaseSnapshot,
  manifestKey,
  planKey,
  tombstoneKey,
} from '../../../src/domain/snapshots/keys.ts'
import type {VaultLock} from '../../../src/domain/snapshots/lock.ts'
import {bytesOfSet, type ManifestBody, openManifest, sealManifest} from '../../../src/domain/snapshots/manifest.ts'
import {nextPair, restoreEndKey, restoreKey, restoreStates, reversed} from '../../../src/domain/snapshots/pair.ts'
import {retention, type RetentionPolicy} from '../../../src/domain/snapshots/retention.ts'
import {skewOf} from '../../../src/domain/snapshots/skew.ts'

const times = fc.date({
  min: new Date('2024-01-01T00:00:00Z'),
  max: new Date('2027-12-31T00:00:00Z'),
  noInvalidDate: true,
})
const hexes = fc.stringMatching(/^[0-9a-f]{6}$/)
const ids = fc.tuple(times, hexes).map(([at, random]) => snapshotIdOf(makeOpId('snapshot', at, random)))

function manifestOf(id: SnapshotId, more: Partial<ManifestBody> = {}): ManifestBody {
  const hash = 'a'.repeat(64)
  return {
    schemaVersion: 1,
    id,
    opId: 'op',
    environment: 'demo',
    account: '111122223333',
    region: 'eu-west-1',
    partition: 'aws',
    cliVersion: '0.1.0',
    createdAt: '2026-01-02T03:04:05.000Z',
    note: '',
    tags: [],
    consistency: 'strict',
    weakened: '',
    skewMs: 0,
    downMs: 1000,
    foundationId: 'f',
    keyArn: 'k',
    database: {
      generation: 1,
      instance: 'i',
      resourceId: 'r',
      snapshotIdentifier: 's',
      snapshotArn: 'a',
      at: '2026-01-02T03:04:06.000Z',
      allocatedStorage: 20,
      engineVersion: '10.11.8',
      parameterGroupFamily: 'mariadb10.11',
      masterUsername: 'm',
      port: 3306,
      keyArn: 'k',
    },
    files: {
      generation: 1,
      fileSystemId: 'fs',
      vault: 'v',
      recoveryPointArn: 'p',
      path: 'gen/1',
      from: '2026-01-02T03:04:06.000Z',
      to: '2026-01-02T03:04:06.000Z',
      files: 1,
      directories: 1,
      bytes: 5,
      treeHash: hash,
      uid: 1000,
      gid: 1000,
    },
    configuration: {stacks: [], images: [], secrets: []},
    ...more,
  }
}

const id = '20260102t030405z-abcdef' as SnapshotId

describe('the id of a set', () => {
  it('follows from the operation that makes it, fits where AWS wants names, and sorts by time', () => {
    fc.assert(
      fc.property(times, times, hexes, (a, b, random) => {
        const [first, second] = [a, b].map((at) => snapshotIdOf(makeOpId('snapshot', at, random)))
        assert.ok(first !== undefined && second !== undefined && isSnapshotId(first))
        assert.ok(databaseSnapshotName('a'.repeat(20), first, 99).length <= 63)
        if (Math.floor(a.getTime() / 1000) < Math.floor(b.getTime() / 1000)) assert.ok(first < second)
      }),
    )
    assert.equal(snapshotIdOf(makeOpId('restore', new Date(0), 'abcdef')), '19700101t000000z-abcdef')
  })

  it('is read off the names of its children and records, and off no others', () => {
    fc.assert(
      fc.property(ids, fc.integer({min: 1, max: 9}), (one, attempt) => {
        assert.equal(idOfDatabaseSnapshot('demo', databaseSnapshotName('demo', one, attempt)), one)
        assert.equal(idOfDatabaseSnapshot('other', databaseSnapshotName('demo', one, attempt)), undefined)
      }),
    )
    for (const name of ['pi-demo-1-final-20260102t030405z', 'pi-demo-g1-kept-20260102t030405z', 'rds:x'])
      assert.equal(idOfDatabaseSnapshot('demo', name), undefined)
  })

  it('is found by any beginning that only one set has, and by latest', () => {
    fc.assert(
      fc.property(fc.uniqueArray(ids, {minLength: 1, maxLength: 8}), fc.integer({min: 1, max: 23}), (all, length) => {
        const sets = all.map((one, index) => ({id: one, createdAt: new Date(index * 1000).toISOString(), tags: ['x']}))
        const last = sets.at(-1)
        assert.equal(resolveSnapshot({kind: 'latest'}, sets).id, last?.id)
        for (const {id: one} of sets) {
          const text = one.slice(0, length)
          const same = sets.filter((set) => set.id.startsWith(text) || set.id.slice(-6).startsWith(text))
          const find = () => resolveSnapshot(parseSnapshotRef(text), sets)
          if (same.length === 1) assert.equal(find().id, one)
          else assert.throws(find, {code: 'SNAPSHOT_AMBIGUOUS'})
          assert.equal(resolveSnapshot(parseSnapshotRef(one), sets).id, one)
        }
      }),
    )
  })

  it('that a restore took of what it left is no latest one, unless there is nothing else', () => {
    const of = (at: string, ...tags: string[]) => ({
      id: `2026010${at}t000000z-abcdef` as typeof id,
      createdAt: at,
      tags,
    })
    const [older, newer, safety] = [of('1'), of('2', 'weekly'), of('3', 'safety')]
    assert.equal(resolveSnapshot({kind: 'latest'}, [older, safety, newer]), newer)
    assert.equal(resolveSnapshot({kind: 'latest'}, [of('2', 'safety'), safety]), safety)
    assert.equal(resolveSnapshot({kind: 'prefix', text: '20260103'}, [older, safety]), safety)
  })

  it('that is not there, or no id at all, is said so with what there is', () => {
    const sets = [{id, createdAt: '2026-01-02T03:04:05.000Z', tags: []}]
    const error = (run: () => unknown) => {
      try {
        run()
      } catch (thrown) {
        return thrown as {code: string; suggestions: string[]; exitCode: number}
      }
      return undefined
    }
    const missing = error(() => resolveSnapshot({kind: 'prefix', text: '1999'}, sets))
    assert.deepEqual([missing?.code, missing?.exitCode], ['SNAPSHOT_NOT_FOUND', 5])
    assert.ok(missing?.suggestions.some((text) => text.includes(id)))
    assert.equal(error(() => resolveSnapshot({kind: 'latest'}, []))?.code, 'SNAPSHOT_NOT_FOUND')
    assert.equal(resolveSnapshot({kind: 'prefix', text: 'abc'}, sets).id, id)
    for (const text of ['', '../x', 'Ünicode', 'a'.repeat(24)])
      assert.equal(error(() => parseSnapshotRef(text))?.code, 'INVALID_SNAPSHOT_ID')
  })
})

describe('a manifest', () => {
  it('is read back as it was written', () => {
    const {manifest, bytes} = sealManifest(manifestOf(id))
    assert.deepEqual(openManifest(id, bytes), manifest)
    assert.equal(bytesOfSet(manifest), 20 * 1024 ** 3 + 5)
    const assets = {bundle: 'b', count: 1, bytes: 7, list: 'a'.repeat(64)}
    assert.equal(bytesOfSet(manifestOf(id, {assets})), 20 * 1024 ** 3 + 12)
  })

  it('never passes when a byte of it is changed, cut off or added', () => {
    const {bytes, manifest} = sealManifest(manifestOf(id, {note: 'a note'}))
    fc.assert(
      fc.property(
        fc.integer({min: 0, max: bytes.length - 2}),
        fc.integer({min: 1, max: 255}),
        fc.constantFrom('flip', 'cut', 'add'),
        (at, by, how) => {
          const other =
            how === 'cut'
              ? bytes.slice(0, at)
              : how === 'add'
                ? Uint8Array.from([...bytes.slice(0, at), by, ...bytes.slice(at)])
                : bytes.map((byte, index) => (index === at ? byte ^ by : byte))
          try {
            // White space changes nothing of what it says.
            assert.deepEqual(openManifest(id, other), manifest)
          } catch (error) {
            assert.ok(['MANIFEST_DAMAGED', 'MANIFEST_NEWER'].includes((error as {code: string}).code), String(error))
          }
        },
      ),
      {numRuns: 500},
    )
  })

  it('of another set, or of a newer version, is refused', () => {
    const {bytes} = sealManifest(manifestOf(id))
    const other = '20260102t030405z-000000' as SnapshotId
    assert.throws(() => openManifest(other, bytes), {code: 'MANIFEST_DAMAGED'})
    assert.throws(() => openManifest(id, new TextEncoder().encode('{"schemaVersion":2}')), {code: 'MANIFEST_NEWER'})
    assert.throws(() => openManifest(id, new TextEncoder().encode('null')), {code: 'MANIFEST_DAMAGED'})
  })
})

describe('the catalogue of sets', () => {
  it('keeps within the length of a key whatever a note says', () => {
    const note = '"'.repeat(noteLimit)
    const tags = Array.from({length: tagLimit}, () => 'x'.repeat(32))
    assert.ok(catalogueKey(manifestOf(id, {note, tags})).length <= 1024)
    const accents = 'é'.repeat(noteLimit / 2)
    assert.ok(catalogueKey(manifestOf(id, {note: accents, tags})).length <= 1024)
  })

  it('lists what has a manifest, with its last proof, and nothing else', () => {
    const other = '20260103t030405z-000000' as SnapshotId
    const dead = '20260104t030405z-000000' as SnapshotId
    const lonely = '20260105t030405z-000000' as SnapshotId
    const proofs = [
      proofKey(id, {at: '2026-01-03T00:00:00.000Z', restoreMs: 2000}),
      proofKey(id, {at: '2026-01-02T00:00:00.000Z', restoreMs: 1000}),
      'snapshots/proofs/strange',
    ]
    const read = readCatalogue({
      manifests: [manifestKey(id), manifestKey(dead), manifestKey(lonely), 'snapshots/manifests/strange.json'],
      catalogue: [
        catalogueKey(manifestOf(id, {note: 'n'})),
        catalogueKey(manifestOf(other)),
        catalogueKey(manifestOf(dead)),
        `snapshots/catalogue/${lonely}.!!!`,
      ],
      proofs,
      tombstones: [tombstoneKey(dead)],
      plans: [planKey(id), planKey(other), planKey(dead)],
    })
    assert.deepEqual(
      read.sets.map((set) => [set.id, set.note, set.proof?.restoreMs]),
      [[id, 'n', 2000]],
    )
    assert.deepEqual(read.incomplete, [
      {id: dead, state: 'deleting'},
      {id: other, state: 'unfinished'},
    ])
    assert.deepEqual(read.unlisted, [lonely])
  })
})

describe('retention', () => {
  const nothing: RetentionPolicy = {last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, tags: []}
  const now = new Date('2027-01-01T00:00:00Z')
  const setAt = (at: string, index: number, more: {tags?: string[]; proven?: boolean; lock?: VaultLock} = {}) => ({
    id: `20260101t00000${index}z-abcdef` as SnapshotId,
    createdAt: at,
    tags: [],
    proven: false,
    ...more,
  })

  it('never lets the last good or the last proven set go, and keeps at least what is asked for', () => {
    const counts = fc.record({
      last: fc.nat(5),
      hourly: fc.nat(5),
      daily: fc.nat(5),
      weekly: fc.nat(5),
      monthly: fc.nat(5),
      yearly: fc.nat(5),
    })
    const sets = fc.array(
      fc.record({
        at: times,
        proven: fc.boolean(),
        tag: fc.constantFrom('a', safetyTag),
        lock: fc.option(times, {nil: undefined}),
      }),
      {minLength: 1, maxLength: 30},
    )
    fc.assert(
      fc.property(counts, sets, (policy, list) => {
        const all = list.map(({at, proven, tag, lock}, index) =>
          setAt(at.toISOString(), index, {
            proven,
            tags: [tag],
            ...(lock === undefined ? {} : {lock: {until: lock.toISOString()}}),
          }),
        )
        const rows = retention(all, {...policy, tags: ['a']}, now)
        assert.equal(rows.length, all.length)
        const kept = rows.filter(({keep}) => keep).map(({set}) => set)
        const [good] = newestFirst(all)
        assert.ok(good !== undefined && kept.includes(good))
        assert.ok(kept.includes(resolveSnapshot({kind: 'latest'}, all)), 'what latest means stays')
        const proven = newestFirst(all).find((set) => set.proven)
        if (proven !== undefined) assert.ok(kept.includes(proven))
        assert.ok(kept.length >= Math.min(all.length, policy.last))
        for (const {set, keep, reasons} of rows) {
          assert.equal(keep, reasons.length > 0)
          if (set.tags.includes('a')) assert.ok(keep)
          if (Date.parse(set.lock?.until ?? '') > now.getTime()) assert.ok(keep)
        }
        const days = new Set(all.map(({createdAt}) => createdAt.slice(0, 10)))
        assert.ok(new Set(kept.map(({createdAt}) => createdAt.slice(0, 10))).size >= Math.min(days.size, policy.daily))
        const more = retention(all, {...policy, last: policy.last + 1, tags: ['a']}, now)
        assert.ok(
          more.every(({set, keep}) => keep || !kept.includes(set)),
          'a longer rule keeps no less',
        )
      }),
    )
  })

  it('keeps a set behind the safety snapshots of restores, whose data nobody wanted', () => {
    const rows = retention(
      [
        setAt('2026-12-31T10:00:00.000Z', 1, {tags: [safetyTag]}),
        setAt('2026-12-30T10:00:00.000Z', 2, {tags: [safetyTag]}),
        setAt('2026-12-29T10:00:00.000Z', 3),
        setAt('2026-12-28T10:00:00.000Z', 4),
      ],
      {...nothing, last: 1},
      now,
    )
    assert.deepEqual(
      rows.map(({reasons}) => reasons),
      [['the last good set', 'last 1 of 1'], [], ['the last good set but for safety snapshots'], []],
    )
  })

  it('explains each keep', () => {
    const rows = retention(
      [
        setAt('2026-12-31T10:00:00.000Z', 1),
        setAt('2026-12-30T10:00:00.000Z', 2, {proven: true}),
        setAt('2026-12-01T10:00:00.000Z', 3, {tags: ['keep']}),
        setAt('2026-11-01T10:00:00.000Z', 4, {lock: {until: '2027-06-01T00:00:00.000Z'}}),
        setAt('2026-10-15T10:00:00.000Z', 6, {lock: {}}),
        setAt('2026-10-01T10:00:00.000Z', 5),
      ],
      {...nothing, last: 1, weekly: 1, tags: ['keep']},
      now,
    )
    assert.deepEqual(
      rows.map(({reasons}) => reasons),
      [
        ['the last good set', 'last 1 of 1', 'weekly 1 of 1 (2026-W53)'],
        ['the last proven set'],
        ['tag keep'],
        ['locked by the vault until 2027-06-01T00:00:00.000Z'],
        ['locked by the vault for as long as its lock holds'],
        [],
      ],
    )
  })

  it('refuses a policy that would keep nothing', () => {
    assert.throws(() => retention([], nothing, now), {code: 'RETENTION_EMPTY'})
  })
})

describe('how far halves are apart', () => {
  it('is nothing when nobody wrote, and otherwise the longest time to the moment of the database', () => {
    const files = {from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:10:00.000Z'}
    assert.equal(skewOf('2026-01-01T00:01:00.000Z', files, true), 0)
    assert.equal(skewOf('2026-01-01T00:01:00.000Z', files, false), 540_000)
    assert.equal(skewOf('2026-01-01T01:00:00.000Z', files, false), 3_600_000)
  })
})

describe('the state of recovery', () => {
  const now = new Date('2026-01-10T00:00:00.000Z')
  it('is out of bounds where there is nothing', () => {
    assert.deepEqual(recoveryState([], now, usualPolicy), {policy: usualPolicy, withinRpo: false})
  })

  it('breaks a promise that was made and does not hold, and none that nobody made', () => {
    const at = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString()
    const old = {id: 'a', createdAt: at(60)}
    const slow = {...old, createdAt: at(1), proof: {at: at(1), restoreMs: 5 * 3_600_000}}
    const table = [
      [undefined, [], []],
      [{rpo: '90m'}, [], ['there is no snapshot, and at most 90 min may be lost']],
      [{rpo: '2d'}, [old], ['the last snapshot is 3 days old, and at most 2 days may be lost']],
      [{rpo: '3d'}, [old], []],
      [{rto: '4h'}, [old], ['no snapshot was restored on trial: nobody knows whether it takes less than 4 h']],
      [{rto: '1m'}, [slow], ['the last trial took 5 h, and it may take 60 s']],
      [{rpo: '2h', rto: '5h'}, [slow], []],
    ] as const
    for (const [promise, sets, broken] of table)
      assert.deepEqual(brokenPromises(recoveryState(sets, now, recoveryPolicy(promise))), broken)
  })

  it('names the newest set and the one proven last', () => {
    const state = recoveryState(
      [
        {id: 'a', createdAt: '2026-01-09T12:00:00.000Z'},
        {
          id: 'b',
          createdAt: '2026-01-01T00:00:00.000Z',
          proof: {at: '2026-01-08T00:00:00.000Z', restoreMs: 5 * 3_600_000},
        },
        {id: 'c', createdAt: '2026-01-02T00:00:00.000Z', proof: {at: '2026-01-03T00:00:00.000Z', restoreMs: 1}},
      ],
      now,
      usualPolicy,
    )
    assert.deepEqual([state.lastGood?.id, state.withinRpo], ['a', true])
    assert.deepEqual([state.lastProven?.id, state.withinRto], ['b', false])
  })
})

describe('the lines of the check task', () => {
  it('are read as far as they go', () => {
    assert.deepEqual(
      readCheckLines([
        'check: version=10.11.8 lower_case_table_names=1',
        'check: tables=2 rows=17',
        'check: canary=x',
        'check: ok',
      ]),
      {version: '10.11.8', tables: 2, rows: 17, canary: 'x'},
    )
    assert.deepEqual(readCheckLines(['other', 'check: tables=many rows=-1 canary=']), {})
  })
})

describe('generations', () => {
  it('get a number that nobody has had', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 50}),
        fc.array(fc.integer({min: 1, max: 60})),
        fc.subarray(['database', 'files'] as const),
        (active, all, only) => {
          const pair = nextPair({active: {database: active, files: active}, databases: all, files: all}, only)
          for (const half of ['database', 'files'] as const) {
            assert.equal(pair[half].from, active)
            const wanted = only.length === 0 || only.includes(half)
            if (wanted) assert.ok(pair[half].to > active && all.every((one) => one < pair[half].to))
            else assert.equal(pair[half].to, active)
          }
          assert.deepEqual(reversed(reversed(pair)), pair)
        },
      ),
    )
  })

  it('of restores are told by the names of their records', () => {
    const keys = [
      restoreKey('c'),
      restoreEndKey('c', 'undone'),
      restoreKey('b'),
      restoreKey('a'),
      restoreEndKey('a', 'undone'),
      restoreEndKey('a', 'finalized'),
    ]
    assert.deepEqual(restoreStates(keys), [
      {opId: 'c', state: 'UNDONE'},
      {opId: 'b', state: 'COMMITTED'},
      {opId: 'a', state: 'FINALIZED'},
    ])
  })
})
