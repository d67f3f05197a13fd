import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {alarmsArgument, silenceEnd} from '../../cli/alarm-flags.ts'
import {silenceAlarms} from '../../flows/alarms/silence.ts'
import type {SilenceResult} from '../../flows/alarms/options.ts'
import {formatSilence} from '../../ui/format/alarms.ts'

export default class AlarmsSilence extends AwsCommand {
  static override summary = 'Have alarms tell nobody for a while'
  static override description =
    'They go on watching and show their state; what they would tell is switched off, and the ledger keeps until when. Nothing switches it on again by itself: --undo does, and after that time status and diagnose are not healthy and say so. A deploy that changes an alarm ends its silence.'

  static override examples = [
    '<%= config.bin %> alarms silence --all --for 2h --environment demo --local',
    {description: 'One, by a piece of its name', command: '<%= config.bin %> alarms silence FreeStorage --for 30m'},
    {description: 'When the work is over', command: '<%= config.bin %> alarms silence --all --undo'},
  ]

  static override args = {name: alarmsArgument({multiple: true})}

  static override flags = {
    all: Flags.boolean({description: 'All alarms of the environment', env: 'PI_AWS_ALARMS_ALL'}),
    for: Flags.string({
      description: 'How long: 30m, 2h, 3d; 30 days at most',
      env: 'PI_AWS_ALARMS_FOR',
      exclusive: ['undo'],
    }),
    undo: Flags.boolean({description: 'Have them tell again', env: 'PI_AWS_ALARMS_UNDO'}),
    'dry-run': Flags.boolean({
      description: 'Say what would be done, and do nothing',
      env: 'PI_AWS_ALARMS_DRY_RUN',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AlarmsSilence)
    const names = args.name ?? []
    const until = silenceEnd({...flags, names}, Date.now())
    await this.perform<SilenceResult>(flags, {
      interrupt: 'pause',
      format: formatSilence,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const {account} = configuration
        const asked = {environment, account, alarms: names, until, dryRun: flags['dry-run'], resume: undefined}
        return silenceAlarms(asked, ports, run)
      },
    })
  }
}
