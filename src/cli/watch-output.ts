import type {StatusResult} from '../flows/status.ts'
import {type Format, type OutputKind, placeFlags, schemaVersion} from './output.ts'

export interface WatchOutput {
  show(result: StatusResult, changed: boolean): void
  close(): void
}

/** A page that is written over on a terminal; everywhere else a line of JSON for each change. */
export async function openWatchOutput(
  output: OutputKind,
  format: Format<StatusResult>,
  argv: readonly string[],
): Promise<WatchOutput> {
  const {stdout} = process
  const [{loadLayout}, {livePage}, {traitsOf}] = await Promise.all([
    import('../ui/format/layout.ts'),
    import('../ui/live-page.ts'),
    import('../ui/theme.ts'),
  ])
  if (output !== 'text' || !traitsOf(stdout, process.env).isTTY) {
    return {
      show(result, changed) {
        if (changed) stdout.write(`${JSON.stringify({schemaVersion, type: 'status', ...result})}\n`)
      },
      close: () => undefined,
    }
  }
  const page = livePage(stdout)
  const layoutOf = () => loadLayout(traitsOf(stdout, process.env), placeFlags(argv))
  let layout = await layoutOf()
  stdout.on('resize', () => void layoutOf().then((fresh) => (layout = fresh)))
  return {show: (result) => page.show(format(result, layout)), close: () => page.close()}
}
