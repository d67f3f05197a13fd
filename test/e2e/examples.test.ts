import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {text} from 'node:stream/consumers'
import {cleanEnvironment, Embedded, packageRoot} from '../helpers/e2e.ts'

interface Manifest {
  readonly commands: Readonly<Record<string, {readonly examples?: readonly (string | {readonly command: string})[]}>>
}

/** Commands whose examples make what the others look at, in this order. */
const first = ['deploy', 'upload:assets', 'upload:lambda', 'sideload:start', 'snapshot:create']
/** What takes the embedded AWS away, and what other tests drive to its end. */
const elsewhere = /^(local|restore:run|restore:undo|destroy)(:|$)/
/** Examples that cannot end 0 by themselves, and how they end. */
const others: Readonly<Record<string, readonly number[]>> = {
  // What it names is the reader's own.
  'snapshot:copy': [5],
  // Sessions are off in the example.
  'db:tunnel': [12],
  // There is nothing under way.
  'sideload:cancel': [12],
  'service:abort': [0, 12],
}

/** The examples of help that need nothing but the embedded AWS, in a shell, as they stand. */
describe('the examples of help, on the embedded AWS', function () {
  this.timeout(600_000)
  let cloud: Embedded
  let env: NodeJS.ProcessEnv = {}
  let folder = ''
  const {commands} = JSON.parse(readFileSync(join(packageRoot, 'oclif.manifest.json'), 'utf8')) as Manifest

  before(async () => {
    cloud = await Embedded.start()
    const bin = join(cloud.home, 'bin')
    folder = join(cloud.home, 'reader')
    for (const made of [bin, folder]) mkdirSync(made)
    for (const name of ['examples', 'dist']) symlinkSync(join(packageRoot, name), join(folder, name))
    const command = join(bin, 'pi-aws')
    writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(packageRoot, 'bin', 'run.js')}" "$@"\n`)
    chmodSync(command, 0o755)
    const clean = cleanEnvironment(cloud.home)
    env = {...clean, PATH: [bin, clean['PATH']].join(delimiter)}
  })
  after(() => cloud?.stop())

  function linesOf(id: string): readonly string[] {
    return (commands[id]?.examples ?? [])
      .map((one) => (typeof one === 'string' ? one : one.command).replaceAll('<%= config.bin %>', 'pi-aws'))
      .filter((line) => /--local\b|^eval .*bash|^pi-aws local status/.test(line))
  }

  it('do what they say', async () => {
    const ids = [...first, ...Object.keys(commands).filter((id) => !first.includes(id) && !elsewhere.test(id))]
    let ran = 0
    for (const id of ids) {
      for (const line of linesOf(id)) {
        const child = spawn('bash', ['-c', line], {cwd: folder, env})
        child.stdin.end()
        const [stdout, stderr, code] = await Promise.all([
          text(child.stdout),
          text(child.stderr),
          new Promise<number | null>((resolve) => child.on('exit', resolve)),
        ])
        const wanted = others[id] ?? [0]
        assert.ok(wanted.includes(code ?? -1), `${line}: ${code}, not ${wanted.join(' or ')}\n${stdout}\n${stderr}`)
        ran += 1
      }
    }
    assert.ok(ran > 35, `only ${ran} examples ran`)
  })
})
