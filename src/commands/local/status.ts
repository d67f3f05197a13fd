import {BaseCommand} from '../../cli/base-command.ts'
import {wireLocal} from '../../cli/wire.ts'
import {localStatus} from '../../flows/local/status.ts'
import {formatLocalStatus} from '../../ui/format/local.ts'

export default class LocalStatus extends BaseCommand {
  static override summary = 'Show whether the embedded AWS runs, and where'

  static override description = 'Ends 0 in both cases; scripts read "running".'

  static override examples = ['<%= config.bin %> local status', '<%= config.bin %> local status --json']

  async run(): Promise<void> {
    const {flags} = await this.parse(LocalStatus)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatLocalStatus,
      work: async (run) => localStatus(await wireLocal(this.config.root), run.pause),
    })
  }
}
