import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import {type AddressInfo, createServer as createTcpServer} from 'node:net'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import type {PiError} from '../../src/domain/errors.ts'
import {localEndpoint} from '../../src/flows/local/endpoint.ts'
import type {LocalChange} from '../../src/flows/local/ports.ts'
import {purgeLocal} from '../../src/flows/local/purge.ts'
import {resetLocal} from '../../src/flows/local/reset.ts'
import {startLocal} from '../../src/flows/local/start.ts'
import {localStatus} from '../../src/flows/local/status.ts'
import {stopLocal} from '../../src/flows/local/stop.ts'
import type {Run} from '../../src/flows/run.ts'
import {localServer} from '../../src/host/local-aws/server.ts'
import {localPortsAt} from './local-ports.ts'
import {temporaryFolder} from './temporary.ts'

const run: Run = {report: () => undefined, pause: new AbortController().signal}
const startScript = fileURLToPath(new URL('fixtures/start.ts', import.meta.url))

describe('the embedded AWS on this machine', () => {
  const folder = temporaryFolder()
  let aws: ReturnType<typeof localPortsAt>
  let foreign: Server | undefined
  const dir = () => join(folder(), 'home', 'local')
  const file = (name: string) => readFileSync(join(dir(), name), 'utf8')
  const start = () => startLocal(aws.ports, {}, run)

  beforeEach(() => {
    aws = localPortsAt(dir())
  })
  afterEach(async () => {
    aws.killAll()
    await new Promise((resolve) => (foreign === undefined ? resolve(undefined) : foreign.close(resolve)))
    foreign = undefined
  })

  async function foreignProgram(port = 0): Promise<number> {
    foreign = createServer((_request, response) => response.end('{"service":"something else"}'))
    foreign.listen(port, '127.0.0.1')
    await once(foreign, 'listening')
    return (foreign.address() as AddressInfo).port
  }

  it('starts, is found, and stops', async () => {
    const started = await start()
    assert.equal(started.changed, true)
    const record = JSON.parse(file('server.json')) as Record<string, unknown>
    assert.deepEqual([record['pid'], record['port'], record['version']], [started.pid, started.port, '0.1.0'])
    assert.equal(await localEndpoint(aws.ports), started.endpoint)
    assert.equal((await start()).changed, false)
    const stopped = await stopLocal(aws.ports, run)
    assert.deepEqual([stopped.changed, stopped.running], [true, false])
    assert.equal(await aws.ports.server.runs(started.pid ?? 0, '--instance-id'), false)
    assert.equal(existsSync(join(dir(), 'server.json')), false)
    assert.equal((await start()).port, started.port)
  })

  it('comes back on its port after kill -9', async () => {
    const first = await start()
    aws.killAll()
    const second = await start()
    assert.deepEqual([second.changed, second.port], [true, first.port])
    assert.notEqual(second.pid, first.pid)
  })

  it('recognises a foreign program on its port and leaves it alone', async () => {
    const {port} = await start()
    aws.killAll()
    while (!(await aws.ports.server.isFree(port ?? 0)));
    await foreignProgram(port)
    // The record now names a live process, ours, that is not the server.
    const record = JSON.parse(file('server.json')) as object
    writeFileSync(join(dir(), 'server.json'), JSON.stringify({...record, pid: process.pid}))
    assert.equal((await localStatus(aws.ports)).running, false)
    assert.equal((await stopLocal(aws.ports, run)).changed, false)
    const again = await start()
    assert.notEqual(again.port, port)
    assert.deepEqual(await aws.ports.server.ask(port ?? 0), {kind: 'foreign'})
  })

  it('refuses a taken port that was asked for', async () => {
    const port = await foreignProgram()
    await assert.rejects(startLocal(aws.ports, {port}, run), (error: PiError) => {
      assert.equal(error.code, 'LOCAL_PORT_TAKEN')
      assert.match(error.message, new RegExp(`Port ${port} `))
      return true
    })
    assert.equal(existsSync(dir()), false)
  })

  it('gives one server to starts of several processes at once', async () => {
    const one = () => promisify(execFile)(process.execPath, [startScript, dir()])
    const outputs = await Promise.all([one(), one(), one()])
    const results = outputs.map(({stdout}) => JSON.parse(stdout) as LocalChange)
    try {
      assert.equal(new Set(results.map(({pid}) => pid)).size, 1)
      assert.equal(results.filter(({changed}) => changed).length, 1)
      assert.equal((await localStatus(aws.ports)).pid, results[0]?.pid)
    } finally {
      await stopLocal(aws.ports, run)
    }
  })

  it('does not take the server of the folder it was copied from for its own', async () => {
    const started = await start()
    const copy = join(folder(), 'copy')
    mkdirSync(copy)
    for (const name of ['pi-aws-local.json', 'server.json']) writeFileSync(join(copy, name), file(name))
    const other = localPortsAt(copy)
    assert.equal((await localStatus(other.ports)).running, false)
    assert.equal((await stopLocal(other.ports, run)).changed, false)
    assert.equal((await localStatus(aws.ports)).pid, started.pid)
  })

  it('shows what a broken server said', async () => {
    aws = localPortsAt(dir(), 'broken')
    await assert.rejects(start(), (error: PiError) => {
      assert.match(error.message, /exit code 3[^]*Traceback: no module of that name/)
      return true
    })
    assert.equal((await localStatus(aws.ports)).running, false)
  })

  it('says why when the program cannot be run at all', async () => {
    const {ports} = aws
    const server = {...ports.server, spawn: localServer({packageRoot: '/package', env: {}}).spawn}
    const python = {...ports.python, ready: async () => join(folder(), 'no-python')}
    await assert.rejects(startLocal({...ports, server, python}, {}, run), (error: PiError) => {
      assert.equal(error.code, 'LOCAL_START_FAILED')
      assert.match(error.message, /no-python ENOENT/)
      return true
    })
  })

  it('gives the server Node and our modules, and nothing of the AWS set-up, other Pythons or proxies', async () => {
    const env = {
      PATH: process.env['PATH'],
      AWS_PROFILE: 'prod',
      AWS_SECRET_ACCESS_KEY: 'secret',
      PYTHONHOME: '/elsewhere',
      HTTP_PROXY: 'http://proxy:1',
      NO_PROXY: 'corp',
    }
    aws = localPortsAt(dir(), 'good', env)
    const {endpoint} = await start()
    const health = (await (await fetch(`${endpoint}/_pi/health`)).json()) as {env: Record<string, string>}
    const seen = health.env
    assert.deepEqual(
      Object.keys(seen).filter((name) => /^AWS_|^PYTHONHOME/.test(name)),
      [],
    )
    assert.deepEqual(
      [seen['PI_AWS_NODE'], seen['PYTHONPATH'], seen['NO_PROXY'], seen['HTTP_PROXY']],
      [process.execPath, join('/package', 'local-aws'), 'corp,127.0.0.1,localhost', 'http://proxy:1'],
    )
  })

  it('sets the pace of a running server', async () => {
    await start()
    const result = await startLocal(aws.ports, {pace: 0.25}, run)
    assert.deepEqual([result.changed, (await localStatus(aws.ports)).pace], [true, 0.25])
    assert.match(file('calls'), /POST \/_pi\/pace \{"pace":0.25\}/)
  })

  it('empties a running server: records, faults, then files', async () => {
    await start()
    const fileSystem = join(dir(), 'efs', 'fs-1')
    mkdirSync(fileSystem, {recursive: true})
    writeFileSync(join(fileSystem, 'theme.css'), 'a{}')
    const result = await resetLocal(aws.ports, run)
    assert.deepEqual([result.changed, result.running], [true, true])
    const posts = file('calls').match(/^(POST|DELETE) \S+/gm)
    assert.deepEqual(posts, ['POST /_ministack/reset', 'DELETE /_pi/faults'])
    assert.deepEqual([existsSync(fileSystem), existsSync(join(dir(), 'efs'))], [false, true])
  })

  it('empties the folder of one that does not run, and keeps its port', async () => {
    const {port} = await start()
    await stopLocal(aws.ports, run)
    for (const name of ['efs', 'records', 's3']) mkdirSync(join(dir(), name))
    assert.equal((await resetLocal(aws.ports, run)).changed, true)
    assert.deepEqual(
      ['efs', 'records', 's3', 'calls'].filter((name) => existsSync(join(dir(), name))),
      [],
    )
    assert.equal((await resetLocal(aws.ports, run)).changed, false)
    assert.equal((await start()).port, port)
  })

  it('says so when the server refuses', async () => {
    aws = localPortsAt(dir(), 'refusing')
    await start()
    await assert.rejects(resetLocal(aws.ports, run), {code: 'LOCAL_CALL_FAILED'})
  })

  it('purges: stops the server and leaves no file', async () => {
    const {pid} = await start()
    const result = await purgeLocal(aws.ports, {environments: false}, run)
    assert.deepEqual(result, {changed: true, stateDir: dir(), removed: [dir()]})
    assert.equal(await aws.ports.server.runs(pid ?? 0, '--instance-id'), false)
    assert.equal(existsSync(dir()), false)
    assert.equal((await purgeLocal(aws.ports, {environments: false}, run)).changed, false)
  })

  it('removes and uses no folder that is not ours', async () => {
    mkdirSync(dir(), {recursive: true})
    writeFileSync(join(dir(), 'thesis.txt'), 'ten years')
    const refusal = {code: 'LOCAL_FOLDER_NOT_OURS'}
    await assert.rejects(purgeLocal(aws.ports, {environments: false}, run), refusal)
    await assert.rejects(start(), refusal)
    await assert.rejects(resetLocal(aws.ports, run), refusal)
    assert.equal(file('thesis.txt'), 'ten years')
  })

  it('knows a port that says nothing from one where nobody listens', async () => {
    const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const {port} = silent.address() as AddressInfo
    const sockets: {destroy(): void}[] = []
    silent.on('connection', (socket) => sockets.push(socket))
    try {
      assert.deepEqual(await aws.ports.server.ask(port), {kind: 'silent'})
      assert.equal(await aws.ports.server.isFree(port), false)
    } finally {
      sockets.forEach((socket) => socket.destroy())
      silent.close()
      await once(silent, 'close')
    }
    assert.deepEqual(await aws.ports.server.ask(port), {kind: 'refused'})
    assert.equal(await aws.ports.server.isFree(port), true)
  })

  it('takes a program that speaks no HTTP, or too much of it, for a foreign one', async () => {
    for (const answer of ['hello\n', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(200_000)}`]) {
      const server = createTcpServer((socket) => {
        socket.on('error', () => undefined).resume()
        socket.end(answer)
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const {port} = server.address() as AddressInfo
      assert.deepEqual(await aws.ports.server.ask(port), {kind: 'foreign'})
      server.close()
      await once(server, 'close')
    }
  })
})
