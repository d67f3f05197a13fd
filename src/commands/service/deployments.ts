import {AwsCommand} from '../../cli/aws-command.ts'
import {serviceArgument} from '../../cli/service-flags.ts'
import {listDeployments} from '../../flows/service/list.ts'
import {formatDeployments} from '../../ui/format/service.ts'

export default class ServiceDeployments extends AwsCommand {
  static override summary = 'Show what is being rolled out of a service, and what was'
  static override description =
    'First the deployments that have tasks, with how far they are; then those that ECS remembers, for 90 days.'

  static override examples = ['<%= config.bin %> service deployments dashboard --environment demo --local']
  static override args = {service: serviceArgument({required: true})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ServiceDeployments)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatDeployments,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        return listDeployments({environment, service: args.service}, ports)
      },
    })
  }
}
