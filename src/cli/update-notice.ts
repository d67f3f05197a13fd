import {join} from 'node:path'
import {inCi, outputOf} from './output.ts'
import {wireUpdates} from './wire.ts'

/** Whether somebody looks, and has not said that they do not want to hear of it. */
function isWanted(argv: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const optOut = [env['PI_AWS_NO_UPDATE_NOTICE'], env['NO_UPDATE_NOTIFIER']]
  const out = optOut.some((text) => !['', '0', 'false'].includes(text ?? ''))
  return process.stderr.isTTY && process.stdout.isTTY && !inCi(env) && !out && outputOf(argv, env) === 'text'
}

/**
 * Tells of a newer version by what was found out earlier, and has another process ask once a day. Nobody waits for either,
 * and without a person at a terminal nothing is asked or told.
 */
export async function tellUpdate(root: string, version: string, argv: readonly string[]): Promise<void> {
  if (!isWanted(argv, process.env)) return
  const {knownUpdate, askInBackground, cache} = await wireUpdates()
  const {newer, due} = await knownUpdate(cache, version, Date.now())
  if (due) askInBackground(join(root, 'dist', 'host', 'update-check.js'), cache)
  if (newer === undefined) return
  process.stderr.write(`\npi-aws ${newer} is out, this is ${version}: see its CHANGELOG.md, then npm install pi-aws\n`)
}
