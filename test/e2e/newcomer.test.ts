import assert from 'node:assert/strict'
import {execFile, execFileSync} from 'node:child_process'
import {copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {promisify} from 'node:util'
import {freePort, packageRoot} from '../helpers/e2e.ts'
import {keys, Terminal} from '../helpers/pty/terminal.ts'

const {enter} = keys
const theme = 'body { color: teal }\n'

/**
 * From an empty folder with nothing but the packed tarball to a platform that was deployed, changed, saved, brought back,
 * looked at and taken down: once typed into a terminal, by what is seen of it, and once in a pipe, by flags alone.
 */
describe("the newcomer's path", function () {
  this.timeout(400_000)
  let packed = ''
  let tarball = ''
  const written = new Map<string, string>()

  before(() => {
    packed = mkdtempSync(join(tmpdir(), 'pi-aws-packed-'))
    const words = ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', packed]
    execFileSync('npm', words, {cwd: packageRoot, stdio: ['ignore', 'ignore', 'inherit']})
    tarball = join(packed, readdirSync(packed).find((name) => name.endsWith('.tgz')) ?? '')
  })
  after(() => rmSync(packed, {recursive: true, force: true}))

  /** Somebody's laptop: a home, and an empty folder with the tarball. */
  class Laptop {
    readonly home = mkdtempSync(join(tmpdir(), 'pi-aws-newcomer-'))
    readonly folder = join(this.home, 'work')
    readonly env: NodeJS.ProcessEnv

    constructor() {
      mkdirSync(this.folder)
      copyFileSync(tarball, join(this.folder, 'pi-aws.tgz'))
      const {PATH, PI_AWS_PYTHON_ENV, PI_AWS_PYTHON, PI_AWS_CACHE, NODE_V8_COVERAGE} = process.env
      this.env = {
        ...{PI_AWS_PYTHON_ENV, PI_AWS_PYTHON, PI_AWS_CACHE, NODE_V8_COVERAGE},
        // The Node that runs this test, whatever else the machine has.
        PATH: [dirname(process.execPath), PATH].join(delimiter),
        HOME: this.home,
        LANG: 'C.UTF-8',
        PS1: '$ ',
        npm_config_offline: 'true',
        npm_config_update_notifier: 'false',
        npm_config_yes: 'true',
      }
    }

    get configuration(): string {
      return readFileSync(join(this.folder, 'pi-aws.yaml'), 'utf8')
    }

    addTheme(): void {
      mkdirSync(join(this.folder, 'assets', 'themes'), {recursive: true})
      writeFileSync(join(this.folder, 'assets', 'themes', 'ours.css'), theme)
    }

    /** The theme in each generation of the one file system, as it lies there. */
    async themes(): Promise<readonly string[]> {
      const {stateDir} = (await this.run('local', 'status')) as {stateDir: string}
      const efs = join(stateDir, 'efs')
      return readdirSync(efs).flatMap((id) =>
        readdirSync(join(efs, id, 'gen'))
          .filter((name) => /^\d+$/.test(name))
          .sort()
          .map((generation) => readFileSync(join(efs, id, 'gen', generation, 'themes', 'ours.css'), 'utf8')),
      )
    }

    async run(...words: readonly string[]): Promise<unknown> {
      const ended = await promisify(execFile)('npx', ['./pi-aws.tgz', ...words, '--json'], {
        cwd: this.folder,
        env: this.env,
        maxBuffer: 16_777_216,
      }).catch((thrown: unknown) => {
        const error = thrown as Error & {readonly stdout: string}
        throw new Error(`${error.message}\n${error.stdout}`)
      })
      return JSON.parse(ended.stdout) as unknown
    }

    async leave(): Promise<void> {
      await this.run('local', 'purge').catch(() => undefined)
      rmSync(this.home, {recursive: true, force: true, maxRetries: 5})
    }
  }

  it('typed into a terminal, by what it shows', async () => {
    const laptop = new Laptop()
    const {env, folder: cwd} = laptop
    const shell = new Terminal([], {cwd, env, columns: 120, rows: 40, limit: 150_000, program: ['sh', '-i']})
    const type = async (words: string): Promise<void> => {
      await shell.answer(/\$ $/, `${words}${enter}`)
      // As the terminal repeats it, so that nothing of it is taken for an answer.
      await shell.sees(words.slice(-12))
    }
    const pi = async (words: string): Promise<void> => type(`npx ./pi-aws.tgz ${words} || exit`)
    try {
      await pi(`local start --pace 0 --port ${await freePort()}`)
      await shell.sees('The embedded AWS runs')
      await pi('init --local')
      await shell.answer('? Name of the environment', `trial${enter}`)
      await shell.answer(/\? Region[^]*navigate/, enter)
      await shell.answer(/\? Size[^]*navigate/, enter)
      await shell.answer(/\? What tasks run on[^]*navigate/, enter)
      await shell.answer(/\? Network[^]*navigate/, enter)
      await shell.answer('? Address range of the VPC (10.20.0.0/16)', enter)
      await shell.answer(/\? Availability zones[^]*navigate/, enter)
      await shell.answer(/\? NAT gateways[^]*navigate/, enter)
      await shell.answer('? Public name of the dashboard', `none${enter}`)
      await shell.answer(/\? Release of the platform/, enter)
      await shell.answer('? Address that hears of alarms (none)', enter)
      await shell.answer('? Folder with assets (none)', enter)
      await shell.answer('? Make the foundation now', enter)
      await shell.answer('? Run preflight', `n${enter}`)

      await pi('deploy trial --local')
      written.set('terminal', laptop.configuration)
      await shell.sees('Environment trial is deployed')
      laptop.addTheme()
      await pi('upload assets assets --environment trial --local')
      await shell.sees('1 sent, 0 skipped')
      await pi('sideload start trial --local')
      await shell.sees('Side-load of trial is done')
      await pi('snapshot create trial --local')
      await shell.sees(/Snapshot \S+ of trial is whole/)
      await pi('restore run latest --environment trial --local')
      await shell.answer('Type trial to go on', `trial${enter}`)
      await shell.sees('Environment trial is back at snapshot')
      await pi('logs --environment trial --local --since 1h --limit 5')
      await shell.sees(/events +\|/)
      await pi('destroy trial --local')
      await shell.answer('Type trial to go on', `trial${enter}`)
      await shell.sees('Environment trial is taken down')
      await type('exit')
      assert.equal(await shell.ended, 0, shell.text)
      assert.deepEqual(await laptop.themes(), [theme, theme])
    } finally {
      shell.close()
      await laptop.leave()
    }
  })

  it('in a pipe, by flags alone, to the same configuration', async () => {
    const laptop = new Laptop()
    try {
      await laptop.run('local', 'start', '--pace', '0', '--port', `${await freePort()}`)
      await laptop.run('init', 'trial', '--local', '--yes', '--host', 'none')
      assert.equal(laptop.configuration, written.get('terminal'))
      await laptop.run('deploy', 'trial', '--local', '--yes')
      laptop.addTheme()
      const on = ['--environment', 'trial', '--local']
      const {sent} = (await laptop.run('upload', 'assets', 'assets', ...on)) as {sent: number}
      const {copied} = (await laptop.run('sideload', 'start', 'trial', '--local')) as {copied: number}
      // The folder of the theme is there already.
      assert.deepEqual([sent, copied], [1, 1])
      const {id, state} = (await laptop.run('snapshot', 'create', 'trial', '--local')) as {id: string; state: string}
      const restored = (await laptop.run('restore', 'run', 'latest', ...on, '--confirm', 'trial')) as {
        snapshot: string
        generations: unknown
      }
      assert.deepEqual(restored.snapshot, id)
      assert.deepEqual(restored.generations, {database: {from: 1, to: 2}, files: {from: 1, to: 2}})
      assert.equal(state, 'COMMITTED')
      const {events} = (await laptop.run('logs', ...on, '--since', '1h', '--limit', '5')) as {
        events: readonly unknown[]
      }
      assert.equal(events.length, 5)
      await laptop.run('destroy', 'trial', '--local', '--confirm', 'trial')
      assert.deepEqual(await laptop.themes(), [theme, theme])
    } finally {
      await laptop.leave()
    }
  })
})
