import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {sideloadExit} from '../../cli/sideload-exit.ts'
import {sideload} from '../../flows/sideload/start.ts'
import {formatSideload} from '../../ui/format/sideload.ts'

export default class SideloadStart extends AwsCommand {
  static override summary = 'Load the newest bundle of assets into the file system'

  static override description = `The side-load function copies what is missing or different into the active generation, and leaves everything else.
The work goes on slice by slice, each asked for by this command. A file that fails is named, the others go on, exit code 1.
With --no-wait the function works on its first slices alone, two minutes each; sideload wait drives what is left.`

  static override examples = [
    '<%= config.bin %> sideload start demo --local',
    {description: 'Also remove what earlier bundles brought', command: '<%= config.bin %> sideload start prod --prune'},
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    timeout: changeFlags.timeout,
    prune: Flags.boolean({
      description: 'Remove files that an earlier bundle brought and this one no longer names',
      env: 'PI_AWS_SIDELOAD_PRUNE',
    }),
    'no-wait': Flags.boolean({
      description: 'Hand the first slices over to the function and return, exit code 8',
      env: 'PI_AWS_SIDELOAD_NO_WAIT',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SideloadStart)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatSideload,
      exitCode: sideloadExit,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        return sideload(
          {
            environment,
            account: configuration.account,
            prune: flags.prune,
            wait: !flags['no-wait'],
            resume: undefined,
          },
          ports,
          run,
        )
      },
    })
  }
}
