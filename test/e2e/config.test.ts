import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Embedded, packageRoot} from '../helpers/e2e.ts'

const text = `# Ours
version: 1
defaults:
  region: eu-west-1
  domain: {httpOnly: true}
environments:
  prod: # the one that pays
    preset: standard # for now
  staging: {}
`

/** pi-aws.yaml from the command line. None of this needs an AWS. */
describe('pi-aws.yaml by commands', function () {
  this.timeout(60_000)
  let cloud: Embedded
  let path = ''
  before(() => {
    cloud = new Embedded()
  })
  beforeEach(() => {
    path = cloud.write('pi-aws.yaml', text)
  })
  after(() => cloud.stop())

  const config = (...args: string[]): string[] => ['config', ...args, '--config', path]

  it('is validated, shown, and changed with its comments', async () => {
    assert.deepEqual((await cloud.ok<{environments: string[]}>(...config('validate'))).environments, [
      'prod',
      'staging',
    ])
    const shown = await cloud.run(config('show', 'prod'))
    assert.match(shown.stdout, /region: eu-west-1 # defaults\n/)
    assert.match(shown.stdout, /preset: standard\n/)
    const set = await cloud.ok<{was: string; is: string}>(...config('set', 'preset', 'large', '-e', 'prod'))
    assert.deepEqual([set.was, set.is], ['standard', 'large'])
    assert.equal(readFileSync(path, 'utf8'), text.replace('standard #', 'large #'))
    await cloud.ok(...config('set', 'logDays', '30', '--shared'))
    assert.match((await cloud.run(config('show', 'staging'))).stdout, /logDays: 30 # defaults\n/)
    assert.match(readFileSync(path, 'utf8'), /# Ours[^]*# the one that pays[^]*# for now/)
  })

  it('is left alone by a change that does not fit, and by one that is half said', async () => {
    const wrong = await cloud.fails(2, config('set', 'databse.multiAz', 'true', '-e', 'prod'))
    assert.deepEqual([wrong.code, wrong.message.includes('did you mean database?')], ['INVALID_VALUE', true])
    assert.equal((await cloud.fails(2, config('set', 'preset', '-e', 'prod'))).code, 'VALUE_MISSING')
    assert.equal((await cloud.fails(5, config('set', 'preset', 'large', '-e', 'prdo'))).code, 'UNKNOWN_ENVIRONMENT')
    assert.equal(readFileSync(path, 'utf8'), text)
  })

  it('of a newer pi-aws is refused by every command that reads it', async () => {
    writeFileSync(path, text.replace('version: 1', 'version: 2'))
    for (const args of [
      config('validate'),
      config('show', 'prod'),
      config('migrate'),
      ['plan', 'prod', '--config', path],
    ])
      assert.equal((await cloud.fails(2, args)).code, 'NEWER_CONFIGURATION', args.join(' '))
  })

  it('keeps the changes of two writers at once', async () => {
    const keys = ['logDays', 'waf', 'database.multiAz', 'database.backupDays']
    const values = ['60', 'true', 'true', '21']
    const ends = await Promise.all(
      keys.map((key, index) => cloud.run(config('set', key, values[index]!, '-e', 'staging'))),
    )
    assert.deepEqual(
      ends.map(({code}) => code),
      [0, 0, 0, 0],
    )
    const {configuration} = await cloud.ok<{configuration: Record<string, unknown>}>(...config('show', 'staging'))
    assert.deepEqual(
      [configuration['logDays'], configuration['waf'], configuration['database']],
      [60, true, {multiAz: true, backupDays: 21}],
    )
  })

  it('in a folder that may not be written is refused, and stays', async () => {
    const folder = join(cloud.home, 'read-only')
    mkdirSync(folder)
    const file = join(folder, 'pi-aws.yaml')
    writeFileSync(file, text)
    chmodSync(file, 0o444)
    chmodSync(folder, 0o555)
    // Whoever may write anything is asked to be somebody else.
    const state = join(cloud.home, 'of-nobody')
    mkdirSync(state)
    chmodSync(state, 0o777)
    chmodSync(cloud.home, 0o755)
    const nobody = process.getuid?.() === 0 ? {uid: 65_534, gid: 65_534} : {}
    const words = ['config', 'set', 'preset', 'large', '-e', 'prod', '--config', file, '--json']
    const child = spawn(process.execPath, [join(packageRoot, 'bin', 'run.js'), ...words], {
      ...nobody,
      env: {PATH: process.env['PATH'], HOME: state, PI_AWS_HOME: state, PI_AWS_CACHE: state},
    })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    const code = await new Promise((resolve) => child.on('close', resolve))
    assert.equal(code, 12, out)
    assert.match(out, /CONFIGURATION_UNWRITABLE/)
    assert.equal(readFileSync(file, 'utf8'), text)
    chmodSync(folder, 0o755)
  })
})
