import {createHash, randomBytes} from 'node:crypto'
import {access, constants, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {FailedError, NotFoundError} from '../../domain/errors.ts'
import type {PythonEnvironment, PythonPlan} from '../../flows/local/ports.ts'
import {type ChildRequest, runChild} from '../child.ts'
import {findInterpreter} from './interpreter.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface PythonSettings {
  /** Environments are made in its folder `python`. */
  readonly cacheDir: string
  readonly packageRoot: string
  readonly env: Environment
  /** What must be importable in a complete environment. */
  readonly proof?: string
}

/** In each complete environment: what it was made for. */
const recordName = 'pi-aws-python.json'
const buildingMark = '.building-'
/** A half-made environment of this age (ms) belongs to nobody any more. */
const abandonedAfterMs = 24 * 3_600_000
/** Lines of the installer's output that explain a failure. */
const outputLines = 12

interface EnvironmentRecord {
  /** SHA-256 of requirements.txt. */
  readonly requirements: string
  readonly version: string
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function pythonIn(dir: string): string {
  return process.platform === 'win32' ? join(dir, 'Scripts', 'python.exe') : join(dir, 'bin', 'python')
}

/** True for a program that is there; a link to a Python that was uninstalled is not. */
async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return readdir(dir).catch(() => [])
}

/** Settings that would have the packages land somewhere else. */
function installerEnvironment(env: Environment): NodeJS.ProcessEnv {
  const leave = /^(PYTHONHOME|PYTHONPATH|PIP_TARGET|PIP_PREFIX|PIP_ROOT|PIP_USER|VIRTUAL_ENV|UV_PYTHON|UV_TARGET)$/
  return Object.fromEntries(Object.entries(env).filter(([name]) => !leave.test(name)))
}

/** The private Python environments of this machine. */
export class PythonCache implements PythonEnvironment {
  readonly #settings: PythonSettings
  readonly #dir: string
  readonly #lockFile: string

  constructor(settings: PythonSettings) {
    this.#settings = settings
    this.#dir = join(settings.cacheDir, 'python')
    this.#lockFile = join(settings.packageRoot, 'local-aws', 'requirements.txt')
  }

  /** @throws NotFoundError PYTHON_ENV_MISSING when $PI_AWS_PYTHON_ENV names no environment */
  async ready(): Promise<string | undefined> {
    const {env} = this.#settings
    const given = env['PI_AWS_PYTHON_ENV']
    if (given) return this.#given(given)
    const requirements = sha256(await this.#requirements())
    // A Python that is asked for is asked its version; otherwise any environment of ours for these packages serves.
    const version = env['PI_AWS_PYTHON'] ? (await findInterpreter(env, false)).version : undefined
    for (const name of await namesIn(this.#dir)) {
      const record = await this.#record(name)
      const fits = record?.requirements === requirements && (version === undefined || record.version === version)
      const python = pythonIn(join(this.#dir, name))
      if (fits && (await isProgram(python))) return python
    }
    return undefined
  }

  async plan(): Promise<PythonPlan> {
    const requirements = await this.#requirements()
    const uv = (await this.#run('uv', ['--version'])).code === 0
    const {file, version} = await findInterpreter(this.#settings.env, !uv)
    return {
      interpreter: file,
      version,
      tool: uv ? 'uv' : 'pip',
      packages: requirements.match(/^[\w.[\]-]+==/gm)?.length ?? 0,
      dir: join(this.#dir, sha256(`${requirements}\n${version}`)),
    }
  }

  async make(plan: PythonPlan, progress: (message: string) => void, signal: AbortSignal): Promise<string> {
    await mkdir(this.#dir, {recursive: true})
    await this.#removeAbandoned()
    const building = `${plan.dir}${buildingMark}${process.pid}-${randomBytes(4).toString('hex')}`
    try {
      await this.#install(plan, building, progress, signal)
      const record: EnvironmentRecord = {requirements: sha256(await this.#requirements()), version: plan.version}
      await writeFile(join(building, recordName), JSON.stringify(record))
      await this.#publish(building, plan.dir)
    } finally {
      await rm(building, {recursive: true, force: true})
    }
    return pythonIn(plan.dir)
  }

  async remove(): Promise<readonly string[]> {
    const removed: string[] = []
    for (const name of await namesIn(this.#dir)) {
      const ours = name.includes(buildingMark) || (await this.#record(name)) !== undefined
      if (!ours) continue
      await rm(join(this.#dir, name), {recursive: true, force: true})
      removed.push(join(this.#dir, name))
    }
    // Stays when something else is in it.
    await rmdir(this.#dir).catch(() => undefined)
    return removed
  }

  async #given(bin: string): Promise<string> {
    const names = process.platform === 'win32' ? ['python.exe'] : ['python', 'python3']
    for (const name of names) {
      if (await isProgram(join(bin, name))) return join(bin, name)
    }
    throw new NotFoundError(`PI_AWS_PYTHON_ENV is ${bin}, where no Python is.`, {
      code: 'PYTHON_ENV_MISSING',
      suggestions: ["Set it to an environment's bin folder, or unset it"],
    })
  }

  async #requirements(): Promise<string> {
    try {
      return await readFile(this.#lockFile, 'utf8')
    } catch (cause) {
      throw new FailedError('The installation of pi-aws is incomplete: the list of Python packages is missing.', {
        code: 'PACKAGE_INCOMPLETE',
        suggestions: ['Install pi-aws again'],
        cause,
      })
    }
  }

  async #record(name: string): Promise<EnvironmentRecord | undefined> {
    try {
      return JSON.parse(await readFile(join(this.#dir, name, recordName), 'utf8')) as EnvironmentRecord
    } catch {
      return undefined
    }
  }

  #run(file: string, args: readonly string[], more: Partial<ChildRequest> = {}) {
    return runChild({file, args, env: installerEnvironment(this.#settings.env), ...more})
  }

  async #install(
    plan: PythonPlan,
    dir: string,
    progress: (message: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const python = pythonIn(dir)
    const locked = ['--require-hashes', '-r', this.#lockFile]
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', ...locked]
    const proof = ['-c', `import ${this.#settings.proof ?? 'ministack.app, hypercorn'}`]
    const steps: readonly (readonly [file: string, ...args: string[]])[] =
      plan.tool === 'uv'
        ? [
            ['uv', 'venv', '--quiet', '--no-python-downloads', '--python', plan.interpreter, dir],
            ['uv', 'pip', 'install', '--compile-bytecode', '--python', python, ...locked],
            [python, ...proof],
          ]
        : [
            [plan.interpreter, '-m', 'venv', dir],
            [python, ...pip],
            [python, ...proof],
          ]
    let collected = 0
    const onLine = (line: string) => {
      if (line.startsWith('Collecting ') && ++collected % 10 === 0)
        progress(`${collected} of ${plan.packages} packages`)
      if (/^(Installing collected|Resolved|Prepared|Installed) /.test(line)) progress(line.split(':')[0] ?? line)
    }
    for (const [file, ...args] of steps) {
      const {code, lines} = await this.#run(file, args, {signal, onLine})
      if (code !== 0) throw this.#failed(lines)
    }
  }

  #failed(lines: readonly string[]): FailedError {
    return new FailedError(`The Python packages could not be installed:\n${lines.slice(-outputLines).join('\n')}`, {
      code: 'PYTHON_ENVIRONMENT_FAILED',
      suggestions: [
        'Check the way to the package index (HTTPS_PROXY, PIP_INDEX_URL or UV_INDEX_URL), then try again',
        'Or name a complete environment: PI_AWS_PYTHON_ENV=/path/to/venv/bin',
      ],
    })
  }

  /** Puts a complete environment in its place; where another start was faster, that one stays. */
  async #publish(building: string, dir: string): Promise<void> {
    try {
      await rename(building, dir)
    } catch (error) {
      if (await isProgram(pythonIn(dir))) return
      if ((await stat(dir).catch(() => undefined)) === undefined) throw error
      // One whose Python was uninstalled since.
      const broken = `${dir}${buildingMark}broken-${randomBytes(4).toString('hex')}`
      await rename(dir, broken)
      await rename(building, dir)
      await rm(broken, {recursive: true, force: true})
    }
  }

  async #removeAbandoned(): Promise<void> {
    for (const name of (await namesIn(this.#dir)).filter((one) => one.includes(buildingMark))) {
      const path = join(this.#dir, name)
      const age = Date.now() - (await stat(path).catch(() => ({mtimeMs: Date.now()}))).mtimeMs
      if (age > abandonedAfterMs) await rm(path, {recursive: true, force: true})
    }
  }
}
