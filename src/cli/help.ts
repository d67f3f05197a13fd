import {CommandHelp, Help, type Interfaces} from '@oclif/core'
import {exitTable} from '../domain/exit-codes.ts'

/** Help is read best in lines of at most so many columns. */
const widest = 100

/** oclif's help of a command, with a usage line that fits one line and the exit codes below. */
class PiCommandHelp extends CommandHelp {
  protected override defaultUsage(): string {
    const {args, id} = this.command
    const names = Object.values(args).map((arg) => this.arg(arg))
    return [id, ...names, '[FLAGS]'].join(' ')
  }

  protected override sections(): ReturnType<CommandHelp['sections']> {
    return [...super.sections(), {header: 'EXIT CODES', generate: () => exitCodesText()}]
  }
}

/** One line for all codes; docs/scripting.md has the situations. */
function exitCodesText(): string {
  return exitTable.map(({code, meaning}) => `${String(code).padStart(3)}  ${meaning}`).join('\n')
}

/** oclif's help with the exit codes below each command. */
export default class PiHelp extends Help {
  protected override CommandHelpClass = PiCommandHelp

  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, {...options, flagSortOrder: 'none', stripAnsi: process.env['NO_COLOR'] !== undefined})
    this.opts.maxWidth = Math.min(widest, this.opts.maxWidth)
  }
}
