import assert from 'node:assert/strict'
import {configurationSchema, type EnvironmentConfiguration} from '../../src/domain/configuration.ts'
import {parseTag} from '../../src/domain/images.ts'
import {mirroredParameters, repositoriesOf} from '../../src/domain/mirror.ts'
import type {EnvironmentName} from '../../src/domain/names.ts'
import {configuredParameters, registryLogin} from '../../src/domain/parameters.ts'

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`
const registry = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/pi-demo'
const release = {server: digest('1'), renderer: digest('2'), scheduler: digest('3'), pirana: digest('4')}
const check = {from: 'public.ecr.aws/docker/library/mariadb:10.11', digest: digest('5')}
const mirror = {registry, releases: {'2026_10': release}, others: {CheckImage: check}}

function configured(images: object, parameters: object = {}): EnvironmentConfiguration {
  const {environments} = configurationSchema.parse({
    version: 1,
    environments: {demo: {region: 'eu-west-1', domain: {httpOnly: true}, images, parameters}},
  })
  return environments['demo'] as EnvironmentConfiguration
}

describe('a mirror', () => {
  it('lies in a repository for each image, of the releases and of others', () => {
    const platform = ['pi-demo/pirana', 'pi-demo/renderer', 'pi-demo/scheduler', 'pi-demo/server']
    assert.deepEqual(repositoriesOf('demo', mirror), ['pi-demo/mariadb', ...platform])
    assert.deepEqual(repositoriesOf('demo', {...mirror, others: {AdminerImage: undefined}}), platform)
    assert.deepEqual(repositoriesOf('demo', {registry, releases: {}, others: {}}), [])
    assert.deepEqual(repositoriesOf('demo', undefined), [])
  })

  it('has tasks pull by digest and by their role', () => {
    const values = configuredParameters('demo' as EnvironmentName, configured({tag: '2026_10', mirror}))
    assert.deepEqual(
      [
        values['ImageRegistry'],
        values['ImageTag'],
        values['RegistryLogin'],
        values['ServerDigest'],
        values['PiranaDigest'],
      ],
      [registry, '2026_10', 'role', digest('1'), digest('4')],
    )
    assert.equal(values['CheckImage'], `${registry}/mariadb@${digest('5')}`)
    assert.equal(values['AdminerImage'], undefined)
    assert.equal(registryLogin(configured({mirror, login: 'secret'})), 'role')
  })

  it("leaves an image of one's own choice that was not mirrored", () => {
    const images = {tag: '2026_10', mirror}
    const own = configuredParameters('demo' as EnvironmentName, configured(images, {CheckImage: 'mariadb:11'}))
    assert.equal(own['CheckImage'], 'mariadb:11')
    const same = configuredParameters('demo' as EnvironmentName, configured(images, {CheckImage: check.from}))
    assert.equal(same['CheckImage'], `${registry}/mariadb@${digest('5')}`)
  })

  for (const [values, words, step] of [
    [{ImageTag: '2026_11'}, /does not hold release 2026_11/, 'pi-aws registry mirror demo --tag 2026_11'],
    [{}, /what images\.tag does not name/, 'pi-aws registry mirror demo'],
  ] as const)
    it(`without the release is a refusal: ${JSON.stringify(values)}`, () => {
      assert.throws(
        () => mirroredParameters('demo', mirror, values),
        (error: Error & {code?: string; suggestions?: readonly string[]}) => {
          assert.equal(error.code, 'MIRROR_WITHOUT_RELEASE')
          assert.match(error.message, words)
          assert.deepEqual(error.suggestions, [step])
          return true
        },
      )
    })

  it('is written as digests, all four of a release', () => {
    for (const wrong of [
      {...mirror, registry: 'https://x'},
      {...mirror, releases: {'2026_10': {...release, server: 'sha256:1'}}},
      {...mirror, releases: {'2026_10': {server: digest('1')}}},
    ])
      assert.throws(() => configured({tag: '2026_10', mirror: wrong}))
  })
})

describe('a tag', () => {
  it('is what registries take', () => {
    assert.equal(parseTag('2026_10.1-rc'), '2026_10.1-rc')
    for (const wrong of ['', '../x', '-x', 'a b', 'a/b', 'x'.repeat(129)])
      assert.throws(() => parseTag(wrong), {code: 'INVALID_TAG'})
  })
})
