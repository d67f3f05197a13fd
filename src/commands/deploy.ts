import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {changeFlags, noWaitFlag, partFlag} from '../cli/flags.ts'
import {readPlanFile} from '../cli/plan-file.ts'
import {preflightFlags, readSecrets, secretFlags} from '../cli/preflight-flags.ts'
import {wireAssets} from '../cli/wire.ts'
import {deploy} from '../flows/deploy/deploy.ts'
import {formatDeploy} from '../ui/format/deploy.ts'

export default class Deploy extends AwsCommand {
  static override summary = 'Take an environment to what its configuration says'

  static override description = `Preflight, foundation, then every part in order, with live progress.
Run again after any interruption: it goes on from there. Nothing to change ends 0.`

  static override examples = [
    {description: 'Deploy on the embedded AWS', command: '<%= config.bin %> deploy demo --local'},
    {description: 'In a pipeline', command: '<%= config.bin %> deploy prod --yes --json --licence-file licence.txt'},
    {description: 'Carry out a plan', command: '<%= config.bin %> deploy prod --plan prod.plan.json'},
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    ...changeFlags,
    part: partFlag({multiple: true}),
    plan: Flags.string({
      description: 'Plan file to carry out; refused when reality has moved on',
      env: 'PI_AWS_PLAN',
      helpValue: 'FILE',
    }),
    'no-wait': noWaitFlag,
    'continue-rollback': Flags.boolean({
      description: 'First continue a rollback that failed',
      env: 'PI_AWS_CONTINUE_ROLLBACK',
    }),
    'allow-replacement': Flags.string({
      description: 'Let this resource be replaced or removed although it holds data (may be repeated)',
      env: 'PI_AWS_ALLOW_REPLACEMENT',
      helpValue: 'RESOURCE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...preflightFlags,
    ...secretFlags,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Deploy)
    const plan = flags.plan === undefined ? undefined : await readPlanFile(flags.plan)
    const secrets = await readSecrets(flags)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatDeploy,
      work: async (run, reporter) => {
        const session = await this.open(flags, args.environment, reporter)
        return deploy(
          {
            environment: session.environment,
            configuration: session.configuration,
            parts: flags.part ?? plan?.parts ?? [],
            wait: !flags['no-wait'],
            continueRollback: flags['continue-rollback'],
            allowed: flags['allow-replacement'] ?? [],
            cloudFormationRoleArn: flags['cfn-role-arn'],
            secrets,
            createLinkedRoles: flags['create-service-linked-roles'],
            skip: flags.skip ?? [],
            strict: flags.strict,
            placeholderSecrets: session.local,
            resume: undefined,
            assetsFolder: session.assetsFolder,
            plan: plan?.fingerprint,
          },
          session.ports,
          run,
          () => wireAssets(session.ports),
        )
      },
    })
  }
}
