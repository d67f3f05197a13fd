import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  closingSteps,
  entryKey,
  entryKinds,
  entrySchema,
  headKey,
  headSchema,
  isUnfinished,
  lockExpired,
  lockKey,
  lockLifetimeMs,
  lockRenewalMs,
  lockSchema,
  mustEndFirst,
  operationState,
  parseEntryKey,
} from '../../src/domain/ledger.ts'
import {makeOpId} from '../../src/domain/names.ts'
import {stepsOf} from '../../src/domain/operation-steps.ts'
import {demo} from './samples.ts'

const opId = makeOpId('deploy', new Date('2026-11-22T10:15:00Z'), '1a2b3c')
const step = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const number = fc.integer({min: 1, max: 9999})

describe('keys of the ledger', () => {
  it('lie where the design says', () => {
    assert.equal(lockKey(demo), 'locks/demo.json')
    assert.equal(headKey(opId), 'ops/20261122T101500Z-deploy-1a2b3c/operation.json')
    assert.equal(
      entryKey(opId, 7, 'stack-app', 'intent'),
      'ops/20261122T101500Z-deploy-1a2b3c/0007-stack-app.intent.json',
    )
  })

  it('of entries can be read back', () => {
    fc.assert(
      fc.property(number, step, fc.constantFrom(...entryKinds), (index, name, kind) => {
        assert.deepEqual(parseEntryKey(entryKey(opId, index, name, kind)), {opId, number: index, step: name})
      }),
    )
  })

  it('of entries sort by name as by number', () => {
    fc.assert(
      fc.property(number, number, step, step, (one, other, a, b) => {
        fc.pre(one !== other)
        assert.equal(entryKey(opId, one, a, 'intent') < entryKey(opId, other, b, 'done'), one < other)
      }),
    )
  })

  for (const key of [
    '',
    headKey(opId),
    'ops/x/1-a.done.json',
    'ops/x/0001-a.json',
    'ops/x/y/0001-a.done.json',
    'locks/demo.json',
    'xops/x/0001-a.done.json',
  ]) {
    it(`of other things are no entries: ${JSON.stringify(key)}`, () => assert.equal(parseEntryKey(key), undefined))
  }
})

describe('the state of an operation', () => {
  for (const [name, state] of Object.entries(closingSteps)) {
    it(`is ${state} after ${name}`, () => assert.equal(operationState(['begun', name]), state))
    it(`is open again once something follows ${name}`, () => assert.equal(operationState([name, 'resumed']), 'open'))
  }

  it('is open before its first entry', () => assert.equal(operationState([]), 'open'))

  it('does not take a name of JavaScript for a closing step', () => {
    for (const name of ['constructor', 'toString', '__proto__']) assert.equal(operationState([name]), 'open')
  })

  it('hangs on the last entry alone', () => {
    fc.assert(
      fc.property(fc.array(step), fc.constantFrom(...Object.keys(closingSteps), 'deploy-app'), (before, last) => {
        assert.equal(operationState([...before, last]), operationState([last]))
      }),
    )
  })

  it('is unfinished where somebody may go on', () => {
    const unfinished = (['open', 'paused', 'failed', 'done', 'aborted', 'superseded'] as const).filter(isUnfinished)
    assert.deepEqual(unfinished, ['open', 'paused', 'failed'])
  })
})

describe('the steps of an operation', () => {
  const entry = (step: string, kind: 'intent' | 'done' | 'fail', minute: number) => ({
    ...{step, kind},
    at: `2026-11-22T10:${String(minute).padStart(2, '0')}:00.000Z`,
  })

  it('are each told once, in the order of their beginnings, as they stand', () => {
    const told = stepsOf([
      entry('network', 'intent', 0),
      entry('files', 'intent', 1),
      entry('network', 'done', 2),
      entry('files', 'fail', 3),
      entry('failed', 'done', 4),
      entry('resumed', 'done', 5),
      entry('files', 'intent', 6),
    ])
    assert.deepEqual(
      told.map(({n, step, state, at}) => `${n} ${step} ${state} ${at.slice(14, 16)}`),
      ['1 network done 02', '2 files begun 06'],
    )
    assert.deepEqual(stepsOf([entry('files', 'intent', 1), entry('files', 'fail', 2)])[0]?.state, 'failed')
  })

  it('are none where nothing was begun', () => {
    assert.deepEqual(stepsOf([entry('paused', 'done', 0)]), [])
  })
})

describe('a lock', () => {
  const at = new Date('2026-11-22T10:00:00Z')
  const later = (ms: number): Date => new Date(at.getTime() + ms)

  it('is renewed several times in its life', () => assert(lockRenewalMs * 3 <= lockLifetimeMs))
  it('lives to its last millisecond', () => assert(!lockExpired(at, later(lockLifetimeMs))))
  it('is dead after it', () => assert(lockExpired(at, later(lockLifetimeMs + 1))))
  it('does not die of a clock that runs backwards', () => assert(!lockExpired(at, later(-3_600_000))))
})

describe('records of the ledger', () => {
  const holder = {host: 'laptop', pid: 7, user: 'someone'}

  it('survive being written and read', () => {
    const head = {
      schemaVersion: 1,
      opId,
      kind: 'deploy',
      environment: 'demo',
      account: '123456789012',
      region: 'eu-west-1',
      cliVersion: '0.1.0',
      startedAt: '2026-11-22T10:15:00.000Z',
      holder,
      options: {parts: []},
    }
    const entry = {
      schemaVersion: 1,
      number: 1,
      step: 'begun',
      kind: 'done',
      at: '2026-11-22T10:15:00.000Z',
      holder,
      result: {stackId: 'arn'},
      reason: 'why',
    }
    const lock = {schemaVersion: 1, environment: 'demo', opId, holder, acquiredAt: '2026-11-22T10:15:00.000Z'}
    for (const [schema, record] of [
      [headSchema, head],
      [entrySchema, entry],
      [lockSchema, lock],
    ] as const) {
      assert.deepEqual(schema.parse(JSON.parse(JSON.stringify(record))), record)
    }
  })

  for (const value of [null, {}, {schemaVersion: 2}, 'text', [], {schemaVersion: 1, number: 1.5}]) {
    it(`are not ${JSON.stringify(value)}`, () => {
      for (const schema of [headSchema, entrySchema, lockSchema]) assert(!schema.safeParse(value).success)
    })
  }
})

describe('a copy that died', () => {
  const entries = (...steps: string[]) =>
    steps.map((text) => {
      const [name = '', kind = 'done'] = text.split(' ')
      return {step: name, kind: kind as 'intent' | 'done' | 'fail'}
    })

  it('must be ended first as long as another account has what it was given', () => {
    for (const [steps, wanted] of [
      [[], false],
      [['copy-files intent'], false],
      [['share intent'], true],
      [['share intent', 'share fail'], true],
      [['share intent', 'share done', 'unshare intent'], true],
      [['share intent', 'share done', 'unshare intent', 'unshare done'], false],
      [['share intent', 'unshare intent', 'unshare done', 'share intent'], true],
    ] as const)
      assert.equal(mustEndFirst('copy', entries(...steps)), wanted, steps.join(', '))
  })
})
