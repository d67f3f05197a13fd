// Shared by start.js and test.js. Plain JavaScript for any Node from 18 on: it runs before anything is installed.
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {delimiter, dirname, join, relative, sep} from 'node:path'
import {fileURLToPath} from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const bin = join(root, 'node_modules', '.bin')
const nodeBinary = join(bin, process.platform === 'win32' ? 'node.cmd' : 'node')
const installStamp = join(root, 'node_modules', '.pi-aws-lock')
const buildStamp = join(root, 'dist', '.sources')

/** What the bundle is made from: a change in any of these makes a new build. */
const sources = [
  'src',
  'lambda',
  'scripts/build.ts',
  'scripts/lambda-zip.ts',
  'scripts/lean-modules.ts',
  'scripts/licences.ts',
  'package.json',
  'package-lock.json',
]

/** The oldest Node that runs our TypeScript without flags, and the packages below it. */
const oldest = [22, 13]

/** Ends the process with one line for people. */
export function stop(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

/** The files under each path (a file or a folder), relative to the project, sorted. */
export function filesUnder(paths, base = root) {
  const found = []
  const visit = (path) => {
    if (!existsSync(path)) return
    if (!statSync(path).isDirectory()) return found.push(relative(base, path).split(sep).join('/'))
    for (const name of readdirSync(path)) {
      if (name !== 'node_modules' && name !== '__pycache__') visit(join(path, name))
    }
  }
  for (const path of paths) visit(join(base, path))
  return found.sort()
}

/** SHA-256 over names and contents of what `paths` hold. */
export function hashOf(paths, base = root) {
  const hash = createHash('sha256')
  for (const file of filesUnder(paths, base)) {
    const content = readFileSync(join(base, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

export const sourcesHash = (base = root) => hashOf(sources, base)

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
}

/** Runs a command in the project with inherited streams; ends the process with its status when that is not 0. */
export function must(command, args, env = process.env) {
  const {status, error} = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error) stop(`cannot start ${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

function installed() {
  const lock = hashOf(['package-lock.json'])
  if (readStamp(installStamp) === lock) return
  if (!sameLock()) {
    process.stderr.write('Installing the packages of package-lock.json (once for each change of it) ...\n')
    must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  }
  writeFileSync(installStamp, lock)
}

/** Whether npm itself already installed this very lock: it leaves a copy of what it installed in node_modules. */
function sameLock() {
  const copy = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(copy) || !existsSync(nodeBinary)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const there = JSON.parse(readFileSync(copy, 'utf8')).packages
  return Object.entries(wanted).every(([path, {integrity, optional}]) => {
    if (path === '') return true
    return path in there ? there[path].integrity === integrity : optional === true
  })
}

/** The environment of everything we start: our Node 24 comes first, whatever the machine has. */
export function ownEnvironment() {
  return {...process.env, PATH: [bin, process.env.PATH].join(delimiter), PI_AWS_BOOTSTRAPPED: '1'}
}

/**
 * Installs what the lock names and goes on under the Node that it holds. Returns only in the process that runs under that
 * Node; the first process ends here with the status of the second.
 */
export function bootstrap(script, args) {
  if (process.env.PI_AWS_BOOTSTRAPPED !== '1') {
    installed()
    const child = spawnSync(nodeBinary, [fileURLToPath(script), ...args], {
      cwd: root,
      env: ownEnvironment(),
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
    if (child.error) stop(`cannot start ${nodeBinary}: ${child.error.message}`)
    process.exit(child.status ?? 1)
  }
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    stop(
      `node_modules holds Node ${process.versions.node}, Node ${oldest.join('.')} or newer is needed: remove node_modules and try again`,
    )
  }
}

/** Builds dist/ unless it was built from these very sources. */
export function build() {
  if (readStamp(buildStamp) === sourcesHash()) return
  process.stderr.write('Building ...\n')
  must(process.execPath, [join('scripts', 'build.ts')])
}
