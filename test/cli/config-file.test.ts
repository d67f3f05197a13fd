import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {openConfiguration, ownConfigurationPath, pickEnvironment, readConfiguration} from '../../src/cli/config-file.ts'
import {parseConfiguration} from '../../src/domain/configuration-text.ts'
import {type PiError, UsageError} from '../../src/domain/errors.ts'
import {parseEnvironmentName} from '../../src/domain/names.ts'
import {completed} from '../../src/ui/format/next-step.ts'
import {refusal} from '../domain/samples.ts'
import {root} from './command-line.ts'

const head = 'version: 1\nenvironments:\n'
const prod = `${head}  prod:\n    region: eu-west-1\n`

/** A file, and the first line of what is said about it. */
const table: readonly (readonly [why: string, text: string, code: string, message: RegExp])[] = [
  [
    'nothing',
    '',
    'INVALID_CONFIGURATION',
    /^Invalid configuration: pi-aws\.yaml:1:1: the file: must be keys with values, not nothing/,
  ],
  ['only a comment', '# later\n', 'INVALID_CONFIGURATION', /pi-aws\.yaml:1:1: the file/],
  ['a text', 'hello', 'INVALID_CONFIGURATION', /not text$/],
  ['a list', '- a\n', 'INVALID_CONFIGURATION', /not a list$/],
  [
    'a tab for indentation',
    `${head}\tprod: {}\n`,
    'BROKEN_CONFIGURATION',
    /^Broken configuration: pi-aws\.yaml:3:1: Tabs are not allowed/,
  ],
  [
    'a key twice',
    `${head}  prod: {region: eu-west-1}\n  prod: {region: eu-west-1}\n`,
    'BROKEN_CONFIGURATION',
    /pi-aws\.yaml:4:3: Map keys must be unique/,
  ],
  ['an open bracket', 'version: [1\n', 'BROKEN_CONFIGURATION', /pi-aws\.yaml:\d+:\d+: /],
  ['two documents', `${prod}---\n${prod}`, 'BROKEN_CONFIGURATION', /multiple documents/],
  [
    'a slip in a key',
    `${prod}    netwrok: {}\n`,
    'INVALID_CONFIGURATION',
    /pi-aws\.yaml:5:5: environments\.prod\.netwrok: unknown key; did you mean network\?$/,
  ],
  [
    'a slip deep inside',
    `${prod}    services: {dashboard: {cpuu: 1}}\n`,
    'INVALID_CONFIGURATION',
    /5:\d+: environments\.prod\.services\.dashboard\.cpuu: unknown key; did you mean cpu\?$/,
  ],
  [
    'a key unlike any other',
    `${prod}    frobnicate: 1\n`,
    'INVALID_CONFIGURATION',
    /frobnicate: unknown key; known here: region, account, preset/,
  ],
  [
    'a value of the wrong kind',
    `${prod}    waf: sure\n`,
    'INVALID_CONFIGURATION',
    /5:5: environments\.prod\.waf: must be true or false, not text$/,
  ],
  [
    'a value out of bounds',
    `${prod}    backup: {keepDays: 9999}\n`,
    'INVALID_CONFIGURATION',
    /keepDays: must be at most 3650$/,
  ],
  [
    'a value below its bound',
    `${prod}    backup: {keepDays: 0}\n`,
    'INVALID_CONFIGURATION',
    /keepDays: must be at least 1$/,
  ],
  [
    'a value that is none of a few',
    `${prod}    preset: tiny\n`,
    'INVALID_CONFIGURATION',
    /preset: must be one of "small", "standard", "large"$/,
  ],
  [
    'too short a list',
    `${prod}    network: {zones: [a]}\n`,
    'INVALID_CONFIGURATION',
    /zones: must be a list of 2 at least$/,
  ],
  [
    'too few subnets',
    `${prod}    network: {existing: {vpc: vpc-1, cidr: 10.0.0.0/16, publicSubnets: [subnet-1], applicationSubnets: [subnet-1, subnet-2], dataSubnets: [subnet-1, subnet-2]}}\n`,
    'INVALID_CONFIGURATION',
    /publicSubnets: must be a list of 2 at least$/,
  ],
  [
    'an account without quotes',
    `${prod}    account: 123456789012\n`,
    'INVALID_CONFIGURATION',
    /account: must be twelve digits in quotes$/,
  ],
  ['no region', `${head}  prod: {}\n`, 'INVALID_CONFIGURATION', /3:3: environments\.prod\.region: is missing$/],
  [
    'another version',
    'version: 2\nenvironments: {}\n',
    'NEWER_CONFIGURATION',
    /1:1: version 2 was written for a newer pi-aws; this one reads version 1\.$/,
  ],
  ['an older version', 'version: 0\nenvironments: {}\n', 'INVALID_CONFIGURATION', /1:1: version: must be 1$/],
  [
    'a name of 200 characters',
    `${head}  ${'x'.repeat(200)}: {region: eu-west-1}\n`,
    'INVALID_CONFIGURATION',
    /x{37}\.\.\. \(200 characters\): must have at most 20 characters$/,
  ],
  [
    'a name that is none',
    `${head}  Prod: {region: eu-west-1}\n`,
    'INVALID_CONFIGURATION',
    /environments\.Prod: must be 1-20 lower-case letters/,
  ],
  [
    'a name that JavaScript swallows',
    `${head}  __proto__: {region: eu-west-1}\n`,
    'BROKEN_CONFIGURATION',
    /3:3: __proto__ is no name$/,
  ],
  [
    'such a name deep inside',
    `${prod}    tags: {__proto__: x}\n`,
    'BROKEN_CONFIGURATION',
    /5:\d+: __proto__ is no name$/,
  ],
  [
    'a secret',
    `${prod}    services: {pirana: {environment: {API_TOKEN: x}}}\n`,
    'INVALID_CONFIGURATION',
    /API_TOKEN: sounds like a secret/,
  ],
  [
    'an alias of itself',
    `version: 1\nenvironments: &all\n  prod: *all\n`,
    'INVALID_CONFIGURATION',
    /environments\.prod/,
  ],
  [
    'an alias of nothing',
    `${head}  prod: *nobody\n`,
    'BROKEN_CONFIGURATION',
    /3:9: there is no &nobody before \*nobody$/,
  ],
]

function complaintAbout(text: string): PiError {
  try {
    parseConfiguration('pi-aws.yaml', text)
  } catch (error) {
    assert(error instanceof UsageError)
    return error
  }
  return assert.fail('the file was taken')
}

describe('a configuration file', () => {
  for (const [why, text, code, message] of table) {
    it(`with ${why} is refused in one line with its place`, () => {
      const error = complaintAbout(text)
      assert.equal(error.code, code)
      assert.match(error.message.split('\n')[0] ?? '', message)
      assert(error.suggestions.length > 0)
    })
  }

  it('that would unfold beyond all measure is refused quickly', () => {
    const nine = (item: string): string => Array<string>(9).fill(item).join(',')
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const levels = names.map(
      (name, index) => `${name}: &${name} [${nine(index === 0 ? 'x' : `*${names[index - 1] ?? ''}`)}]`,
    )
    const error = complaintAbout(levels.join('\n'))
    assert.equal(error.code, 'BROKEN_CONFIGURATION')
    assert.match(error.message, /alias/)
  })

  it('may use aliases with measure', () => {
    const {configuration} = parseConfiguration(
      'x',
      `${head}  one: &one\n    region: eu-west-1\n    tags: {team: a}\n  two: *one\n`,
    )
    assert.deepEqual(configuration.environments['two'], configuration.environments['one'])
  })

  it('tells several faults at once, but not all of many', () => {
    const faults = Array.from({length: 9}, (_, index) => `    wrong${index}: 1\n`).join('')
    assert.equal(complaintAbout(`${prod}${faults}`).message.split('\n').length, 5)
  })

  it('may have Windows line ends and a byte order mark', () => {
    const {configuration} = parseConfiguration('x', `\u{feff}${prod.replaceAll('\n', '\r\n')}`)
    assert.deepEqual(Object.keys(configuration.environments), ['prod'])
  })

  it('of the package is right', async () => {
    const {configuration} = await readConfiguration(path.join(root, 'examples', 'pi-aws.yaml'))
    assert.deepEqual(Object.keys(configuration.environments), ['demo', 'prod'])
  })
})

describe('opening the configuration', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pi-aws-config-'))
  })
  after(() => rm(folder, {recursive: true}))

  const write = async (text: string): Promise<string> => {
    const file = path.join(folder, 'pi-aws.yaml')
    await writeFile(file, text)
    return file
  }
  const name = parseEnvironmentName
  const two = `${head}  prod: {region: eu-west-1}\n  staging: {region: eu-west-2}\n`

  it('says where there is no file, and what to do', async () => {
    await assert.rejects(readConfiguration(path.join(folder, 'none.yaml')), (error: PiError) => {
      assert.deepEqual([error.code, error.exitCode], ['CONFIGURATION_NOT_FOUND', 5])
      return error.suggestions.some((step) => step.includes('--config'))
    })
  })

  it('names the command that writes a file, and one that writes its version, ready for flags behind', async () => {
    await assert.rejects(readConfiguration(path.join(folder, 'none.yaml')), ({suggestions}: PiError) =>
      suggestions.some((step) => completed(step, '--config x').endsWith(': pi-aws init --config x')),
    )
    const unversioned = await write('environments: {prod: {region: eu-west-1}}\n')
    await assert.rejects(readConfiguration(unversioned), ({suggestions}: PiError) =>
      (suggestions[0] ?? '').endsWith(': pi-aws config migrate'),
    )
  })

  it('writes into the file of the folder also with --local, and into the example of the package never', async () => {
    const before = process.cwd()
    const bare = await mkdtemp(path.join(folder, 'bare-'))
    try {
      process.chdir(bare)
      assert.equal(ownConfigurationPath({local: true}, root), undefined)
      assert.equal(ownConfigurationPath({local: false}, root), 'pi-aws.yaml')
      assert.equal(ownConfigurationPath({local: true, config: 'x.yaml'}, root), 'x.yaml')
      await writeFile('pi-aws.yaml', prod)
      assert.equal(ownConfigurationPath({local: true}, root), 'pi-aws.yaml')
    } finally {
      process.chdir(before)
    }
  })

  it('says where the file cannot be read', async () => {
    await assert.rejects(readConfiguration(folder), refusal('CONFIGURATION_UNREADABLE'))
  })

  it('takes the only environment where none is named', async () => {
    const opened = await openConfiguration({config: await write(prod), local: false}, undefined, root)
    assert.deepEqual([opened.name, opened.configuration.region], ['prod', 'eu-west-1'])
  })

  it('takes the environment that argument or flag names', async () => {
    const config = await write(two)
    assert.equal((await openConfiguration({config, local: false}, name('staging'), root)).name, 'staging')
    assert.equal(
      (await openConfiguration({config, local: false, environment: name('staging')}, undefined, root)).name,
      'staging',
    )
    assert.equal(
      (await openConfiguration({config, local: false, environment: name('prod')}, name('prod'), root)).name,
      'prod',
    )
  })

  it('takes the folder with assets as seen from the file, and knows none where none is named', async () => {
    const folderOf = async (line: string) => {
      const config = await write(`${head}  prod: {region: eu-west-1${line}}\n`)
      return (await openConfiguration({config, local: false}, undefined, root)).assetsFolder
    }
    assert.equal(await folderOf(''), undefined)
    assert.equal(await folderOf(', assets: {folder: ../my assets}'), path.join(path.dirname(folder), 'my assets'))
    assert.equal(await folderOf(', assets: {folder: /srv/assets}'), '/srv/assets')
    await assert.rejects(folderOf(', assets: {folder: ""}'), refusal('INVALID_CONFIGURATION'))
    await assert.rejects(folderOf(', assets: {sideloadEvents: maybe}'), refusal('INVALID_CONFIGURATION'))
    const {assetsFolder} = await openConfiguration({local: true}, name('demo'), root)
    assert.equal(assetsFolder, path.join(root, 'examples', 'assets'))
  })

  it('takes the example of the package with --local', async () => {
    assert.equal((await openConfiguration({local: true}, name('demo'), root)).name, 'demo')
  })

  it('takes pi-aws.yaml of the working directory before the example', async () => {
    const before = process.cwd()
    await writeFile(path.join(folder, 'pi-aws.yaml'), prod)
    process.chdir(folder)
    try {
      assert.equal((await openConfiguration({local: true}, undefined, root)).name, 'prod')
      await rm('pi-aws.yaml')
      await assert.rejects(openConfiguration({local: true}, name('prod'), folder), refusal('CONFIGURATION_NOT_FOUND'))
    } finally {
      process.chdir(before)
    }
  })

  it('refuses two names that differ', async () => {
    const flags = {config: await write(two), local: false, environment: name('prod')}
    await assert.rejects(
      openConfiguration(flags, name('staging'), root),
      refusal('TWO_ENVIRONMENTS', /argument says staging, --environment says prod/),
    )
  })

  for (const [why, text, named, code, message] of [
    ['names all where one of several must be named', two, undefined, 'ENVIRONMENT_MISSING', /has prod, staging/],
    ['says that there are none', 'version: 1\nenvironments: {}\n', undefined, 'ENVIRONMENT_MISSING', /has none/],
    ['says that there is none of that name', two, 'other', 'UNKNOWN_ENVIRONMENT', /has no other/],
    [
      'takes no property of JavaScript for an environment',
      two,
      'constructor',
      'UNKNOWN_ENVIRONMENT',
      /has no constructor/,
    ],
  ] as const) {
    it(why, () => {
      const file = parseConfiguration('pi-aws.yaml', text)
      assert.throws(() => pickEnvironment(file, named === undefined ? undefined : name(named)), refusal(code, message))
    })
  }

  it('guesses what a slip meant', () => {
    assert.throws(
      () => pickEnvironment(parseConfiguration('x', two), name('stagin')),
      (error: PiError) => error.suggestions[0] === 'Did you mean staging?',
    )
    assert.throws(
      () => pickEnvironment(parseConfiguration('x', two), name('zzz')),
      (error: PiError) => error.suggestions[0] === 'It has: prod, staging',
    )
  })
})
