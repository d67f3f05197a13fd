import assert from 'node:assert/strict'
import {mkdirSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
import {join} from 'node:path'
import {Embedded} from '../helpers/e2e.ts'

/** Bad input and a bad surrounding: one clear line, the right exit code. None of these needs the embedded AWS. */
describe('bad input, before AWS is asked', function () {
  this.timeout(30_000)
  let cloud: Embedded
  before(() => {
    cloud = new Embedded()
    mkdirSync(join(cloud.home, 'operator'), {recursive: true})
  })
  after(() => cloud.stop())

  const deploy = (...args: string[]) => ['deploy', ...args, '--yes', '--local']

  it('names of environments: empty, of 200 characters, with the wrong letters, unknown', async () => {
    for (const name of ['', 'x'.repeat(200), 'Prod', 'a--b', 'a_b', '../prod', 'prod\n']) {
      const error = await cloud.fails(2, deploy(name))
      assert.equal(error.code, 'INVALID_ENVIRONMENT_NAME', name)
      assert.ok(error.message.length < 250, error.message)
    }
    const unknown = await cloud.fails(5, deploy('demoo'))
    assert.deepEqual([unknown.code, unknown.suggestions], ['UNKNOWN_ENVIRONMENT', ['Did you mean demo?']])
    assert.equal(
      (await cloud.fails(2, ['deploy', 'demo', '--environment', 'prod', '--local'])).code,
      'TWO_ENVIRONMENTS',
    )
    assert.equal((await cloud.fails(2, ['deploy', '--local', '--yes'])).code, 'ENVIRONMENT_MISSING')
  })

  it('pi-aws.yaml: missing, broken, with an unknown key, with an impossible value; always file, line and key', async () => {
    const missing = await cloud.fails(5, ['deploy', 'demo', '--yes'])
    assert.equal(missing.code, 'CONFIGURATION_NOT_FOUND')
    const cases: [text: string, at: string, says: RegExp][] = [
      ['version: 1\nenvironments:\n  demo: [\n', ':4:1:', /flow|sequence|\]/i],
      [
        'version: 1\nenvironments:\n  demo:\n    region: eu-west-1\n    netwrok: {}\n',
        ':5:',
        /netwrok: unknown key; did you mean network\?/,
      ],
      [
        'version: 1\nenvironments:\n  demo:\n    region: eu-west-1\n    services:\n      rendrer: {min: 1}\n',
        ':6:',
        /did you mean renderer\?/,
      ],
      ['version: 1\nenvironments:\n  demo:\n    region: Europe\n', ':4:', /environments\.demo\.region/],
      [
        'version: 1\nenvironments:\n  demo:\n    region: eu-west-1\n    network: {cidr: 10.0.0.0/8}\n',
        ':5:',
        /network\.cidr/,
      ],
      ['version: 2\nenvironments: {}\n', ':1:', /version/],
      ['', ':1:', /./],
    ]
    for (const [text, at, says] of cases) {
      const path = cloud.write('broken.yaml', text)
      const error = await cloud.fails(2, deploy('demo', '--config', path))
      assert.ok(error.message.includes(`${path}${at}`), `${error.message} does not say ${at}`)
      assert.match(error.message, says)
    }
    const secret = cloud.config({demo: {services: {dashboard: {environment: {DB_PASSWORD: 'x'}}}}})
    assert.match((await cloud.fails(2, deploy('demo', '--config', secret))).message, /DB_PASSWORD/)
  })

  it('commands, flags and values that do not exist', async () => {
    const unknown = await cloud.fails(2, ['deplyo', 'demo'])
    assert.deepEqual([unknown.code, unknown.suggestions[0]], ['UNKNOWN_COMMAND', 'Did you mean: pi-aws deploy'])
    assert.equal((await cloud.fails(2, deploy('demo', '--forse'))).exitCode, 2)
    assert.equal((await cloud.fails(2, deploy('demo', '--timeout', 'soon'))).code, 'INVALID_DURATION')
    assert.equal((await cloud.fails(2, deploy('demo', '--part', 'everything'))).exitCode, 2)
    assert.equal((await cloud.fails(12, deploy('demo', '--region', 'us-east-1'))).code, 'WRONG_REGION')
    assert.equal(
      (await cloud.fails(2, ['ops', 'show', 'abc', '--environment', 'demo', '--local'])).code,
      'INVALID_OPERATION_ID',
    )
    assert.equal((await cloud.fails(5, deploy('demo', '--licence-file', 'nowhere.txt'))).code, 'SECRET_FILE_NOT_FOUND')
  })

  it('an embedded AWS that does not run', async () => {
    const error = await cloud.fails(1, deploy('demo'))
    assert.deepEqual([error.code, error.suggestions], ['LOCAL_NOT_RUNNING', ['pi-aws local start']])
  })

  it('no credentials: 4, at once, without a call', async () => {
    const config = cloud.config({prod: {}})
    const error = await cloud.fails(4, ['deploy', 'prod', '--yes', '--config', config])
    assert.match(error.code, /^CREDENTIALS/)
    assert.ok(error.suggestions.length > 0)
    await cloud.fails(4, ['status', 'prod', '--config', config, '--profile', 'nobody'])
  })

  it('no Python: says what to install', async () => {
    const empty = join(cloud.home, 'empty')
    mkdirSync(empty)
    const env = {
      PATH: empty,
      PI_AWS_PYTHON: undefined,
      PI_AWS_PYTHON_ENV: undefined,
      PI_AWS_CACHE: join(cloud.home, 'cache'),
    }
    const error = await cloud.fails(5, ['local', 'start'], {env})
    assert.equal(error.code, 'PYTHON_MISSING')
    assert.match(`${error.message} ${error.suggestions.join(' ')}`, /Python 3\.10/)
  })

  it('a port that is taken', async () => {
    // It reads and never answers: what is not read keeps its connection, and with it the server, from closing.
    const other = createServer((socket) => socket.on('error', () => undefined).resume())
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const {port} = other.address() as AddressInfo
    try {
      const error = await cloud.fails(12, ['local', 'start', '--port', `${port}`])
      assert.equal(error.code, 'LOCAL_PORT_TAKEN')
      assert.ok(error.message.includes(`${port}`))
    } finally {
      await new Promise((resolve) => other.close(resolve))
    }
  })

  it('errors as text go to stderr and leave stdout empty, in one line and next steps', async () => {
    const ended = await cloud.run(deploy('demo'))
    assert.deepEqual([ended.code, ended.stdout], [1, ''])
    assert.match(ended.stderr, /The embedded AWS does not run\. \[LOCAL_NOT_RUNNING\]\n[^]*pi-aws local start/)
    assert.ok(!/\n\s+at /.test(ended.stderr), ended.stderr)
  })

  it('a folder of its own that cannot be used: one line, and the variable that names another', async () => {
    const env = {PI_AWS_HOME: join(cloud.write('a-file', ''), 'inside')}
    for (const words of [
      ['init', 'prod', '--yes', '--region', 'eu-west-1', '--host', 'none'],
      ['env', 'use', 'prod', '--config', cloud.config({prod: {}})],
      ['local', 'start'],
    ]) {
      const error = await cloud.fails(1, words, {env})
      assert.equal(error.code, 'STATE_UNUSABLE', words.join(' '))
      assert.match(error.suggestions.join(' '), /PI_AWS_HOME/)
    }
  })

  it("plugins in the operator's data folder: neither run nor looked for", async () => {
    const data = join(cloud.home, 'data')
    mkdirSync(join(data, 'pi-aws', 'package.json'), {recursive: true})
    const ended = await cloud.run(['autocomplete', 'bash'], {env: {XDG_DATA_HOME: data}})
    assert.deepEqual([ended.code, ended.stderr], [0, ''])
  })
})
