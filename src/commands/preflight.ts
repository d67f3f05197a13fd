import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {changeFlags, partFlag} from '../cli/flags.ts'
import {preflightFlags, readSecrets, secretFlags} from '../cli/preflight-flags.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {preflight} from '../flows/preflight/preflight.ts'
import {formatPreflight} from '../ui/format/preflight.ts'

export default class Preflight extends AwsCommand {
  static override summary = 'Ask everything that could keep a deploy from succeeding'

  static override description = `Identity, permissions, zones, names, certificate, registry, licence, limits: what deploy asks before it begins.
Ends 12 when deploy would refuse to begin. Changes nothing, but for service-linked roles where you agree.`

  static override examples = [
    '<%= config.bin %> preflight demo --local',
    {
      description: 'In a pipeline, before anything is paid for',
      command: '<%= config.bin %> preflight prod --strict --json --licence-file licence.txt',
    },
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    ...preflightFlags,
    ...secretFlags,
    part: partFlag({multiple: true}),
    yes: changeFlags.yes,
    'cfn-role-arn': changeFlags['cfn-role-arn'],
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Preflight)
    const secrets = await readSecrets(flags)
    await this.perform(flags, {
      interrupt: 'cancel',
      summary: true,
      format: formatPreflight,
      exitCode: ({ok}) => (ok ? exitCodes.ok : exitCodes.refused),
      work: async (run, reporter) => {
        const session = await this.open(flags, args.environment, reporter)
        return preflight(
          {
            environment: session.environment,
            configuration: session.configuration,
            parts: flags.part ?? [],
            secrets,
            embedded: session.local,
            cloudFormationRoleArn: flags['cfn-role-arn'],
            createLinkedRoles: flags['create-service-linked-roles'],
            skip: flags.skip ?? [],
            strict: flags.strict,
          },
          session.ports,
          run,
        )
      },
    })
  }
}
