import {AwsCommand} from '../../cli/aws-command.ts'
import {serviceArgument, serviceChangeFlags, serviceExit, taskCountArgument} from '../../cli/service-flags.ts'
import {changeService} from '../../flows/service/change.ts'
import {formatServiceChange} from '../../ui/format/service.ts'

export default class ServiceScale extends AwsCommand {
  static override summary = 'Set the number of tasks of a service'
  static override description =
    'Between the smallest and the largest number that its scaling has, which pi-aws.yaml sets; the load may move it on from there. The scheduler is one task or none. The next deploy keeps the number; from none it starts the service again.'

  static override examples = [
    '<%= config.bin %> service scale renderer 2 --environment demo --local',
    {description: 'Stop the scheduler', command: '<%= config.bin %> service scale scheduler 0 --environment prod'},
  ]

  static override args = {
    service: serviceArgument({required: true}),
    count: taskCountArgument({required: true}),
  }
  static override flags = serviceChangeFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ServiceScale)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatServiceChange,
      exitCode: serviceExit,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const options = {
          ...{
            environment,
            account: configuration.account,
            service: args.service,
            action: {kind: 'scale', count: args.count} as const,
          },
          ...{dryRun: flags['dry-run'], wait: !flags['no-wait'], resume: undefined},
        }
        return changeService(options, ports, run)
      },
    })
  }
}
