import {AwsCommand} from '../../cli/aws-command.ts'
import {serviceArgument, serviceChangeFlags, serviceExit} from '../../cli/service-flags.ts'
import {changeService} from '../../flows/service/change.ts'
import {formatServiceChange} from '../../ui/format/service.ts'

export default class ServiceAbort extends AwsCommand {
  static override summary = 'Stop what is being rolled out of a service and go back'
  static override description =
    'ECS gives the deployment that is under way up and goes back to the tasks of the one before. For a deployment that a restart began, or a person. What deploy rolls out is given up with ops abort.'

  static override examples = ['<%= config.bin %> service abort dashboard --environment demo --local']

  static override args = {service: serviceArgument({required: true})}
  static override flags = serviceChangeFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ServiceAbort)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatServiceChange,
      exitCode: serviceExit,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const options = {
          ...{environment, account: configuration.account, service: args.service, action: {kind: 'abort'} as const},
          ...{dryRun: flags['dry-run'], wait: !flags['no-wait'], resume: undefined},
        }
        return changeService(options, ports, run)
      },
    })
  }
}
