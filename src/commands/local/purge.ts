import {Flags} from '@oclif/core'
import {BaseCommand} from '../../cli/base-command.ts'
import {wireLocal} from '../../cli/wire.ts'
import {purgeLocal} from '../../flows/local/purge.ts'
import {formatLocalPurge} from '../../ui/format/local.ts'

export default class LocalPurge extends BaseCommand {
  static override summary = 'Stop the embedded AWS and remove what it left on this machine'

  static override description = 'Removes a folder only when the embedded AWS made it.'

  static override examples = [
    '<%= config.bin %> local purge',
    {description: 'With its Python packages', command: '<%= config.bin %> local purge --environments'},
  ]

  static override flags = {
    environments: Flags.boolean({
      description: 'Also the installed Python packages (about 215 MB); the next start downloads them again',
      env: 'PI_AWS_LOCAL_ENVIRONMENTS',
    }),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(LocalPurge)
    const {environments} = flags
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatLocalPurge,
      work: async (run) => purgeLocal(await wireLocal(this.config.root), {environments}, run),
    })
  }
}
