import {BaseCommand} from '../../cli/base-command.ts'
import {wireLocal} from '../../cli/wire.ts'
import {resetLocal} from '../../flows/local/reset.ts'
import {formatLocalReset} from '../../ui/format/local.ts'

export default class LocalReset extends BaseCommand {
  static override summary = 'Empty the embedded AWS: every record, object and file goes'

  static override description = 'One that runs keeps running.'

  static override examples = ['<%= config.bin %> local reset']

  async run(): Promise<void> {
    const {flags} = await this.parse(LocalReset)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatLocalReset,
      work: async (run) => resetLocal(await wireLocal(this.config.root), run),
    })
  }
}
