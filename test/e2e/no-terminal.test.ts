import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {exitTable} from '../../src/domain/exit-codes.ts'
import {cleanEnvironment, Embedded, packageRoot} from '../helpers/e2e.ts'

interface Manifest {
  readonly commands: Readonly<Record<string, {readonly args: Readonly<Record<string, {readonly required?: boolean}>>}>>
}

/** What stands for an argument that must be given; anything else is an operation. */
const words: Readonly<Record<string, string>> = {
  count: '1',
  folder: 'assets',
  key: 'logDays',
  path: 'themes',
  service: 'dashboard',
  shell: 'bash',
  snapshot: 'latest',
}
const special: Readonly<Record<string, string>> = {'quotas:request key': 'vpcs'}

/** These take the embedded AWS away from under the others. */
const last = ['local:reset', 'local:stop', 'local:purge']
/** It is what runs already. */
const running = 'local:start'
/** The others find what these make. */
const first = ['deploy', 'snapshot:create']

/** How a command may end here that a person would be asked something by. */
const asks: Readonly<Record<string, number>> = {
  destroy: 2,
  'licence:set': 2,
  'registry:login': 2,
  'restore:run': 2,
}

describe('without a terminal', function () {
  this.timeout(600_000)
  let cloud: Embedded
  let folder = ''
  const {commands} = JSON.parse(readFileSync(join(packageRoot, 'oclif.manifest.json'), 'utf8')) as Manifest

  before(async () => {
    cloud = await Embedded.start()
    folder = join(cloud.home, 'empty')
    mkdirSync(join(folder, 'assets'), {recursive: true})
    cloud.config({prod: {}})
  })
  after(() => cloud?.stop())

  /** Runs a command whose input stays open and says nothing: a question would wait for ever. */
  async function left(id: string) {
    const given = Object.entries(commands[id]?.args ?? {}).flatMap(([name, {required}]) =>
      required === true ? [special[`${id} ${name}`] ?? words[name] ?? '20261122T101500Z-deploy-1a2b3c'] : [],
    )
    const env = {
      ...cleanEnvironment(cloud.home),
      PI_AWS_LOCAL: 'true',
      PI_AWS_CONFIG: join(cloud.home, 'operator', 'pi-aws.yaml'),
    }
    const line = [...id.split(':'), ...given]
    const child = spawn(process.execPath, [join(packageRoot, 'bin', 'run.js'), ...line], {cwd: folder, env})
    const asked = setTimeout(() => child.kill('SIGKILL'), 120_000)
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve) => child.on('exit', resolve)),
    ])
    clearTimeout(asked)
    child.stdin.destroy()
    return {code, stdout, stderr, all: `pi-aws ${line.join(' ')}: ${code}\n${stdout}\n${stderr}`}
  }

  it('no command asks anything: each ends by itself with a code of the table, and names the flag that it misses', async () => {
    const others = Object.keys(commands).filter((id) => ![...first, ...last, running].includes(id))
    const ids = [...first, ...others, ...last]
    assert.ok(ids.length > 60)
    for (const id of ids) {
      const {code, stderr, all} = await left(id)
      assert.ok(
        exitTable.some((row) => row.code === code),
        `${id} waits, or died\n${all}`,
      )
      assert.doesNotMatch(stderr, /^\? |\[BUG\]/m, all)
      if (first.includes(id)) assert.equal(code, 0, all)
      if (id in asks) {
        assert.equal(code, asks[id], all)
        assert.match(stderr, /--[a-z]/, all)
      }
    }
  })
})
