import assert from 'node:assert/strict'
import fc from 'fast-check'
import {canonicalJson, sha256, sha256OfTree} from '../../src/domain/content.ts'
import {environmentFiles} from '../../src/domain/environment-files.ts'
import {normaliseLicence} from '../../src/domain/licence.ts'
import {fingerprint, planFileSchema, type PlanInputs} from '../../src/domain/plan.ts'
import {statefulTypes} from '../../src/domain/change-set.ts'
import {openPolicy, protectingPolicy, samePolicy} from '../../src/domain/stack-policy.ts'
import {compareVersions} from '../../src/domain/version.ts'
import type {PiError} from '../../src/domain/errors.ts'
import {environmentOf, refusal} from './samples.ts'

describe('a licence', () => {
  for (const [why, text, value, joinedLines] of [
    ['of one line stays as it is', 'abc', 'abc', 0],
    ['loses the line end of its file', 'abc\n', 'abc', 0],
    ['of several lines becomes one', 'ab\ncd\r\nef\rgh', 'abcdefgh', 3],
    ['loses blanks around its lines', '  ab  \n\t cd\n', 'abcd', 1],
    ['loses the mark that editors put first', '\u{feff}abc', 'abc', 0],
    ['loses empty lines without counting them', '\n\nab\n\n\ncd\n\n', 'abcd', 1],
    ['keeps blanks inside of a line', 'a b', 'a b', 0],
  ] as const) {
    it(why, () => assert.deepEqual(normaliseLicence(text), {value, joinedLines}))
  }

  for (const text of ['', ' ', '\n\r\n', '\u{feff}', '\t']) {
    it(`of nothing but blanks is refused: ${JSON.stringify(text)}`, () => {
      assert.throws(() => normaliseLicence(text), refusal('EMPTY_LICENCE'))
    })
  }

  it('that no secret could hold is refused, without a word of it in the message', () => {
    assert.equal(normaliseLicence('x'.repeat(65_536)).value.length, 65_536)
    assert.throws(
      () => normaliseLicence('x'.repeat(65_537)),
      (error: PiError) => {
        refusal('LICENCE_TOO_LONG')(error)
        return !error.message.includes('xx')
      },
    )
  })

  it('is the same however often it is joined, and always one line', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ -~]{0,20}$/)), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        fc.pre(lines.some((line) => line.trim() !== ''))
        const {value} = normaliseLicence(lines.join(end))
        assert.doesNotMatch(value, /[\r\n]/)
        assert.deepEqual(normaliseLicence(value), {value: value.trim(), joinedLines: 0})
      }),
    )
  })
})

describe('versions', () => {
  for (const [a, b, sign] of [
    ['1.0.0', '1.0.0', 0],
    ['1.0.0', '1.0.1', -1],
    ['1.10.0', '1.9.9', 1],
    ['2.0.0', '1.99.99', 1],
    ['1.2.3-rc.1', '1.2.3', 0],
    ['nonsense', '0.0.1', -1],
    ['', '0.0.0', 0],
  ] as const) {
    it(`${a === '' ? 'nothing' : a} is ${['older than', 'as old as', 'newer than'][sign + 1] ?? ''} ${b}`, () => {
      assert.equal(Math.sign(compareVersions(a, b)), sign)
      assert.equal(Math.sign(compareVersions(b, a)) + sign, 0)
    })
  }

  it('sort', () => {
    const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((numbers) => numbers.join('.'))
    fc.assert(
      fc.property(fc.array(version, {minLength: 3}), (versions) => {
        const sorted = versions.toSorted(compareVersions)
        for (const [index, one] of sorted.entries()) assert(compareVersions(sorted[index - 1] ?? '0.0.0', one) <= 0)
      }),
    )
  })
})

describe('canonical JSON', () => {
  it('knows no order of keys, at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const turned = (inner: unknown): unknown =>
          Array.isArray(inner)
            ? inner.map(turned)
            : inner !== null && typeof inner === 'object'
              ? Object.fromEntries(
                  Object.entries(inner)
                    .reverse()
                    .map(([key, each]) => [key, turned(each)]),
                )
              : inner
        assert.equal(canonicalJson(turned(value)), canonicalJson(value))
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('keeps the order of lists', () => assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1])))
})

describe('hashes', () => {
  it('are SHA-256 in hex', () => {
    assert.equal(sha256(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    assert.equal(sha256(new TextEncoder().encode('ä')), sha256('ä'))
  })

  it('of a tree know names and contents but no order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z/]{1,8}$/), fc.string(), {minKeys: 1}), (files) => {
        const tree = new Map(Object.entries(files))
        assert.equal(sha256OfTree(new Map([...tree].reverse())), sha256OfTree(tree))
        const [[name, text] = ['', '']] = tree
        assert.notEqual(sha256OfTree(new Map([...tree, [name, `${text}!`]])), sha256OfTree(tree))
        assert.notEqual(sha256OfTree(new Map([...tree, [`${name}!`, text]])), sha256OfTree(tree))
      }),
    )
  })
})

describe('the fingerprint of a plan', () => {
  const inputs: PlanInputs = {
    environment: 'demo',
    region: 'eu-west-1',
    configuration: 'c',
    templates: 't',
    parts: ['network', 'files'],
    stacks: [
      {id: 'a', status: 'CREATE_COMPLETE', updatedAt: '2026-11-22T10:00:00.000Z'},
      {id: 'b', status: 'CREATE_COMPLETE', updatedAt: '2026-11-22T10:00:00.000Z'},
    ],
  }

  it('does not hang on any order', () => {
    assert.equal(fingerprint({...inputs, stacks: inputs.stacks.toReversed()}), fingerprint(inputs))
    assert.equal(fingerprint({...inputs, parts: ['files', 'network', 'files']}), fingerprint(inputs))
  })

  const changed: readonly Partial<PlanInputs>[] = [
    {environment: 'prod'},
    {region: 'eu-west-2'},
    {configuration: 'd'},
    {templates: 'u'},
    {parts: ['network']},
    {stacks: inputs.stacks.slice(1)},
    {stacks: inputs.stacks.map((stack) => ({...stack, status: 'UPDATE_COMPLETE'}))},
    {stacks: inputs.stacks.map((stack) => ({...stack, updatedAt: '2026-11-22T10:00:00.001Z'}))},
    {stacks: inputs.stacks.map((stack) => ({...stack, id: `${stack.id}2`}))},
  ]
  for (const more of changed) {
    it(`changes with ${JSON.stringify(more).slice(0, 60)}`, () =>
      assert.notEqual(fingerprint({...inputs, ...more}), fingerprint(inputs)))
  }

  it('is what the file of a plan holds', () => {
    const file = {
      schemaVersion: 1,
      environment: 'demo',
      region: 'eu-west-1',
      fingerprint: fingerprint(inputs),
      madeAt: 'now',
      parts: [],
    }
    assert(planFileSchema.safeParse(file).success)
    assert(!planFileSchema.safeParse({...file, fingerprint: 'x'}).success)
    assert(!planFileSchema.safeParse({...file, schemaVersion: 2}).success)
  })
})

describe('stack policies', () => {
  it('allow updates first, since a policy denies what it does not allow', () => {
    const {Statement} = JSON.parse(protectingPolicy) as {
      Statement: {Effect: string; Condition?: {StringEquals?: {ResourceType: string[]}}}[]
    }
    assert.deepEqual(
      Statement.map(({Effect}) => Effect),
      ['Allow', 'Deny'],
    )
    assert.deepEqual(Statement[1]?.Condition?.StringEquals?.ResourceType, [...statefulTypes].toSorted())
  })

  it('are short enough for CloudFormation', () => assert(Buffer.byteLength(protectingPolicy) <= 16_384))

  it('are the same however AWS lays them out', () => {
    const turned = JSON.stringify(
      Object.fromEntries(Object.entries(JSON.parse(protectingPolicy) as object).reverse()),
      null,
      3,
    )
    assert(samePolicy(turned, protectingPolicy))
    assert(!samePolicy(openPolicy, protectingPolicy))
    assert(!samePolicy(undefined, openPolicy))
    assert(!samePolicy('{', openPolicy))
  })
})

describe('environment files', () => {
  it('hold one line for each variable, sorted, under the hash of their content', () => {
    const configuration = environmentOf({
      services: {dashboard: {environment: {B: '2', A: 'x=y'}}, renderer: {environment: {}}, pirana: {}},
    })
    const [file, ...others] = environmentFiles(configuration)
    assert.deepEqual(others, [])
    assert.equal(file?.body, 'A=x=y\nB=2\n')
    assert.equal(file?.key, `environment/${sha256('A=x=y\nB=2\n')}/dashboard.env`)
  })

  it('do not hang on the order of the variables', () => {
    const name = fc.stringMatching(/^[A-Z][A-Z0-9]{0,6}$/)
    fc.assert(
      fc.property(fc.dictionary(name, fc.stringMatching(/^[ -~]{0,10}$/), {minKeys: 1}), (variables) => {
        const filesOf = (environment: object) => environmentFiles(environmentOf({services: {pirana: {environment}}}))
        const safe = Object.fromEntries(
          Object.entries(variables).map(([key, value]) => [`X${key.replaceAll(/[A-Z]/g, 'Q')}${key.length}`, value]),
        )
        assert.deepEqual(filesOf(Object.fromEntries(Object.entries(safe).reverse())), filesOf(safe))
      }),
    )
  })
})
