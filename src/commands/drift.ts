import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {drift} from '../flows/drift/drift.ts'
import {formatDrift} from '../ui/format/drift.ts'

export default class Drift extends AwsCommand {
  static override summary = 'Find what was changed past CloudFormation, property by property'

  static override description =
    'Has CloudFormation compare every stack of the environment, all generations and nested stacks included, with what there is; what holds data comes first. Changes nothing. What AWS or pi-aws itself moves (tasks that scale, storage that grows) is no drift. Ends 3 when something differs, or could not be compared.'

  static override examples = [
    '<%= config.bin %> drift demo --local',
    {
      description: 'Every night in a pipeline',
      command: '<%= config.bin %> drift prod --json',
    },
  ]

  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Drift)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatDrift,
      exitCode: ({verdict}) => (verdict === 'in-sync' ? exitCodes.ok : exitCodes.checkFailed),
      work: async (run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return drift({environment}, ports, run)
      },
    })
  }
}
