import {Args} from '@oclif/core'
import {BaseCommand} from '../cli/base-command.ts'
import {knownCommands, knownTopics} from '../cli/known-commands.ts'
import {completionScript, type Shell, shells} from '../domain/completion/script.ts'

export default class Autocomplete extends BaseCommand {
  static override summary = 'Print the script by which a shell completes commands and flags'
  static override description =
    'bash and zsh take it by eval in .bashrc or .zshrc, fish by source in config.fish. The script calls nothing: print it again after an update.'
  static override examples = [
    {description: 'bash', command: 'eval "$(<%= config.bin %> autocomplete bash)"'},
    {description: 'zsh, behind compinit', command: 'eval "$(<%= config.bin %> autocomplete zsh)"'},
    {description: 'fish', command: '<%= config.bin %> autocomplete fish | source'},
  ]
  static override args = {
    shell: Args.string({description: 'Shell', options: [...shells], required: true}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Autocomplete)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: ({script}) => script,
      work: async () => {
        const shell = args.shell as Shell
        const {config} = this
        return {shell, script: completionScript(shell, config.bin, knownCommands(config), knownTopics(config))}
      },
    })
  }
}
