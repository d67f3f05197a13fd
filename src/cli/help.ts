import {CommandHelp, Help, type Interfaces} from '@oclif/core'
import {exitTable} from '../domain/exit-codes.ts'

class CommandHelpWithExits extends CommandHelp {
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
  protected override CommandHelpClass = CommandHelpWithExits

  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, {...options, flagSortOrder: 'none', maxWidth: 100, stripAnsi: process.env['NO_COLOR'] !== undefined})
  }
}
