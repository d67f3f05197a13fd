import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {openConfiguration} from '../../cli/config-file.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {type EnvironmentName, parseEnvironmentName} from '../../domain/names.ts'
import {type QuotaMode, quotaModes} from '../../domain/quotas/modes.ts'
import {type QuotasCheck, quotasCheck, type QuotasCheckResult} from '../../flows/quotas/check.ts'
import {formatQuotasCheck} from '../../ui/format/quotas.ts'

export default class QuotasCheckCommand extends AwsCommand {
  static override summary = 'Check whether the account has room for an environment'

  static override description =
    'The need is read off the templates and pi-aws.yaml, less what stands already. Ends 3 when a quota is short, or ' +
    'cannot be told.'

  static override examples = [
    '<%= config.bin %> quotas check demo --local',
    {description: 'While a release replaces tasks', command: '<%= config.bin %> quotas check prod --for update'},
    {
      description: 'While two other environments are still to come',
      command: '<%= config.bin %> quotas check prod --with staging --with dev',
    },
    '<%= config.bin %> quotas check prod --json --allow-unknown',
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    for: Flags.string({
      description: 'What there must be room for: this deploy, a release at its worst, most tasks, a restore, its proof',
      options: [...quotaModes],
      default: 'deploy',
      env: 'PI_AWS_FOR',
    }),
    with: Flags.custom<EnvironmentName>({
      description: 'An environment that will be deployed first (may be repeated)',
      env: 'PI_AWS_WITH',
      parse: async (text) => parseEnvironmentName(text),
    })({multiple: true, multipleNonGreedy: true}),
    'allow-unknown': Flags.boolean({
      description: 'End 0 also when a quota cannot be told',
      env: 'PI_AWS_ALLOW_UNKNOWN',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(QuotasCheckCommand)
    let advice: QuotasCheck['advice'] = new Map()
    await this.perform(flags, {
      interrupt: 'cancel',
      summary: true,
      format: (result: QuotasCheckResult, layout) => formatQuotasCheck(result, advice, layout),
      exitCode: ({verdict}: QuotasCheckResult) => {
        const no = verdict === 'SHORT' || (verdict === 'UNKNOWN' && !flags['allow-unknown'])
        return no ? exitCodes.checkFailed : exitCodes.ok
      },
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        const others = await this.#others(flags)
        const options = {environment, configuration, mode: flags.for as QuotaMode, others}
        const checked = await quotasCheck(options, ports, run)
        advice = checked.advice
        return checked.result
      },
    })
  }

  /** The environments of --with, out of the same configuration. */
  async #others(
    flags: Parameters<typeof openConfiguration>[0] & {readonly with?: readonly EnvironmentName[] | undefined},
  ) {
    const opened = (flags.with ?? []).map((name) =>
      openConfiguration({...flags, environment: undefined}, name, this.config.root),
    )
    return (await Promise.all(opened)).map(({name, configuration}) => ({environment: name, configuration}))
  }
}
