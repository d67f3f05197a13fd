import {BaseCommand} from '../../cli/base-command.ts'
import {wireLocal} from '../../cli/wire.ts'
import {stopLocal} from '../../flows/local/stop.ts'
import {formatLocalStop} from '../../ui/format/local.ts'

export default class LocalStop extends BaseCommand {
  static override summary = 'Stop the embedded AWS; what is deployed on it stays'

  static override description =
    'Ends only a process that answers as the embedded AWS of this state folder, and waits until it is gone.'

  static override examples = ['<%= config.bin %> local stop']

  async run(): Promise<void> {
    const {flags} = await this.parse(LocalStop)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatLocalStop,
      work: async (run) => stopLocal(await wireLocal(this.config.root), run),
    })
  }
}
