import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, delimiter, join, resolve} from 'node:path'
import {build} from '../../scripts/bootstrap.js'

const root = resolve(import.meta.dirname, '../..')

/** What the package promises (docs/performance.md). Bytes. */
const limits = {packed: 8_000_000, packages: 40, installed: 15_000_000}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What is packed for strangers, and installed into a folder that knows nothing of us. */
describe('the package', function () {
  this.timeout(300_000)
  let folder = ''
  let tarball = ''
  let installed = ''

  const run = (command: string, args: readonly string[], cwd: string): Ended => {
    const env = {
      PATH: process.env['PATH'],
      HOME: join(folder, 'home'),
      PI_AWS_CACHE: join(folder, 'cache'),
      npm_config_cache: join(folder, 'npm'),
      npm_config_update_notifier: 'false',
    }
    const {status, stdout, stderr, error} = spawnSync(command, args, {
      cwd,
      env,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    if (error !== undefined) throw error
    return {code: status, stdout, stderr}
  }
  const must = (command: string, args: readonly string[], cwd: string): string => {
    const {code, stdout, stderr} = run(command, args, cwd)
    assert.equal(code, 0, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`)
    return stdout
  }
  const text = (file: string) => readFileSync(join(installed, file), 'utf8')

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pi-aws-packed-'))
    for (const name of ['home', 'empty', 'npx']) mkdirSync(join(folder, name))
    build()
    must('npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder], root)
    const [found] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
    assert.ok(found !== undefined, 'npm pack made no tarball')
    tarball = join(folder, found)
    const quiet = ['--offline', '--no-audit', '--no-fund', '--loglevel=error']
    must('npm', ['install', '--prefix', join(folder, 'empty'), ...quiet, tarball], folder)
    installed = join(folder, 'empty', 'node_modules', 'pi-aws')
  })

  after(() => {
    rmSync(folder, {recursive: true, force: true, maxRetries: 3})
  })

  it('is under 8 MB, and an install brings at most 40 packages and 15 MB', () => {
    const modules = join(folder, 'empty', 'node_modules')
    const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as {packages: object}
    const measured = {
      packed: statSync(tarball).size,
      packages: Object.keys(lock.packages).length,
      installed: filesOf(modules).reduce((sum, file) => sum + statSync(file).size, 0),
    }
    const [packed, all] = [measured.packed, measured.installed].map((bytes) => (bytes / 1e6).toFixed(2))
    console.log(`      packed ${packed} MB; installed ${measured.packages} packages, ${all} MB`)
    assert.ok(measured.packages >= 1 && measured.installed > 1_000_000, JSON.stringify(measured))
    for (const [what, limit] of Object.entries(limits) as [keyof typeof limits, number][]) {
      assert.ok(measured[what] <= limit, `${what}: ${measured[what]}, ${limit} at most`)
    }
  })

  it('holds what it works with, and nothing of how it is made', () => {
    for (const file of [
      'dist/lambda/sideload.zip',
      'dist/THIRD-PARTY-LICENSES.txt',
      'templates/foundation.yaml',
      'templates/app/service.yaml',
      'examples/pi-aws.yaml',
      'schemas/pi-aws.schema.json',
      'local-aws/requirements.txt',
      'oclif.manifest.json',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
    ]) {
      assert.ok(existsSync(join(installed, file)), `${file} is not in the package`)
    }
    const names = filesOf(installed).map((file) => file.slice(installed.length + 1))
    const foreign =
      /(^|\/)(tests?|src|__pycache__|\.git(ignore|hub)?|\.env|node_modules)(\/|$)|\.(ts|tgz|pyc|map|log)$|metafile/
    assert.deepEqual(
      names.filter((name) => foreign.test(name)),
      [],
    )
    const here = filesOf(installed).filter((file) => readFileSync(file).includes(root))
    assert.deepEqual(here, [], 'files that name the folder where they were made')
  })

  it('holds every Python package of the embedded AWS by its hash', () => {
    const entries = text('local-aws/requirements.txt')
      .replaceAll(/\\\r?\n/g, ' ')
      .split('\n')
      .filter((line) => /^[A-Za-z0-9]/.test(line))
    assert.ok(entries.length > 10)
    for (const entry of entries) assert.match(entry, /^\S+==\S+.*--hash=sha256:[0-9a-f]{64}/)
  })

  it('has in its manifest the commands that are there, under its own version', () => {
    const manifest = JSON.parse(text('oclif.manifest.json')) as {
      version: string
      commands: Record<string, {relativePath: string[]}>
    }
    const {version} = JSON.parse(text('package.json')) as {version: string}
    assert.equal(manifest.version, version)
    const named = Object.values(manifest.commands).map(({relativePath}) => join(...relativePath))
    const there = filesOf(join(installed, 'dist', 'commands')).map((file) => file.slice(installed.length + 1))
    assert.deepEqual(named.sort(), there.sort())
  })

  it('needs no other package at run time', () => {
    const about = JSON.parse(text('package.json')) as Record<string, unknown>
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'])
      assert.equal(about[kind], undefined, kind)
    const scripts = Object.keys(about['scripts'] ?? {})
    for (const hook of ['preinstall', 'install', 'postinstall']) assert.ok(!scripts.includes(hook), hook)
  })

  it('runs from an empty folder by npx, and leaves nothing there', () => {
    const cwd = join(folder, 'npx')
    copyFileSync(tarball, join(cwd, basename(tarball)))
    const npx = ['--yes', '--offline', '--loglevel=error', `./${basename(tarball)}`]
    assert.match(must('npx', [...npx, '--version'], cwd), /^pi-aws\/\d/)
    const sheet = JSON.parse(must('npx', [...npx, 'datasheet', 'demo', '--local', '--json'], cwd)) as object
    assert.ok('services' in sheet)
    assert.deepEqual(readdirSync(cwd), [basename(tarball)])
  })

  it('is installed by the line of the Containerfile, whose words are those of an image', () => {
    const lines = text('examples/ci/Containerfile')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    const words = lines.map((line) => line.split(' ')[0])
    assert.deepEqual(words, ['FROM', 'ARG', 'RUN', 'USER', 'WORKDIR', 'ENTRYPOINT', 'CMD'])
    const {version} = JSON.parse(text('package.json')) as {version: string}
    assert.deepEqual(lines.slice(0, 2), ['FROM node:24-slim', `ARG PACKAGE=pi-aws@${version}`])
    const prefix = join(folder, 'image')
    const install = `export PACKAGE='${tarball}' npm_config_prefix='${prefix}' npm_config_offline=true; ${lines[2]?.slice(4) ?? ''}`
    must('sh', ['-c', install], folder)
    const [entry = ''] = JSON.parse(lines[5]?.slice('ENTRYPOINT '.length) ?? '') as string[]
    assert.match(must(join(prefix, 'bin', entry), ['--help'], folder), /pi-aws \[COMMAND\]/)
  })

  it('says one line under a Node that is too old', () => {
    const args = [join(installed, 'bin', 'run.js'), 'status']
    const old = olderNode()
    const pretended = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process.versions, 'node', {value: '20.20.2'})")}`
    const ended =
      old === undefined ? run(process.execPath, ['--import', pretended, ...args], folder) : run(old, args, folder)
    assert.match(ended.stderr, /^pi-aws needs Node 22\.13 or newer: this is Node [\d.]+\n$/)
    assert.deepEqual([ended.code, ended.stdout], [2, ''])
  })
})

function filesOf(folder: string): string[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** A Node of this machine that is too old for us; most machines of a developer have one. */
function olderNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((place) => join(place, 'node'))
    .find((file) => {
      if (!existsSync(file)) return false
      const {stdout} = spawnSync(file, ['-p', 'process.versions.node'], {encoding: 'utf8'})
      const [major = 0, minor = 0] = stdout.split('.').map(Number)
      return major > 0 && (major < 22 || (major === 22 && minor < 13))
    })
}
