import {type Command, CommandHelp, Help, type Interfaces} from '@oclif/core'
import {exitTable} from '../domain/exit-codes.ts'

/** Help is read best in lines of at most so many columns. */
const widest = 100

/** How many examples of a command are shown where not all of them are. */
const shown = 3

/** Whether everything is told, or what fits onto a screen. */
interface PiHelpOptions extends Interfaces.HelpOptions {
  readonly whole?: boolean
}

type Sections = ReturnType<CommandHelp['sections']>
type FlagSections = {header: string; body: [string, string | undefined][] | string | undefined}[]

/**
 * oclif's help of a command, with a usage line that fits one line. What commands share (groups of flags, variables, exit
 * codes) is named only, unless the whole is asked for.
 */
class PiCommandHelp extends CommandHelp {
  get #whole(): boolean {
    return (this.opts as PiHelpOptions).whole === true
  }

  protected override defaultUsage(): string {
    const {args, id} = this.command
    const names = Object.values(args).map((arg) => this.arg(arg))
    return [id, ...names, '[FLAGS]'].join(' ')
  }

  protected override sections(): Sections {
    const sections = super.sections()
    if (this.#whole) return [...sections, {header: 'EXIT CODES', generate: () => exitCodesText()}]
    return sections.map((section) =>
      section.header === 'FLAGS' ? {header: 'FLAGS', generate: ({flags}) => this.#briefFlags(flags)} : section,
    )
  }

  /** oclif trims a list, and with it the room that its first flag leaves for a letter. */
  override renderList(...[input, options]: Parameters<CommandHelp['renderList']>): string {
    const text = super.renderList(input, options)
    const [left = ''] = input[0] ?? []
    const isOneUnderTheOther = text.split('\n', 1)[0] === left.trim()
    return isOneUnderTheOther ? text : `${' '.repeat(left.length - left.trimStart().length)}${text}`
  }

  /** The summary stands above already. */
  protected override description(): string | undefined {
    if (this.#whole) return super.description()
    const {description} = this.command
    return description === undefined ? undefined : this.wrap(description)
  }

  /** The first ones, without the empty lines between an example and what it is for. */
  protected override examples(examples: Command.Example[] | string | undefined): string | undefined {
    if (this.#whole || !Array.isArray(examples)) return super.examples(examples)
    return super.examples(examples.slice(0, shown))?.replaceAll('\n\n', '\n')
  }

  #briefFlags(flags: Command.Flag.Any[]): FlagSections {
    const {flagGroups, mainFlags} = this.groupFlags(flags)
    const own = this.flags(mainFlags.map(({env: _env, ...flag}) => flag))
    const groups = Object.entries(flagGroups).map(
      ([name, some]) => `${name.toLowerCase()}: ${some.map((flag) => `--${flag.name}`).join(' ')}`,
    )
    const id = this.command.id.replaceAll(':', ' ')
    const more = [...groups, `Variables, exit codes: ${this.config.bin} ${id} --help --verbose`]
    return [
      ...(own === undefined ? [] : [{header: 'FLAGS', body: own}]),
      {header: 'MORE FLAGS', body: more.map((line) => this.wrap(line)).join('\n')},
    ]
  }
}

/** One line for all codes; docs/scripting.md has the situations. */
function exitCodesText(): string {
  return exitTable.map(({code, meaning}) => `${String(code).padStart(3)}  ${meaning}`).join('\n')
}

/** oclif's help, short enough for a screen; with `--verbose` all there is. */
export default class PiHelp extends Help {
  protected override CommandHelpClass = PiCommandHelp

  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, {...options, flagSortOrder: 'none', stripAnsi: process.env['NO_COLOR'] !== undefined})
    this.opts.maxWidth = Math.min(widest, this.opts.maxWidth)
  }

  override async showHelp(argv: string[]): Promise<void> {
    const words = argv.filter((word) => word !== '--verbose' && word !== '-v')
    Object.assign(this.opts, {whole: words.length < argv.length} satisfies Partial<PiHelpOptions>)
    return super.showHelp(words)
  }
}
