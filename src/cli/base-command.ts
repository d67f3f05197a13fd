import {Command, type Interfaces} from '@oclif/core'
import {exitCodes, type ExitCode} from '../domain/exit-codes.ts'
import type {Run} from '../flows/run.ts'
import type {Reporter} from '../ui/reporters/index.ts'
import {outputFlags} from './flags.ts'
import {type InterruptMeaning, type Interrupts, trapInterrupts} from './interrupts.ts'
import {type Format, type Lines, onGitHub, openReporter, type OutputKind, placeFlags, printResult} from './output.ts'
import {repeatedByVariable, withSwitchesOff} from './variables.ts'

type Work<R> = (run: Run, reporter: Reporter) => Promise<R>

/** How a command runs its flow. */
export interface Performance<R extends object> {
  /** What the first Ctrl-C means; `cancel` for commands that only read, `end` for those that follow. */
  readonly interrupt: InterruptMeaning
  readonly timeoutMs?: number | undefined
  readonly work: Work<R>
  readonly format: Format<R>
  /** For results of many entries: what ndjson prints instead of one long line. */
  readonly lines?: Lines<R>
  /** Prints the result instead, for what streams to stdout: lines on stderr then, and no live list. */
  readonly print?: (output: OutputKind, result: R) => Promise<void>
  /** Its page belongs into the summary of a pipeline's step; that of a change always does, and a no. */
  readonly summary?: boolean
  /** Exit code of a result that is no error; 0 by default. */
  readonly exitCode?: (result: R) => ExitCode
}

/** Names and parsed values of flags or arguments. */
type Values = Record<string, unknown>
type Outputs = Interfaces.InferredFlags<typeof outputFlags>

/** What all commands share: the output flags, one way to run a flow, one way to print. */
export abstract class BaseCommand extends Command {
  static override baseFlags = outputFlags

  /** `--output`, with `--json` as its short form. */
  protected outputKind(flags: Pick<Outputs, 'output' | 'json'>): OutputKind {
    return flags.json ? 'json' : (flags.output as OutputKind)
  }

  /** oclif's parser, with two of its gaps closed: variables of repeated flags, and switches that nobody set. */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options: Interfaces.Input<F, B, A>,
    argv = this.argv,
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    const definitions = {...options.baseFlags, ...options.flags}
    const more = repeatedByVariable(definitions, argv, process.env)
    const parsed = await super.parse(options, [...more, ...argv])
    return {...parsed, flags: withSwitchesOff(parsed.flags, definitions)}
  }

  /** Runs a flow between its reporter and its result. */
  protected async perform<R extends object>(flags: Outputs, performance: Performance<R>): Promise<void> {
    const output = this.outputKind(flags)
    const reporter = await openReporter(output, flags.verbose, performance.print !== undefined)
    const interrupts = trapInterrupts(performance.interrupt, performance.timeoutMs, (text) => {
      reporter.report({type: 'note', message: text})
    })
    // Whoever reads us may go away; a change that has begun goes on unheard.
    if (performance.interrupt === 'pause') process.on('pi-aws:closed-pipe' as 'exit', () => undefined)
    const result = await this.#run(performance, reporter, interrupts)
    if (performance.print === undefined) {
      await printResult(output, result, performance.format, placeFlags(this.argv), performance.lines)
    } else await performance.print(output, result)
    const exitCode = performance.exitCode?.(result) ?? exitCodes.ok
    process.exitCode = exitCode
    const worthIt = performance.summary === true || performance.interrupt === 'pause' || exitCode !== exitCodes.ok
    if (worthIt && onGitHub(process.env)) {
      const {tellResult} = await import('./github.ts')
      await tellResult(result, {command: (this.id ?? '').replaceAll(':', ' '), exitCode, format: performance.format})
    }
  }

  /** Runs a piece of work that leads up to something else: its result is not printed. The first Ctrl-C cancels it. */
  protected async quietly<R>(flags: Outputs, work: Work<R>): Promise<R> {
    const reporter = await openReporter(this.outputKind(flags), flags.verbose)
    const interrupts = trapInterrupts('cancel', undefined, () => undefined)
    return this.#run({work}, reporter, interrupts)
  }

  async #run<R>({work}: {readonly work: Work<R>}, reporter: Reporter, interrupts: Interrupts): Promise<R> {
    try {
      const run: Run = {report: reporter.report, pause: interrupts.signal}
      return await Promise.race([work(run, reporter), interrupts.cancelled])
    } finally {
      interrupts.dispose()
      await reporter.finish()
    }
  }
}
