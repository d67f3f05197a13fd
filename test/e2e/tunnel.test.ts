import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {dirname, join} from 'node:path'
import {GetSecretValueCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {DescribeSessionsCommand, SSMClient} from '@aws-sdk/client-ssm'
import {hasMariaDb, outputsOf} from '../helpers/e2e-platform.ts'
import {Embedded, freePort} from '../helpers/e2e.ts'

interface Tunnel {
  readonly state: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly secretArn: string
  readonly remoteHost: string
  readonly service: string
  readonly loginCommand: string
  readonly sessionCommand: string
}

/** Stands in for AWS's plugin: takes what that takes, and really carries bytes to where the embedded AWS says. */
const plugin = `#!${process.execPath}
const {createServer, connect} = require('node:net')
const [variable, region, operation, profile, request, endpoint] = process.argv.slice(2)
if (variable === '--version') { console.log('1.2.650.0'); process.exit() }
const grant = JSON.parse(process.env[variable])
const {Target, DocumentName, Parameters} = JSON.parse(request)
const place = new URL(grant.streamUrl)
const wrong = [
  process.argv.join(' ').includes(grant.tokenValue) && 'the token is an argument',
  operation !== 'StartSession' && operation,
  region !== 'eu-west-1' && region,
  profile !== '' && profile,
  endpoint !== 'https://ssm.eu-west-1.amazonaws.com' && endpoint,
  !/^ecs:[^_]+_[^_]+_[^_]+$/.test(Target) && Target,
  DocumentName !== 'AWS-StartPortForwardingSessionToRemoteHost' && DocumentName,
  place.host !== Parameters.host[0] + ':' + Parameters.portNumber[0] && place.host,
].filter(Boolean)
if (wrong.length > 0) { console.error('wrong: ' + wrong.join(', ')); process.exit(3) }
console.log('Starting session with SessionId: ' + grant.sessionId)
const [port] = Parameters.localPortNumber
createServer((near) => {
  console.log('Connection accepted for session [' + grant.sessionId + ']')
  const far = connect(Number(place.port), place.hostname)
  near.pipe(far).pipe(near)
  for (const one of [near, far]) one.on('error', () => { near.destroy(); far.destroy() })
}).listen(Number(port), '127.0.0.1', () => {
  console.log('Port ' + port + ' opened for sessionId ' + grant.sessionId + '.')
  console.log('Waiting for connections...')
})
`

describe('a tunnel to the database', function () {
  this.timeout(180_000)
  let cloud: Embedded
  let config: string

  before(async function () {
    if (!hasMariaDb) return this.skip()
    cloud = await Embedded.start()
    config = cloud.config({solo: {parameters: {ExecEnabled: 'true'}}})
    await cloud.ok('deploy', 'solo', '--yes', '--local', '--config', config)
    install(plugin)
  })
  after(() => cloud?.stop())

  const install = (text: string): void => {
    writeFileSync(join(cloud.home, 'session-manager-plugin'), text, {mode: 0o755})
  }
  const withPlugin = () => ({env: {PATH: `${cloud.home}:${process.env['PATH']}`}})
  const line = (...more: string[]) => ['db', 'tunnel', 'solo', '--local', '--config', config, ...more]
  const sessions = async (State: 'Active' | 'History') =>
    (await cloud.client(SSMClient).send(new DescribeSessionsCommand({State}))).Sessions ?? []

  async function select(tunnel: Tunnel, statement: string): Promise<string> {
    const {SecretString = '{}'} = await cloud
      .client(SecretsManagerClient)
      .send(new GetSecretValueCommand({SecretId: tunnel.secretArn}))
    const {username, password} = JSON.parse(SecretString) as {username: string; password: string}
    assert.equal(tunnel.user, username)
    const where = ['--no-defaults', `--host=${tunnel.host}`, `--port=${tunnel.port}`, '--protocol=tcp']
    const how = ['--batch', '--skip-column-names', `--user=${tunnel.user}`, 'dashboard', '-e', statement]
    const env = {...process.env, MYSQL_PWD: password}
    const ran = spawnSync('mariadb', [...where, ...how], {encoding: 'utf8', env})
    assert.equal(ran.status, 0, ran.stderr)
    return ran.stdout.trim()
  }

  it('carries queries until Ctrl-C, and leaves no session behind', async () => {
    const port = await freePort()
    const running = cloud.spawn(line('--port', `${port}`, '--output', 'ndjson'), withPlugin())
    await running.until(({type}) => type === 'tunnel.open')
    const open = running.events.find(({type}) => type === 'tunnel.open') as unknown as Tunnel
    const outputs = await outputsOf(cloud, 'solo')
    assert.deepEqual(
      [open.state, open.host, open.port, open.remoteHost, open.service],
      ['open', '127.0.0.1', port, outputs['DatabaseEndpoint'], 'dashboard'],
    )
    assert.equal(await select(open, 'SELECT CONCAT(CURRENT_USER(), 6 * 7)'), `${open.user}@%42`)
    assert.equal((await sessions('Active')).length, 1)
    const {SecretString = ''} = await cloud
      .client(SecretsManagerClient)
      .send(new GetSecretValueCommand({SecretId: open.secretArn}))
    running.child.kill('SIGINT')
    const ended = await running.ended
    assert.equal(ended.code, 130, ended.stderr)
    const {password} = JSON.parse(SecretString) as {password: string}
    assert.ok(!`${ended.stdout}${ended.stderr}`.includes(password))
    assert.deepEqual([(await sessions('Active')).length, (await sessions('History')).length], [0, 1])
    // Nobody listens there any more.
    await new Promise<void>((resolve, reject) => {
      const server = createServer().on('error', reject)
      server.listen(port, '127.0.0.1', () => server.close(() => resolve()))
    })
  })

  it('says in one line of JSON that it is open', async () => {
    const running = cloud.spawn(line('--port', `${await freePort()}`, '--json'), withPlugin())
    const first = await new Promise<string>((resolve) => {
      let text = ''
      running.child.stdout.on('data', (more: string) => {
        text += more
        if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
      })
    })
    const {state, host} = JSON.parse(first) as Tunnel
    assert.deepEqual([state, host], ['open', '127.0.0.1'])
    running.child.kill('SIGTERM')
    assert.equal((await running.ended).code, 130)
  })

  it('is only planned by --print, without a plugin', async () => {
    const bare = {env: {PATH: dirname(process.execPath)}}
    const printed = await cloud.run(line('--print', '--json'), bare)
    const {state, port, loginCommand, sessionCommand} = printed.json<Tunnel>()
    assert.deepEqual([printed.code, state, port], [0, 'planned', 13_306])
    assert.match(
      loginCommand,
      /^MYSQL_PWD="\$\(aws secretsmanager .*\| jq -r \.password\)" mariadb --host=127\.0\.0\.1 /,
    )
    assert.match(sessionCommand, /--document-name AWS-StartPortForwardingSessionToRemoteHost/)
    const text = await cloud.run(line('--print'), bare)
    assert.match(text.stdout, /nothing is open[^]*Through +task [0-9a-f-]+ of dashboard/)
    assert.deepEqual(await sessions('Active'), [])
    const refused = await cloud.fails(12, line(), bare)
    assert.equal(refused.code, 'NO_PLUGIN')
  })

  it('is refused at a port that is taken and without the permission, and no session is left by a plugin that fails', async () => {
    const server = createServer((socket) => socket.resume())
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const taken = await cloud.fails(12, line('--port', `${port}`), withPlugin()).finally(() => server.close())
    assert.equal(taken.code, 'PORT_TAKEN')
    assert.match(taken.suggestions[0] ?? '', /^pi-aws db tunnel solo --port \d+/)
    await cloud.permissions({deny: ['ssm:StartSession']})
    const denied = await cloud.fails(4, line('--port', `${port}`), withPlugin())
    await cloud.permissions({deny: []})
    assert.match(denied.message, /ssm:StartSession/)
    install('#!/bin/sh\n[ "$1" = --version ] && echo 1.2.650.0 && exit\necho "cannot dial" >&2; exit 5\n')
    const failed = await cloud.fails(1, line('--port', `${port}`), withPlugin())
    assert.deepEqual([failed.code, failed.message], ['TUNNEL_FAILED', 'The tunnel was not opened: cannot dial.'])
    assert.deepEqual(await sessions('Active'), [])
  })
})
