import type {Interfaces} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {configurationPath, openConfiguration} from '../cli/config-file.ts'
import {changeFlags} from '../cli/flags.ts'
import {answerFlags, givenAnswers, initDryRunFlag} from '../cli/init-flags.ts'
import {askForSecrets, secretsBeforeQuestions, type SecretStage, secretStage, secretWords} from '../cli/init-secrets.ts'
import {mayAsk, placeFlags} from '../cli/output.ts'
import {secretFlags} from '../cli/preflight-flags.ts'
import {wireConfigurationFiles, wireInit, wirePackage} from '../cli/wire.ts'
import {openWizard} from '../cli/wizard.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {shellWord} from '../domain/shell-word.ts'
import {parseEnvironmentName} from '../domain/names.ts'
import type {SecretValues} from '../flows/deploy/options.ts'
import {init, type InitResult} from '../flows/init/init.ts'
import type {Wizard} from '../flows/init/ports.ts'
import type {Run} from '../flows/run.ts'
import type {SecretPorts} from '../flows/secrets.ts'
import {formatInit} from '../ui/format/init.ts'

export default class Init extends AwsCommand {
  static override summary = 'Write pi-aws.yaml by questions, or change an environment of it'

  static override description = `Asks only what cannot be found out, shows what hangs on each answer, and ends with data sheet, preflight and deploy.
Leave it whenever you like: the answers are kept. Secrets go straight to Secrets Manager and are kept nowhere else.
PI_AWS_PLAIN=1 asks line by line, for screen readers.`

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
    const secrets = await secretsBeforeQuestions(flags, asks)
    const opened = asks ? await openWizard() : undefined
    let written: InitResult | undefined
    try {
      await this.perform(flags, {
        interrupt: 'cancel',
        format: formatInit({asked: asks, dryRun: flags['dry-run']}, new Date()),
        work: async (run, reporter) => {
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
          if (asks || flags['dry-run'] || Object.keys(secrets).length === 0) return written
          const stage = await this.#stage(written, (region) => this.connect(flags, region, reporter))
          const look = await stage.look()
          return {...written, secrets: await stage.write(look, secrets, undefined, run)}
        },
      })
      if (opened !== undefined && written !== undefined && !flags['dry-run'])
        await this.#goOn(opened.wizard, written, flags, secrets)
    } finally {
      opened?.close()
    }
  }

  /** Data sheet, secrets, preflight, and the deploy itself when it is wanted. */
  async #goOn(wizard: Wizard, written: InitResult, flags: InitFlags, given: SecretValues): Promise<void> {
    const {environment, path} = written
    const place = [environment, '--config', path, ...this.#awsWords()]
    const succeeds = async (command: string, words: readonly string[]): Promise<boolean> => {
      await this.config.runCommand(command, [...words])
      return process.exitCode === exitCodes.ok
    }
    await this.config.runCommand('datasheet', [environment, '--config', path])
    const standing = await askForSecrets({
      environment,
      wizard,
      look: () => this.#onSecrets(flags, written, (stage) => stage.look()),
      makeFoundation: () => succeeds('deploy', [...place, '--part', 'foundation', '--yes']),
      write: (look) => this.#onSecrets(flags, written, (stage, run) => stage.write(look, given, wizard, run)),
    })
    if (standing === undefined) return
    if (!(await wizard.confirm('Run preflight, which asks the account and changes nothing', true))) return
    const secrets = secretWords(flags, standing)
    if (!(await succeeds('preflight', [...place, ...secrets]))) return
    wizard.say(`The command is: pi-aws deploy ${[...place, ...secrets].map(shellWord).join(' ')}`)
    if (await wizard.confirm('Run it now', false)) await this.config.runCommand('deploy', [...place, ...secrets])
  }

  /** Work on the secrets of which nothing is printed but what the wizard says. */
  #onSecrets<R>(flags: InitFlags, written: InitResult, work: (stage: SecretStage, run: Run) => Promise<R>): Promise<R> {
    return this.quietly(flags, async (run, reporter) =>
      work(await this.#stage(written, (region) => this.connect(flags, region, reporter)), run),
    )
  }

  /** The secrets of the environment as the file has it now. */
  async #stage(
    {path, environment}: InitResult,
    connect: (region: string) => Promise<SecretPorts>,
  ): Promise<SecretStage> {
    const name = parseEnvironmentName(environment)
    const {configuration} = await openConfiguration({config: path, local: false}, name, this.config.root)
    return secretStage({environment: name, configuration}, () => connect(configuration.region))
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

type InitFlags = Interfaces.InferredFlags<(typeof Init)['flags'] & (typeof Init)['baseFlags']>
