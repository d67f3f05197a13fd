// The private Python environments that tests need: made once for each lock, kept in the cache folder.
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import {root} from './bootstrap.js'

const oldest = [3, 10]
const usualNames = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3', 'python']

/** The name that pi-aws itself gives to this file, so that it takes an environment of ours for its own. */
const recordName = 'pi-aws-python.json'

/** Settings that would have the packages land somewhere else. */
const misleading = ['PYTHONHOME', 'PYTHONPATH', 'PIP_TARGET', 'PIP_PREFIX', 'PIP_ROOT', 'PIP_USER', 'VIRTUAL_ENV']

/** The folder of everything that can be made again; the same that pi-aws uses. */
export function cacheFolder(env = process.env) {
  const base = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), '.cache')
  return resolve(env.PI_AWS_CACHE || join(base, 'pi-aws'))
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex')

function quietly(command, args) {
  const {status, stdout} = spawnSync(command, args, {encoding: 'utf8'})
  return status === 0 ? stdout.trim() : undefined
}

/** A Python that can make environments: {file, version, uv}. Throws one line that says what to install. */
function interpreter() {
  const uv = quietly('uv', ['--version']) !== undefined
  const modules = uv ? '' : 'import venv, ensurepip; '
  const names = process.env.PI_AWS_PYTHON ? [process.env.PI_AWS_PYTHON] : usualNames
  for (const file of names) {
    const version = quietly(file, ['-I', '-c', `${modules}import sys; print("%d.%d.%d" % sys.version_info[:3])`])
    const [major, minor] = (version ?? '0.0').split('.').map(Number)
    if (major === oldest[0] && minor >= oldest[1]) return {file, version, uv}
  }
  throw new Error(`Python ${oldest.join('.')} or newer with venv is needed (Debian: apt install python3-venv)`)
}

const isRunning = (pid) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Makes sure that of two runs at once only one installs; a lock whose holder is gone is taken over. */
function alone(folder, work) {
  const lock = `${folder}.lock`
  const deadline = Date.now() + 15 * 60_000
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), {flag: 'wx'})
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = Number(existsSync(lock) && readFileSync(lock, 'utf8'))
    const fresh = existsSync(lock) && Date.now() - statSync(lock).mtimeMs < 5000
    if (!fresh && !isRunning(holder)) rmSync(lock, {force: true})
    else if (Date.now() > deadline)
      throw new Error(`process ${holder} still installs ${folder}; if not, remove ${lock}`)
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
  }
  try {
    return work()
  } finally {
    rmSync(lock, {force: true})
  }
}

/**
 * The bin folder of an environment with exactly what `locks` (requirements files with hashes, relative to the project)
 * name. `kind` is its folder in the cache: `python` for the embedded AWS, shared with pi-aws; `tools` for the tests.
 */
export function pythonEnvironment({kind, what, size, locks}) {
  const requirements = locks.map((lock) => readFileSync(join(root, lock), 'utf8')).join('\n')
  const {file, version, uv} = interpreter()
  const folder = join(cacheFolder(), kind, sha256(`${requirements}\n${version}`))
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin')
  const record = join(folder, recordName)
  const complete = () => existsSync(record) && quietly(join(bin, 'python'), ['-c', 'print(1)']) === '1'
  if (complete()) return bin

  mkdirSync(join(folder, '..'), {recursive: true})
  return alone(folder, () => {
    if (complete()) return bin
    process.stderr.write(`Downloading ${what} (about ${size}, once for each change of its lock) into ${folder} ...\n`)
    rmSync(folder, {recursive: true, force: true})
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !misleading.includes(name)))
    const wanted = ['--require-hashes', ...locks.flatMap((lock) => ['-r', join(root, lock)])]
    const python = join(bin, 'python')
    const steps = uv
      ? [
          ['uv', 'venv', '--quiet', '--no-python-downloads', '--python', file, folder],
          ['uv', 'pip', 'install', '--quiet', '--compile-bytecode', '--python', python, ...wanted],
        ]
      : [
          [file, '-m', 'venv', folder],
          [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', ...wanted],
        ]
    for (const [command, ...args] of steps) {
      const {status, error} = spawnSync(command, args, {env, stdio: ['ignore', 'inherit', 'inherit']})
      if (status !== 0)
        throw new Error(`cannot install ${what}: ${error?.message ?? `${command} ended with ${status}`}`)
    }
    writeFileSync(record, JSON.stringify({requirements: sha256(requirements), version}))
    return bin
  })
}

/** Where an environment keeps its packages. */
export function packagesOf(bin) {
  return quietly(join(bin, 'python'), ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'])
}
