// `npm test`: every gate of the project, from a fresh clone. Plain JavaScript for any Node from 18 on.
// `npm test -- unit templates` runs these stages alone; `--ci` adds those that need a clean tree,
// and makes what is tried by chance be tried more often.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bootstrap, root, stop} from './bootstrap.js'

const asked = process.argv.slice(2)
bootstrap(import.meta.url, asked)

const {cacheFolder} = await import('./python.js')
const {ciStages, isolated, stages} = await import('./stages.js')

const wanted = asked.filter((word) => word !== '--ci')
const all = [...stages, ...ciStages]
const unknown = wanted.find((name) => !all.some((stage) => stage.name === name))
if (unknown !== undefined) stop(`there is no stage ${unknown}; there are: ${all.map(({name}) => name).join(', ')}`)
const usual = asked.includes('--ci') ? all : stages
const chosen = wanted.length === 0 ? usual : all.filter(({name}) => wanted.includes(name))

const folder = mkdtempSync(join(tmpdir(), 'pi-aws-test-'))
const home = join(folder, 'home')
const env = isolated(process.env, home, cacheFolder())
// What a Ctrl-C ends is the stage; we go on to clean up.
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (interrupted = true))

/** Runs a command of a stage with its output shown; whether it ended well. */
function run([command, ...args], more = {}) {
  const {status, signal, error} = spawnSync(command, args, {
    cwd: root,
    env: {...env, ...more},
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error) console.error(`cannot start ${command}: ${error.message}`)
  if (signal === 'SIGINT' || signal === 'SIGTERM') interrupted = true
  return status === 0
}

/** Makes counts of what a stage says; one that says nothing of a failure, or ran nothing, has failed once. */
function runStage(stage) {
  const begun = Date.now()
  console.log(`\n== ${stage.name}`)
  let result
  try {
    result = stage.run({run, folder, ci: asked.includes('--ci')})
  } catch (error) {
    console.error(error.message)
    result = {ok: false}
  }
  const {passed = 0, failed = 0, skipped = 0, ok = true, failures = []} = result
  const unsaid = failed === 0 && (!ok || passed === 0) ? 1 : 0
  const seconds = (Date.now() - begun) / 1000
  return {name: stage.name, passed, failed: failed + unsaid, skipped, failures, seconds}
}

const results = []
try {
  for (const stage of chosen) {
    if (!interrupted) results.push(runStage(stage))
  }
} finally {
  if (existsSync(join(home, 'local'))) run([process.execPath, join('bin', 'run.js'), 'local', 'stop'])
  rmSync(folder, {recursive: true, force: true, maxRetries: 3})
}

// Once more, since a long log is often kept by its end alone.
for (const {name, failures} of results) {
  for (const failure of failures) console.log(`\nfailed in ${name}: ${failure}`)
}
console.log()
for (const {name, passed, failed, skipped, seconds} of results) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`
  console.log(
    `${failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s  ${counts.replaceAll(',', ';')}`,
  )
}
const sum = (key) => results.reduce((total, result) => total + result[key], interrupted && key === 'failed' ? 1 : 0)
process.exitCode = sum('failed') === 0 ? 0 : 1
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
