import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {configurationPath} from '../cli/config-file.ts'
import {changeFlags} from '../cli/flags.ts'
import {answerFlags, givenAnswers, initDryRunFlag} from '../cli/init-flags.ts'
import {mayAsk, placeFlags} from '../cli/output.ts'
import {secretFlags} from '../cli/preflight-flags.ts'
import {wireConfigurationFiles, wireInit, wirePackage} from '../cli/wire.ts'
import {openWizard} from '../cli/wizard.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {quoted} from '../domain/init/answers.ts'
import {init, type InitResult} from '../flows/init/init.ts'
import type {Wizard} from '../flows/init/ports.ts'
import {formatInit} from '../ui/format/init.ts'

export default class Init extends AwsCommand {
  static override summary = 'Write pi-aws.yaml by questions, or change an environment of it'

  static override description = `Asks only what cannot be found out, shows what hangs on each answer, and ends with data sheet, preflight and deploy.
Leave it whenever you like: the answers are kept, secrets never. PI_AWS_PLAIN=1 asks line by line, for screen readers.`

  static override examples = [
    {description: 'Lead me through it', command: '<%= config.bin %> init'},
    {description: 'The same without a question', command: '<%= config.bin %> init demo --local --yes --host none'},
    {
      description: 'In a pipeline',
      command:
        '<%= config.bin %> init prod --yes --region eu-west-1 --host bi.example.com --hosted-zone Z0123456789ABCDEFGHIJ',
    },
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    ...answerFlags,
    'dry-run': initDryRunFlag,
    yes: changeFlags.yes,
    ...secretFlags,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Init)
    const asks = mayAsk({output: this.outputKind(flags), yes: flags.yes}, process.env)
    const opened = asks ? await openWizard() : undefined
    let written: InitResult | undefined
    try {
      await this.perform(flags, {
        interrupt: 'cancel',
        format: formatInit(asks),
        work: async (_run, reporter) => {
          const [configurationFiles, more, packageFiles] = await Promise.all([
            wireConfigurationFiles(),
            wireInit(),
            wirePackage(this.config.root),
          ])
          written = await init(
            {
              path: configurationPath({config: flags.config}, this.config.root),
              given: givenAnswers(flags, args.environment),
              usualRegion: this.usualRegion(flags),
              dryRun: flags['dry-run'],
              placeFlags: placeFlags(this.argv),
            },
            {
              configurationFiles,
              packageFiles,
              ...more,
              wizard: opened?.wizard,
              connect: (region) => this.connect(flags, region, reporter),
            },
          )
          return written
        },
      })
      if (opened !== undefined && written !== undefined && !flags['dry-run'])
        await this.#goOn(opened.wizard, written, flags)
    } finally {
      opened?.close()
    }
  }

  /** Data sheet, preflight, and the deploy itself when it is wanted. */
  async #goOn(
    wizard: Wizard,
    {environment, path}: InitResult,
    flags: SecretFlags & {readonly local: boolean},
  ): Promise<void> {
    const place = [environment, '--config', path, ...this.#awsWords()]
    await this.config.runCommand('datasheet', [environment, '--config', path])
    if (!(await wizard.confirm('Run preflight, which asks the account and changes nothing', true))) return
    const secrets = flags.local ? [] : await secretWords(wizard, flags)
    await this.config.runCommand('preflight', [...place, ...secrets])
    if (process.exitCode !== exitCodes.ok) return
    wizard.say(`The command is: pi-aws deploy ${[...place, ...secrets].map(quoted).join(' ')}`)
    if (await wizard.confirm('Run it now', false)) await this.config.runCommand('deploy', [...place, ...secrets])
  }

  /** The flags by which this run found AWS. */
  #awsWords(): readonly string[] {
    const names = ['--local', '--profile', '--role-arn', '--endpoint-url']
    return this.argv.flatMap((word, index) => {
      const [name = ''] = word.split('=')
      if (!names.includes(name)) return []
      return name === '--local' || word.includes('=') ? [word] : [word, this.argv[index + 1] ?? '']
    })
  }
}

interface SecretFlags {
  readonly 'licence-file'?: string | undefined
  readonly 'registry-username'?: string | undefined
  readonly 'registry-password-file'?: string | undefined
}

/** Names of files with secrets; without one, deploy asks for it and does not show it. */
async function secretWords(wizard: Wizard, flags: SecretFlags): Promise<readonly string[]> {
  const given = (['licence-file', 'registry-username', 'registry-password-file'] as const).flatMap((name) => {
    const value = flags[name]
    return value === undefined ? [] : [`--${name}`, value]
  })
  if (given.length > 0) return given
  const file = await wizard.text({
    message: 'File with the licence',
    why: 'It goes straight to Secrets Manager; "none" lets deploy ask for it, hidden.',
    proposed: 'none',
    problem: () => undefined,
  })
  return file === 'none' ? [] : ['--licence-file', file]
}
