import assert from 'node:assert/strict'
import {parseConfiguration} from '../../src/domain/configuration-text.ts'
import type {PiError} from '../../src/domain/errors.ts'
import {dotted, originsOf, withoutDefaults} from '../../src/domain/shared-defaults.ts'

const text = `version: 1
defaults:
  region: eu-west-1
  network: {zones: 3, nat: per-zone}
  tags: {team: analytics}
environments:
  prod:
    preset: large
    network: {nat: one}
  staging:
    region: eu-central-1
    tags: {stage: test}
`

function complaint(file: string): string {
  try {
    parseConfiguration('pi-aws.yaml', file)
  } catch (error) {
    return (error as PiError).message
  }
  return assert.fail('the file was taken')
}

describe('what environments share', () => {
  it('lies below each of them: names are joined, what an environment says itself goes before', () => {
    const {environments} = parseConfiguration('x', text).configuration
    assert.deepEqual(environments['prod']?.network, {zones: 3, nat: 'one'})
    assert.equal(environments['prod']?.region, 'eu-west-1')
    assert.equal(environments['staging']?.region, 'eu-central-1')
    assert.deepEqual(environments['staging']?.tags, {team: 'analytics', stage: 'test'})
    assert.equal(environments['staging']?.preset, 'small')
  })

  it('is blamed where it stands', () => {
    assert.match(
      complaint(text.replace('nat: per-zone', 'nta: per-zone')),
      /^Invalid configuration: pi-aws\.yaml:4:23: defaults\.network\.nta: unknown key; did you mean nat\?$/,
    )
    assert.match(
      complaint(text.replace('zones: 3', 'zones: 9')),
      /pi-aws\.yaml:4:13: defaults\.network\.zones: must be/,
    )
    assert.match(
      complaint('version: 1\ndefaults: []\nenvironments: {}\n'),
      /:2:1: defaults: must be keys with values, not a list$/,
    )
  })

  it('is no environment, so that a region must stand somewhere', () => {
    assert.match(complaint(text.replace('  region: eu-west-1\n', '')), /environments\.prod\.region: is missing$/)
  })

  it('leaves files alone that hold none, or no environments', () => {
    assert.deepEqual(withoutDefaults('text'), 'text')
    assert.deepEqual(withoutDefaults({environments: {a: 1}}), {environments: {a: 1}})
    assert.deepEqual(withoutDefaults({defaults: {a: 1}, environments: 3}), {environments: 3})
    assert.deepEqual(withoutDefaults({defaults: {a: 1}, environments: {x: null}}), {environments: {x: null}})
  })

  it('is told apart from what an environment says and from what is built in', () => {
    const {configuration, written} = parseConfiguration('x', text)
    const origins = originsOf(written, 'prod', configuration.environments['prod'])
    assert.equal(origins['preset'], 'environment')
    assert.equal(origins['network.nat'], 'environment')
    assert.equal(origins['network.zones'], 'defaults')
    assert.equal(origins['tags.team'], 'defaults')
    assert.equal(origins['compute'], 'built-in')
  })

  it('has paths with quotes around names with dots', () => {
    assert.equal(dotted(['tags', 'cost.centre']), 'tags."cost.centre"')
  })
})
