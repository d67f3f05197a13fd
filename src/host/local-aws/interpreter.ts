import {NotFoundError} from '../../domain/errors.ts'
import {runChild} from '../child.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A Python of this machine. */
export interface Interpreter {
  /** What to run. */
  readonly file: string
  readonly version: string
  /** Whether it can make environments by itself; Debian splits that off into python3-venv. */
  readonly hasVenv: boolean
}

const oldest = [3, 10] as const
const usualNames = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3', 'python']
const question =
  'import importlib.util as u, json, sys; ' +
  'print(json.dumps({"version": sys.version_info[:3], "venv": bool(u.find_spec("venv") and u.find_spec("ensurepip"))}))'

/** Asks a program whether it is a Python, and which; undefined when it is none. */
async function probe(file: string, env: Environment): Promise<(Interpreter & {readonly fits: boolean}) | undefined> {
  const {code, lines} = await runChild({file, args: ['-I', '-c', question], env: {...env}, timeoutMs: 10_000})
  if (code !== 0) return undefined
  try {
    const {version, venv} = JSON.parse(lines.at(-1) ?? '') as {version: [number, number, number]; venv: boolean}
    const [major, minor] = version
    const fits = major === oldest[0] && minor >= oldest[1]
    return {file, version: version.join('.'), hasVenv: venv, fits}
  } catch {
    return undefined
  }
}

function missing(found: readonly string[], asked: string | undefined): NotFoundError {
  const least = oldest.join('.')
  const why =
    asked !== undefined && found.length === 0
      ? `PI_AWS_PYTHON is ${asked}, which is not a Python`
      : found.length === 0
        ? 'none was found'
        : `only ${found.join(', ')} was found`
  return new NotFoundError(`The embedded AWS needs Python ${least} or newer; ${why}.`, {
    code: 'PYTHON_MISSING',
    suggestions: [
      'Debian and Ubuntu: sudo apt install python3 python3-venv',
      'Fedora: sudo dnf install python3; macOS: brew install python; Windows: winget install Python.Python.3.13',
      'If it is somewhere else: PI_AWS_PYTHON=/path/to/python3',
    ],
  })
}

/**
 * The Python to make the environment with: $PI_AWS_PYTHON and no other, or the first on PATH that serves.
 * @param needsVenv false when another tool makes the environment
 * @throws NotFoundError PYTHON_MISSING, PYTHON_VENV_MISSING
 */
export async function findInterpreter(env: Environment, needsVenv: boolean): Promise<Interpreter> {
  const asked = env['PI_AWS_PYTHON'] || undefined
  const found: string[] = []
  let incomplete: Interpreter | undefined
  for (const name of asked === undefined ? usualNames : [asked]) {
    const interpreter = await probe(name, env)
    if (interpreter?.fits === true && (interpreter.hasVenv || !needsVenv)) return interpreter
    if (interpreter?.fits === true) incomplete ??= interpreter
    else if (interpreter !== undefined) found.push(`${name} ${interpreter.version}`)
  }
  if (incomplete === undefined) throw missing(found, asked)
  const {file, version} = incomplete
  const minor = version.split('.').slice(0, 2).join('.')
  throw new NotFoundError(`${file} ${version} cannot make environments: its venv module is missing.`, {
    code: 'PYTHON_VENV_MISSING',
    suggestions: [`Debian and Ubuntu: sudo apt install python${minor}-venv`, 'Or install uv, which needs none'],
  })
}
