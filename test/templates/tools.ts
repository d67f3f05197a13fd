import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {join} from 'node:path'

const howToGet = [
  'PI_AWS_PY_TOOLS must name the bin folder of a Python environment with the tools of the template gates.',
  '`npm test` makes it and sets the variable. By hand:',
  '  python3 -m venv /tmp/pi-aws-tools',
  '  /tmp/pi-aws-tools/bin/pip install --require-hashes -r test/templates/python/requirements.txt',
  '  export PI_AWS_PY_TOOLS=/tmp/pi-aws-tools/bin',
].join('\n')

export interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of the Python tools; a gate whose tool is missing has not passed. */
export function runTool(name: string, args: readonly string[]): Answer {
  const folder = process.env['PI_AWS_PY_TOOLS'] || undefined
  if (folder === undefined) throw new Error(howToGet)
  const file = join(folder, name)
  if (!existsSync(file)) throw new Error(`${file} does not exist.\n${howToGet}`)
  const {status, stdout, stderr, error} = spawnSync(file, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    // Checkov asks a server of its maker otherwise.
    env: {...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}`, BC_SKIP_MAPPING: 'TRUE', LOG_LEVEL: 'ERROR'},
  })
  if (error !== undefined) throw error
  return {status, stdout, stderr}
}
