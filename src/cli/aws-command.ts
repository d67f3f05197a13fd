import {Args, type Interfaces} from '@oclif/core'
import type {EnvironmentConfiguration} from '../domain/configuration.ts'
import {RefusedError} from '../domain/errors.ts'
import {type EnvironmentName, parseEnvironmentName} from '../domain/names.ts'
import type {Reporter} from '../ui/reporters/index.ts'
import {BaseCommand} from './base-command.ts'
import {openConfiguration} from './config-file.ts'
import {awsFlags, environmentFlag, outputFlags} from './flags.ts'
import {mayAsk} from './output.ts'
import {wireLocal, type WiredPorts, wirePorts} from './wire.ts'

/** An environment that a command works on, with the ports to do it. */
export interface Session {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  readonly ports: WiredPorts
  readonly local: boolean
  /** Absolute path of the configured folder with assets. */
  readonly assetsFolder: string | undefined
}

const awsCommandFlags = {...outputFlags, ...awsFlags, environment: environmentFlag()}
type AwsFlags = Interfaces.InferredFlags<typeof awsCommandFlags> & {readonly yes?: boolean}

/** First argument of commands that work on one environment; `--environment` says the same. */
export const environmentArgument = Args.custom<EnvironmentName>({
  description: 'Environment; may be left out where the configuration has only one',
  parse: async (text) => parseEnvironmentName(text),
})

/** A command that talks to AWS, real or embedded. */
export abstract class AwsCommand extends BaseCommand {
  static override baseFlags = awsCommandFlags

  /**
   * Reads the configuration, picks the environment and wires the ports.
   * @param named the environment given as an argument
   * @throws UsageError, NotFoundError for the configuration; RefusedError WRONG_REGION; FailedError LOCAL_NOT_RUNNING
   */
  protected async open(flags: AwsFlags, named: EnvironmentName | undefined, reporter: Reporter): Promise<Session> {
    const {name, configuration, assetsFolder, chosen} = await openConfiguration(flags, named, this.config.root)
    if (chosen) reporter.report({type: 'note', message: `Environment ${name}, as env use chose it.`})
    if (flags.region !== undefined && flags.region !== configuration.region) {
      throw new RefusedError(`Wrong region: ${name} lives in ${configuration.region}, --region says ${flags.region}.`, {
        code: 'WRONG_REGION',
        suggestions: ['Leave --region and PI_AWS_REGION away: pi-aws.yaml says where an environment lives'],
      })
    }
    const ports = await this.connect(flags, configuration.region, reporter, configuration.credentials)
    return {environment: name, configuration, ports, local: flags.local, assetsFolder}
  }

  /** Where the operator's own AWS settings would work; the embedded AWS has one region by default. */
  protected usualRegion({region, local}: Pick<AwsFlags, 'region' | 'local'>): string | undefined {
    const {AWS_REGION, AWS_DEFAULT_REGION} = process.env
    return region ?? (AWS_REGION || AWS_DEFAULT_REGION || (local ? 'eu-west-1' : undefined))
  }

  /**
   * Opens an environment beside the one that the flags are about: its own credentials in pi-aws.yaml go before the
   * flags', and it need not be of that account or region.
   * @throws as `open`
   */
  protected async openOther(flags: AwsFlags, environment: EnvironmentName, reporter: Reporter): Promise<Session> {
    const {configuration} = await openConfiguration({...flags, environment}, undefined, this.config.root)
    const {profile = flags.profile, roleArn = flags['role-arn']} = configuration.credentials ?? {}
    return this.open({...flags, profile, 'role-arn': roleArn, environment, region: undefined}, undefined, reporter)
  }

  /** The environment that a copy comes from, as flows want it. @throws as `open` */
  protected async openCounterpart(
    flags: AwsFlags,
    environment: EnvironmentName,
    reporter: Reporter,
  ): Promise<{readonly account: string | undefined; readonly ports: WiredPorts}> {
    const {configuration, ports} = await this.openOther(flags, environment, reporter)
    return {account: configuration.account, ports}
  }

  /**
   * AWS in a region, the real one or the embedded one.
   * @param own what the environment says of its credentials; flags go before
   * @throws FailedError LOCAL_NOT_RUNNING
   */
  protected async connect(
    flags: AwsFlags,
    region: string,
    reporter: Reporter,
    own: EnvironmentConfiguration['credentials'] = {},
  ): Promise<WiredPorts> {
    const {createAsk} = await import('../ui/prompts.ts')
    return wirePorts({
      root: this.config.root,
      region,
      local: flags.local,
      endpointUrl: flags.local ? await this.#localEndpoint() : flags['endpoint-url'],
      profile: flags.local ? undefined : (flags.profile ?? own.profile),
      roleArn: flags.local ? own.roleArn : (flags['role-arn'] ?? own.roleArn),
      log: flags.verbose ? (line) => void process.stderr.write(`${line}\n`) : undefined,
      ask: createAsk({
        possible: mayAsk({output: this.outputKind(flags), yes: flags.yes ?? false}, process.env),
        input: process.stdin,
        output: process.stderr,
        aside: (work) => reporter.aside(work),
      }),
    })
  }

  async #localEndpoint(): Promise<string> {
    const {requireLocalEndpoint} = await import('../flows/local/endpoint.ts')
    return requireLocalEndpoint(await wireLocal(this.config.root))
  }
}
