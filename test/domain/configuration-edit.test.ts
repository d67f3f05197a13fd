import assert from 'node:assert/strict'
import fc from 'fast-check'
import {parse} from 'yaml'
import {edited, parseKey, withoutKey, withValue} from '../../src/domain/configuration-edit.ts'
import {dotted} from '../../src/domain/shared-defaults.ts'
import {refusal} from './samples.ts'

const text = `# Ours: do not remove
version: 1
environments:
  # The one that pays
  prod:
    region: eu-west-1 # Dublin
    account: '123456789012'
    preset: standard

    database: # big enough
      backupDays: 14
  staging: &base
    region: eu-west-2
  copy: *base
`
const prod = ['environments', 'prod']

describe('a change of pi-aws.yaml', () => {
  it('changes one value and keeps every other byte', () => {
    assert.equal(withValue(text, [...prod, 'preset'], 'large'), text.replace('preset: standard', 'preset: large'))
    assert.equal(withValue(text, [...prod, 'region'], 'eu-central-1'), text.replace('eu-west-1 #', 'eu-central-1 #'))
    assert.equal(withValue(text, [...prod, 'database', 'backupDays'], '35'), text.replace('14', '35'))
  })

  it('takes a word as YAML reads it, or as text where only text fits', () => {
    assert.match(withValue(text, [...prod, 'account'], '012345678901'), /account: '012345678901'/)
    assert.match(withValue(text, [...prod, 'waf'], 'true'), /waf: true/)
    assert.match(withValue(text, [...prod, 'images', 'tag'], '2026_10'), /tag: 2026_10/)
    const zones = parse(withValue(text, [...prod, 'network', 'zones'], '[eu-west-1a, eu-west-1b]')) as {
      environments: {prod: {network: {zones: string[]}}}
    }
    assert.deepEqual(zones.environments.prod.network.zones, ['eu-west-1a', 'eu-west-1b'])
  })

  it('makes the keys above, and takes them away when they are left empty', () => {
    const made = withValue(text, [...prod, 'network', 'nat'], 'one')
    assert.match(made, / {4}network:\n {6}nat: one\n/)
    assert.equal(
      withoutKey(made, [...prod, 'network', 'nat']),
      text.replace('database: # big enough', 'database:\n      # big enough'),
    )
    const shared = withValue(text, ['defaults', 'logDays'], '30')
    assert.match(shared, /^defaults:\n {2}logDays: 30$/m)
    assert.doesNotMatch(withoutKey(shared, ['defaults', 'logDays']), /defaults/)
  })

  it('replaces whole lists and keeps the comment beside them', () => {
    const before = text.replace('preset: standard', 'network:\n      zones: [a, b] # ours')
    assert.match(withValue(before, [...prod, 'network', 'zones'], '[c, d]'), /zones: \[c, d\] # ours/)
    assert.match(withValue(before, [...prod, 'network', 'zones'], '3'), /zones: 3 # ours/)
  })

  it('quotes what would mean something else where it stands', () => {
    const tags = text.replace('preset: standard', 'tags: {team: a, b: c}')
    assert.match(withValue(tags, [...prod, 'tags', 'team'], 'x, y'), /\{team: 'x, y', b: c\}/)
    assert.match(withValue(tags, [...prod, 'tags', 'team'], 'true'), /\{team: 'true', b: c\}/)
    assert.match(edited(tags, [{path: [...prod, 'tags', 'team'], value: 'x\ny'}]), /\{team: "x\\ny", b: c\}/)
    assert.match(withValue(tags, [...prod, 'tags'], '{d: e}'), / tags: \{d: e\}\n/)
  })

  it('keeps Windows line ends', () => {
    const windows = text.replaceAll('\n', '\r\n')
    assert.equal(withValue(windows, [...prod, 'preset'], 'large'), windows.replace('standard', 'large'))
  })

  it('is refused where the schema says no, in its words', () => {
    assert.throws(
      () => withValue(text, [...prod, 'netwrok', 'nat'], 'one'),
      refusal('INVALID_VALUE', /environments\.prod\.netwrok: unknown key; did you mean network\?/),
    )
    assert.throws(() => withValue(text, [...prod, 'preset'], 'tiny'), refusal('INVALID_VALUE', /must be one of/))
    assert.throws(() => withValue(text, [...prod, 'preset'], '['), refusal('INVALID_VALUE', /preset/))
    assert.throws(() => withValue(text, [...prod, 'account'], '12'), refusal('INVALID_VALUE', /twelve digits/))
    assert.throws(() => withoutKey(text, [...prod, 'region']), refusal('INVALID_VALUE', /region: is missing/))
  })

  it('is refused where a path leads through a value or an alias', () => {
    assert.throws(
      () => edited(text, [{path: [...prod, 'preset', 'x'], value: 1}]),
      refusal('EDIT_BESIDE_VALUE', /holds no keys/),
    )
    assert.throws(
      () => edited(text, [{path: ['environments', 'copy', 'preset'], value: 'large'}]),
      refusal('EDIT_BESIDE_VALUE', /is an alias/),
    )
  })

  it('fills what was left empty', () => {
    assert.match(
      edited('version: 1\nenvironments:\n', [{path: [...prod, 'region'], value: 'eu-west-1'}]),
      /prod:\n {4}region: eu-west-1/,
    )
  })
})

describe('a key with dots', () => {
  it('is read as it is written, quotes around names with dots', () => {
    assert.deepEqual(parseKey('database.multiAz'), ['database', 'multiAz'])
    assert.deepEqual(parseKey('tags."cost.centre"'), ['tags', 'cost.centre'])
    assert.deepEqual(parseKey('tags."plain"'), ['tags', 'plain'])
  })

  it('is refused when it is none', () => {
    for (const key of ['', '.', 'a.', '.a', 'a..b', 'a."', '""'])
      assert.throws(() => parseKey(key), refusal('INVALID_KEY'), key)
  })

  it('comes back from what it was written as', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/)
    fc.assert(
      fc.property(fc.array(name, {minLength: 1, maxLength: 4}), (path) =>
        assert.deepEqual(parseKey(dotted(path)), path),
      ),
    )
  })
})
