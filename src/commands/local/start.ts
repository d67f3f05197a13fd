import {Flags} from '@oclif/core'
import {BaseCommand} from '../../cli/base-command.ts'
import {wireLocal} from '../../cli/wire.ts'
import {UsageError} from '../../domain/errors.ts'
import {parseRegion, type Region} from '../../domain/names.ts'
import {startLocal} from '../../flows/local/start.ts'
import {formatLocalStart} from '../../ui/format/local.ts'

const paceFlag = Flags.custom<number>({
  description: 'How slow it is: 0 is instant (the default of a new one), 1 as slow as AWS',
  env: 'PI_AWS_LOCAL_PACE',
  parse: async (text) => {
    if (/^\d{1,3}(\.\d{1,6})?$/.test(text)) return Number(text)
    throw new UsageError(`Invalid pace: "${text}" is not a number.`, {
      code: 'INVALID_PACE',
      suggestions: ['Paces that work: 0, 0.02, 1'],
    })
  },
})

const regionFlag = Flags.custom<Region>({
  description: 'Region it stands for [default: the last one, at first eu-west-1]',
  env: 'PI_AWS_LOCAL_REGION',
  parse: async (text) => parseRegion(text),
})

export default class LocalStart extends BaseCommand {
  static override summary = 'Start the embedded AWS of this machine'

  static override description = `Serves the AWS APIs on this machine only; needs Python 3.10 or newer, and no AWS account.
The first start installs its Python packages (about 215 MB). What is deployed on it stays over a stop.`

  static override examples = [
    '<%= config.bin %> local start',
    {description: 'With something to watch', command: '<%= config.bin %> local start --pace 0.02'},
  ]

  static override flags = {
    port: Flags.integer({
      description: 'Exactly this port; otherwise the last one, 4566 or any free one',
      env: 'PI_AWS_LOCAL_PORT',
    }),
    pace: paceFlag(),
    region: regionFlag(),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(LocalStart)
    const {port, pace, region} = flags
    const options = {
      ...(port === undefined ? {} : {port}),
      ...(pace === undefined ? {} : {pace}),
      ...(region === undefined ? {} : {region}),
    }
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatLocalStart,
      work: async (run) => startLocal(await wireLocal(this.config.root), options, run),
    })
  }
}
