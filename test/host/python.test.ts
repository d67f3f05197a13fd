import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {basename, delimiter, join} from 'node:path'
import {PythonCache} from '../../src/host/local-aws/python-environment.ts'
import {temporaryFolder} from './temporary.ts'

/** Plays Python and its pip: what it can and does is in the environment. */
const fakePython = `#!${process.execPath}
const {appendFileSync, copyFileSync, mkdirSync} = require('node:fs')
const {basename, join} = require('node:path')
const env = process.env
const args = process.argv.slice(2)
const name = basename(process.argv[1])
if (args[0] === '-I') {
  const version = JSON.parse(env.FAKE_VERSIONS)[name]
  if (version === undefined) process.exit(127)
  console.log(JSON.stringify({version, venv: env.FAKE_VENV !== 'no'}))
  process.exit(0)
}
appendFileSync(env.FAKE_LOG, [name, ...args].join(' ') + '\\n')
const target = name === 'uv' ? (args[0] === 'venv' ? args.at(-1) : undefined) : args[1] === 'venv' ? args[2] : undefined
if (name === 'uv' && env.FAKE_UV !== 'yes') process.exit(1)
if (target !== undefined) {
  mkdirSync(join(target, 'bin'), {recursive: true})
  copyFileSync(process.argv[1], join(target, 'bin', 'python'))
}
if (args.includes('install')) {
  if (env.PIP_TARGET !== undefined || env.PYTHONPATH !== undefined) process.exit(4)
  for (let index = 0; index < 25; index++) console.log('Collecting package' + index)
  if (env.FAKE_HANG === 'yes') return setTimeout(() => {}, 30000)
  if (env.FAKE_PIP === 'fail') { console.error('ERROR: no such index'); process.exit(1) }
  console.log('Installing collected packages: a, b, c')
}
if (args[0] === '-c' && env.FAKE_PROOF === 'fail') { console.error('ModuleNotFoundError'); process.exit(1) }
`

const requirements =
  'one==1.0 \\\n    --hash=sha256:aa\ntwo[full]==2.0 ; python_version < "4" \\\n    --hash=sha256:bb\n# three==3\n'

describe('the Python environment', () => {
  const folder = temporaryFolder()
  let env: NodeJS.ProcessEnv
  const never = new AbortController().signal
  const cache = () => new PythonCache({cacheDir: join(folder(), 'cache'), packageRoot: join(folder(), 'package'), env})
  const environments = () => readdirSync(join(folder(), 'cache', 'python'))
  const log = () => (existsSync(env['FAKE_LOG'] ?? '') ? readFileSync(env['FAKE_LOG'] ?? '', 'utf8') : '')

  function program(name: string): string {
    const path = join(folder(), 'path', name)
    writeFileSync(path, fakePython)
    chmodSync(path, 0o755)
    return path
  }

  /** Puts programs on PATH that say they are these versions. */
  function pythons(versions: Record<string, readonly number[]>): void {
    for (const name of Object.keys(versions)) program(name)
    env['FAKE_VERSIONS'] = JSON.stringify({python: [3, 12, 1], ...versions})
  }

  async function make(report: (message: string) => void = () => undefined, signal = never): Promise<string> {
    return cache().make(await cache().plan(), report, signal)
  }

  beforeEach(() => {
    for (const dir of ['path', 'package/local-aws']) mkdirSync(join(folder(), dir), {recursive: true})
    writeFileSync(join(folder(), 'package', 'local-aws', 'requirements.txt'), requirements)
    env = {PATH: ['path', 'path2'].map((name) => join(folder(), name)).join(delimiter), FAKE_LOG: join(folder(), 'log')}
    env['FAKE_VERSIONS'] = '{}'
  })

  it('plans with the newest Python it knows by name, and counts the packages', async () => {
    pythons({python3: [3, 11, 2], 'python3.12': [3, 12, 1]})
    program('python3.13')
    const plan = await cache().plan()
    assert.deepEqual([plan.interpreter, plan.version, plan.tool, plan.packages], ['python3.12', '3.12.1', 'pip', 2])
    assert.match(basename(plan.dir), /^[0-9a-f]{64}$/)
  })

  it('has another place for another Python and for other packages', async () => {
    pythons({python3: [3, 11, 2]})
    const first = (await cache().plan()).dir
    pythons({python3: [3, 11, 3]})
    const second = (await cache().plan()).dir
    writeFileSync(join(folder(), 'package', 'local-aws', 'requirements.txt'), 'one==1.1\n')
    assert.equal(new Set([first, second, (await cache().plan()).dir]).size, 3)
  })

  it('says what to install where there is no Python, or only old ones', async () => {
    await assert.rejects(cache().plan(), {
      code: 'PYTHON_MISSING',
      exitCode: 5,
      message: /3\.10 or newer; none was found/,
    })
    pythons({python3: [3, 9, 18], python: [2, 7, 18]})
    await assert.rejects(cache().plan(), (error: Error & {suggestions: string[]}) => {
      assert.match(error.message, /only python3 3\.9\.18, python 2\.7\.18 was found/)
      assert.match(error.suggestions.join('\n'), /apt install python3 python3-venv/)
      return true
    })
  })

  it('takes PI_AWS_PYTHON and no other', async () => {
    pythons({'python3.12': [3, 12, 1], mine: [3, 10, 0]})
    env['PI_AWS_PYTHON'] = join(folder(), 'path', 'mine')
    assert.equal((await cache().plan()).version, '3.10.0')
    pythons({'python3.12': [3, 12, 1], mine: [3, 9, 0]})
    await assert.rejects(cache().plan(), {code: 'PYTHON_MISSING', message: /mine 3\.9\.0/})
    env['PI_AWS_PYTHON'] = '/no/such/python'
    await assert.rejects(cache().ready(), {
      code: 'PYTHON_MISSING',
      message: /\/no\/such\/python, which is not a Python/,
    })
  })

  it('says what to install where Python has no venv, and does without it where uv is', async () => {
    pythons({python3: [3, 11, 2]})
    env['FAKE_VENV'] = 'no'
    await assert.rejects(cache().plan(), (error: Error & {code: string; suggestions: string[]}) => {
      assert.equal(error.code, 'PYTHON_VENV_MISSING')
      assert.match(error.suggestions[0] ?? '', /python3\.11-venv/)
      return true
    })
    program('uv')
    env['FAKE_UV'] = 'yes'
    assert.equal((await cache().plan()).tool, 'uv')
  })

  it('is made with hashes required, tells its progress, and is found afterwards', async () => {
    pythons({python3: [3, 12, 1]})
    assert.equal(await cache().ready(), undefined)
    env['PIP_TARGET'] = '/elsewhere'
    env['PYTHONPATH'] = '/elsewhere'
    const told: string[] = []
    const python = await make((message) => told.push(message))
    assert.equal(python, join((await cache().plan()).dir, 'bin', 'python'))
    assert.equal(await cache().ready(), python)
    assert.match(log(), /-m pip install .*--require-hashes -r .*requirements\.txt/)
    assert.match(log(), /python -c import ministack/)
    assert.deepEqual(told, ['10 of 2 packages', '20 of 2 packages', 'Installing collected packages'])
    assert.equal(environments().length, 1)
  })

  it('is made by uv where there is one', async () => {
    pythons({python3: [3, 12, 1]})
    program('uv')
    env['FAKE_UV'] = 'yes'
    assert.equal(await make(), await cache().ready())
    assert.match(log(), /uv venv .*--python python3 .*\nuv pip install .*--require-hashes/)
  })

  it('is found without looking for any Python, but not for other packages or another asked Python', async () => {
    pythons({python3: [3, 12, 1], other: [3, 13, 0]})
    const python = await make()
    env['PATH'] = ''
    assert.equal(await cache().ready(), python)
    env['PI_AWS_PYTHON'] = join(folder(), 'path', 'other')
    assert.equal(await cache().ready(), undefined)
    delete env['PI_AWS_PYTHON']
    writeFileSync(join(folder(), 'package', 'local-aws', 'requirements.txt'), 'one==1.1\n')
    assert.equal(await cache().ready(), undefined)
  })

  for (const [what, name, value] of [
    ['the installation fails', 'FAKE_PIP', /ERROR: no such index/],
    ['a package cannot be imported', 'FAKE_PROOF', /ModuleNotFoundError/],
  ] as const) {
    it(`leaves nothing when ${what}`, async () => {
      pythons({python3: [3, 12, 1]})
      env[name] = 'fail'
      await assert.rejects(make(), {code: 'PYTHON_ENVIRONMENT_FAILED', message: value})
      assert.deepEqual(environments(), [])
      assert.equal(await cache().ready(), undefined)
    })
  }

  it('leaves nothing at Ctrl-C, which ends the installer', async () => {
    pythons({python3: [3, 12, 1]})
    env['FAKE_HANG'] = 'yes'
    const control = new AbortController()
    const reason = new RangeError('enough')
    await assert.rejects(
      make(() => control.abort(reason), control.signal),
      (error) => error === reason,
    )
    assert.deepEqual(environments(), [])
  })

  it('may be made by two at once', async () => {
    pythons({python3: [3, 12, 1]})
    const [first, second] = await Promise.all([make(), make()])
    assert.equal(first, second)
    assert.equal(environments().length, 1)
    assert.equal(await cache().ready(), first)
  })

  it('is made again when its Python was uninstalled', async () => {
    pythons({python3: [3, 12, 1]})
    const python = await make()
    rmSync(python)
    assert.equal(await cache().ready(), undefined)
    assert.equal(await make(), python)
    assert.equal(await cache().ready(), python)
    assert.equal(environments().length, 1)
  })

  it('is not taken for complete while another makes it; what a killed one left goes after a day', async () => {
    pythons({python3: [3, 12, 1]})
    const {dir} = await cache().plan()
    const young = `${dir}.building-1-aa`
    const old = `${dir}.building-1-bb`
    for (const one of [young, old]) mkdirSync(join(one, 'bin'), {recursive: true})
    utimesSync(old, new Date(0), new Date(0))
    assert.equal(await cache().ready(), undefined)
    await make()
    assert.deepEqual(environments().sort(), [basename(dir), basename(young)])
  })

  it('is removed with all that we made, and nothing else', async () => {
    assert.deepEqual(await cache().remove(), [])
    pythons({python3: [3, 12, 1]})
    await make()
    const {dir} = await cache().plan()
    mkdirSync(`${dir}.building-1-aa`)
    mkdirSync(join(folder(), 'cache', 'python', 'other'))
    assert.deepEqual([...(await cache().remove())].sort(), [dir, `${dir}.building-1-aa`])
    assert.deepEqual(environments(), ['other'])
  })

  it('may be given ready in PI_AWS_PYTHON_ENV, which must hold a Python', async () => {
    program('python3')
    env['PI_AWS_PYTHON_ENV'] = join(folder(), 'path')
    assert.equal(await cache().ready(), join(folder(), 'path', 'python3'))
    env['PI_AWS_PYTHON_ENV'] = folder()
    await assert.rejects(cache().ready(), {code: 'PYTHON_ENV_MISSING'})
  })

  it('says so when the package lacks its list', async () => {
    rmSync(join(folder(), 'package', 'local-aws', 'requirements.txt'))
    await assert.rejects(cache().ready(), {code: 'PACKAGE_INCOMPLETE'})
  })
})
