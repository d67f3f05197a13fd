import {Flags} from '@oclif/core'
import {environmentArgument} from '../../cli/aws-command.ts'
import {BaseCommand} from '../../cli/base-command.ts'
import {openConfiguration} from '../../cli/config-file.ts'
import {awsFlags, environmentFlag} from '../../cli/flags.ts'
import {wirePackage} from '../../cli/wire.ts'
import {printPolicy} from '../../flows/policy.ts'
import {formatPolicy} from '../../ui/format/policy.ts'

export default class PolicyPrint extends BaseCommand {
  static override summary = 'Print the IAM policies that a deployer of an environment needs'

  static override description = `Read off the templates; no AWS is asked. One policy for pi-aws itself and one for each part, each small enough
for a managed policy; only together they suffice. docs/policies holds them for any environment.`

  static override examples = [
    '<%= config.bin %> policy print demo --local',
    {
      description: 'One of them, as IAM takes it',
      command: '<%= config.bin %> policy print prod --name pi-aws-app > policy.json',
    },
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    name: Flags.string({
      description: 'Only this policy, such as pi-aws or pi-aws-network',
      env: 'PI_AWS_POLICY_NAME',
      helpValue: 'POLICY',
    }),
    environment: environmentFlag(),
    config: awsFlags.config,
    local: awsFlags.local,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PolicyPrint)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatPolicy,
      work: async () => {
        const {name, configuration} = await openConfiguration(flags, args.environment, this.config.root)
        return printPolicy(
          {environment: name, configuration, policy: flags.name},
          {packageFiles: await wirePackage(this.config.root)},
        )
      },
    })
  }
}
