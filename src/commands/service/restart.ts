import {AwsCommand} from '../../cli/aws-command.ts'
import {serviceArgument, serviceChangeFlags, serviceExit} from '../../cli/service-flags.ts'
import {changeService} from '../../flows/service/change.ts'
import {formatServiceChange} from '../../ui/format/service.ts'

export default class ServiceRestart extends AwsCommand {
  static override summary = 'Replace the tasks of a service by new ones'
  static override description =
    'A forced new deployment of the same image and configuration: new tasks first, then the old ones go; scheduler and adminer, which are single, stop first. It is waited for; when new tasks do not start, ECS goes back and the first cause is printed, exit code 14 (15 when the old ones do not start again either). Refused while a deploy or a restore works on the environment.'

  static override examples = [
    '<%= config.bin %> service restart dashboard --environment demo --local',
    {
      description: 'In a pipeline',
      command: '<%= config.bin %> service restart scheduler --environment prod --json --timeout 10m',
    },
  ]

  static override args = {service: serviceArgument({required: true})}
  static override flags = serviceChangeFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ServiceRestart)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatServiceChange,
      exitCode: serviceExit,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const options = {
          ...{environment, account: configuration.account, service: args.service, action: {kind: 'restart'} as const},
          ...{dryRun: flags['dry-run'], wait: !flags['no-wait'], resume: undefined},
        }
        return changeService(options, ports, run)
      },
    })
  }
}
