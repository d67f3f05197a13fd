import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {changeFlags, exitCodeFlag, partFlag} from '../cli/flags.ts'
import {writePlanFile} from '../cli/plan-file.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {plan, planFileOf} from '../flows/plan.ts'
import {formatPlan} from '../ui/format/plan.ts'

export default class Plan extends AwsCommand {
  static override summary = 'Show what deploy would change, and change nothing'

  static override description = `Parts that do not exist yet are compared locally; change sets of existing ones are made and deleted again.
What would replace or remove data stands out: deploy refuses it.`

  static override examples = [
    '<%= config.bin %> plan demo --local',
    {
      description: 'Keep the plan and carry out exactly it',
      command: '<%= config.bin %> plan prod --out prod.plan.json',
    },
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    'cfn-role-arn': changeFlags['cfn-role-arn'],
    part: partFlag({multiple: true}),
    out: Flags.string({
      description: 'Write the plan to a file for deploy --plan',
      env: 'PI_AWS_OUT',
      helpValue: 'FILE',
    }),
    'exit-code': exitCodeFlag,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Plan)
    await this.perform(flags, {
      interrupt: 'cancel',
      summary: true,
      format: formatPlan,
      exitCode: (result) => (flags['exit-code'] && result.changed ? exitCodes.checkFailed : exitCodes.ok),
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        const options = {
          environment,
          configuration,
          parts: flags.part ?? [],
          cloudFormationRoleArn: flags['cfn-role-arn'],
        }
        const result = await plan(options, ports, run)
        if (flags.out !== undefined) await writePlanFile(flags.out, planFileOf(result, options))
        return result
      },
    })
  }
}
