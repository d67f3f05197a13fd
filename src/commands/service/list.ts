import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {listServices} from '../../flows/service/list.ts'
import {formatServiceList} from '../../ui/format/service.ts'

export default class ServiceList extends AwsCommand {
  static override summary = 'List the services with their tasks and how their newest deployment stands'
  static override examples = [
    '<%= config.bin %> service list demo --local',
    '<%= config.bin %> service list prod --json',
  ]
  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ServiceList)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatServiceList,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return listServices({environment}, ports)
      },
    })
  }
}
