import {fileURLToPath} from 'node:url'
import {Config, run} from '@oclif/core'
import {onGitHub} from './cli/output.ts'
import {exitCodes} from './domain/exit-codes.ts'

/** Runs the command line. Every error, oclif's own included, leaves through one function. */
export async function main(argv: string[]): Promise<void> {
  if (onGitHub(process.env)) (await import('./cli/guarded-output.ts')).guardOutput()
  // There are no plugins: what lies in the operator's data folder is not looked for, and never run.
  const config = await Config.load({root: fileURLToPath(import.meta.url), userPlugins: false})
  try {
    await run(argv, config)
    // Never of a pipe: what a script waits for pays nothing for this.
    if (process.stderr.isTTY)
      await (await import('./cli/update-notice.ts')).tellUpdate(config.root, config.version, argv)
  } catch (error) {
    if (isCleanExit(error)) return
    // Loaded only now: a command that ends well pays nothing for errors.
    const [{outputOf, printError}, {asPiError, commandWords}, {wireStateFolder}] = await Promise.all([
      import('./cli/output.ts'),
      import('./cli/parser-errors.ts'),
      import('./cli/wire.ts'),
    ])
    const known = asPiError(error, config.commandIDs, argv, await wireStateFolder())
    await printError(known, outputOf(argv, process.env), argv)
    process.exitCode = known.exitCode
    if (onGitHub(process.env))
      await (await import('./cli/github.ts')).tellError(known, commandWords(config.commandIDs, argv))
  }
}

/** oclif ends help and version by throwing an exit of 0. */
function isCleanExit(error: unknown): boolean {
  return (error as {readonly oclif?: {readonly exit?: number}} | undefined)?.oclif?.exit === exitCodes.ok
}
