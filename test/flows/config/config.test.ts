import assert from 'node:assert/strict'
import {parseConfiguration} from '../../../src/domain/configuration-text.ts'
import {configMigrate, configSet, type ConfigSetOptions} from '../../../src/flows/config/change.ts'
import {configShow, configValidate} from '../../../src/flows/config/look.ts'
import type {ConfigurationFiles} from '../../../src/flows/config/ports.ts'
import {packageTexts} from '../../helpers/package-templates.ts'
import {demo, environmentOf, refusal} from '../../domain/samples.ts'

/** Files in memory. */
class MemoryFiles implements ConfigurationFiles {
  text: string | undefined
  writes = 0

  constructor(text?: string) {
    this.text = text
  }

  async read(): Promise<string | undefined> {
    return this.text
  }

  async update(_path: string, edit: (text: string | undefined) => string): Promise<{changed: boolean; text: string}> {
    const text = edit(this.text)
    const changed = text !== this.text
    if (changed) this.writes += 1
    this.text = text
    return {changed, text}
  }
}

const file = 'version: 1\nenvironments:\n  demo: {region: eu-west-1, preset: small}\n'

function set(files: MemoryFiles, options: Partial<ConfigSetOptions> = {}) {
  return configSet(
    {path: 'pi-aws.yaml', environment: demo, key: 'preset', value: 'large', dryRun: false, ...options},
    {configurationFiles: files},
  )
}

describe('config set', () => {
  it('tells what was and what is', async () => {
    const files = new MemoryFiles(file)
    assert.deepEqual(await set(files), {
      path: 'pi-aws.yaml',
      changed: true,
      key: 'environments.demo.preset',
      was: 'small',
      is: 'large',
    })
    assert.equal(files.text, file.replace('small', 'large'))
  })

  it('changes what all environments share', async () => {
    const files = new MemoryFiles(file)
    const {key, was} = await set(files, {environment: undefined, key: 'logDays', value: '30'})
    assert.deepEqual([key, was], ['defaults.logDays', undefined])
    assert.equal(parseConfiguration('x', files.text ?? '').configuration.environments['demo']?.logDays, 30)
  })

  it('takes a key out, and changes nothing where there is none', async () => {
    const files = new MemoryFiles(file)
    const {changed, is} = await set(files, {value: undefined})
    assert.deepEqual([changed, is], [true, undefined])
    assert.equal((await set(files, {value: undefined})).changed, false)
    assert.equal(files.writes, 1)
  })

  it('writes nothing with --dry-run', async () => {
    const files = new MemoryFiles(file)
    const {changed, is} = await set(files, {dryRun: true})
    assert.deepEqual([changed, is, files.writes], [false, 'large', 0])
  })

  it('is refused without a file, without the environment, and where the file is not in order already', async () => {
    await assert.rejects(set(new MemoryFiles()), refusal('CONFIGURATION_NOT_FOUND'))
    await assert.rejects(set(new MemoryFiles('version: 1\nenvironments: {}\n')), refusal('UNKNOWN_ENVIRONMENT'))
    await assert.rejects(set(new MemoryFiles('version: 1\nenvironmens: {}\n')), refusal('INVALID_CONFIGURATION'))
    await assert.rejects(set(new MemoryFiles('version: 2\nenvironments: {}\n')), refusal('NEWER_CONFIGURATION'))
  })
})

describe('config migrate', () => {
  const migrate = (files: MemoryFiles, dryRun = false) =>
    configMigrate({path: 'pi-aws.yaml', dryRun}, {configurationFiles: files})

  it('writes the present format once, and then finds it', async () => {
    const files = new MemoryFiles(file.replace('version: 1\n', ''))
    assert.deepEqual((await migrate(files, true)).changed, false)
    const first = await migrate(files)
    assert.deepEqual([first.changed, first.from, first.to], [true, 0, 1])
    assert.equal(files.text, file)
    assert.deepEqual((await migrate(files)).notes, [])
  })

  it('is refused without a file and for one that is wrong besides', async () => {
    await assert.rejects(migrate(new MemoryFiles()), refusal('CONFIGURATION_NOT_FOUND'))
    await assert.rejects(migrate(new MemoryFiles('environments: 3\n')), refusal('INVALID_CONFIGURATION'))
  })
})

describe('config validate', () => {
  const validate = (environment: object) =>
    configValidate(
      {path: 'x', configuration: {version: 1, environments: {demo: environmentOf(environment)}}},
      {
        packageFiles: {
          version: '1.0.0',
          templates: async () => packageTexts(),
          lambdaZip: async () => new Uint8Array(),
        },
      },
    )

  it('holds every environment against the templates', async () => {
    assert.deepEqual((await validate({})).faults, [])
    const {ok, faults} = await validate({
      parameters: {VpcCider: '10.0.0.0/16'},
      services: {dashboard: {environment: {PI_DB_HOST: 'x'}}},
    })
    assert.equal(ok, false)
    assert.match(faults[0]?.message ?? '', /VpcCider: no template has this parameter; the nearest is VpcCidr/)
  })
})

describe('config show', () => {
  it('names who says each value', () => {
    const {configuration, written} = parseConfiguration('x', file)
    const shown = configShow({
      path: 'x',
      environment: demo,
      configuration: configuration.environments['demo']!,
      written,
    })
    assert.equal(shown.origins['preset'], 'environment')
    assert.equal(shown.origins['compute'], 'built-in')
  })
})
