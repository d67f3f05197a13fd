import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {CreateBucketCommand, ListBucketsCommand, S3Client} from '@aws-sdk/client-s3'
import type {LocalChange, LocalStatus} from '../../src/flows/local/ports.ts'
import {freePort, packageRoot} from '../helpers/e2e.ts'

const bin = join(packageRoot, 'bin', 'run.js')
const home = mkdtempSync(join(tmpdir(), 'pi-aws-e2e-'))
const env = {...process.env, PI_AWS_HOME: home, PI_AWS_LOCAL: ''}

interface Outcome {
  readonly code: number
  readonly json: unknown
}

/** Runs the installed command with --json. */
function piAws(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args, '--json'], {env}, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code)
      assert.notEqual(stdout, '', stderr)
      resolve({code, json: JSON.parse(stdout)})
    })
  })
}

async function change(...args: string[]): Promise<LocalChange> {
  const {code, json} = await piAws('local', ...args)
  assert.equal(code, 0, JSON.stringify(json))
  return json as LocalChange
}

async function buckets(endpoint: string | null, create?: string): Promise<readonly (string | undefined)[]> {
  const credentials = {accessKeyId: 'test', secretAccessKey: 'test'}
  const client = new S3Client({region: 'eu-west-1', endpoint: endpoint ?? '', forcePathStyle: true, credentials})
  try {
    if (create !== undefined) await client.send(new CreateBucketCommand({Bucket: create}))
    const {Buckets = []} = await client.send(new ListBucketsCommand({}))
    return Buckets.map(({Name}) => Name)
  } finally {
    client.destroy()
  }
}

/** Local addresses (as the kernel writes them) at which a process takes connections. */
function listeningAddresses(pid: number): string[] {
  const fds = readdirSync(`/proc/${pid}/fd`)
  const sockets = new Set(fds.map((fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]))
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode))
      .map(([, address = '']) => address),
  )
}

describe('pi-aws local', function () {
  this.timeout(60_000)
  let port = 0
  before(async () => {
    port = await freePort()
  })
  after(async () => {
    await piAws('local', 'purge')
    rmSync(home, {recursive: true, force: true})
  })

  it('says that nothing runs, and --local says what to do', async () => {
    const status = (await change('status')) as LocalStatus
    assert.deepEqual([status.running, status.endpoint, status.stateDir], [false, null, join(home, 'local')])
    const {code, json} = await piAws('status', 'demo', '--local')
    const {error} = json as {error: {code: string; suggestions: string[]; exitCode: number}}
    assert.deepEqual([code, error.code, error.suggestions], [1, 'LOCAL_NOT_RUNNING', ['pi-aws local start']])
  })

  it('gives one server to two starts at once, and the third finds it', async () => {
    const both = await Promise.all([change('start', '--port', `${port}`), change('start', '--port', `${port}`)])
    assert.equal(both[0].pid, both[1].pid)
    assert.deepEqual(both.map(({changed}) => changed).sort(), [false, true])
    const third = await change('start', '--pace', '0.001')
    assert.deepEqual([third.pid, third.changed, third.pace, third.port], [both[0].pid, true, 0.001, port])
    assert.equal((await change('status')).pace, 0.001)
    assert.equal((await change('start', '--pace', '0')).pace, 0)
  })

  it('listens on the loopback interface and nowhere else', async function () {
    if (process.platform !== 'linux') this.skip()
    const {pid = 0} = await change('status')
    const hex = port.toString(16).toUpperCase().padStart(4, '0')
    assert.deepEqual(listeningAddresses(pid), [`0100007F:${hex}`])
  })

  it('keeps what it holds over a stop, and comes back on its port', async () => {
    const {endpoint} = await change('status')
    assert.deepEqual(await buckets(endpoint, 'kept'), ['kept'])
    assert.deepEqual([(await change('stop')).changed, (await change('stop')).changed], [true, false])
    const again = await change('start')
    assert.deepEqual([again.changed, again.endpoint], [true, endpoint])
    assert.deepEqual(await buckets(endpoint), ['kept'])
  })

  it('comes back after kill -9', async () => {
    const {pid} = await change('status')
    // Without this a missing pid would be 0: this very process and all around it.
    assert.ok(pid !== undefined && pid > 1)
    process.kill(pid, 'SIGKILL')
    const again = await change('start')
    assert.notEqual(again.pid, pid)
    assert.equal(again.port, port)
  })

  it('is empty after a reset and still runs', async () => {
    const {endpoint, stateDir, pid} = await change('status')
    await buckets(endpoint, 'soon-gone')
    const fileSystem = join(stateDir, 'efs', 'fs-0123')
    mkdirSync(fileSystem, {recursive: true})
    writeFileSync(join(fileSystem, 'theme.css'), '')
    const result = await change('reset')
    assert.deepEqual([result.changed, result.running, result.pid], [true, true, pid])
    assert.deepEqual([await buckets(endpoint), existsSync(fileSystem)], [[], false])
  })

  it('refuses another port while it runs, and numbers that are none', async () => {
    const {code, json} = await piAws('local', 'start', '--port', `${await freePort()}`)
    assert.deepEqual([code, (json as {error: {code: string}}).error.code], [12, 'LOCAL_ALREADY_RUNNING'])
    for (const [flag, value] of Object.entries({port: '80', pace: 'slow', region: 'here'})) {
      assert.equal((await piAws('local', 'start', `--${flag}`, value)).code, 2, flag)
    }
  })

  it('leaves nothing after a purge', async () => {
    assert.equal((await change('purge')).changed, true)
    assert.deepEqual(readdirSync(home), [])
    assert.equal((await change('purge')).changed, false)
  })
})
