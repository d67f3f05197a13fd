import {Flags} from '@oclif/core'
import {AwsCommand} from '../cli/aws-command.ts'
import {commandOutput, joinSession, printCommand, requireTerminal} from '../cli/exec.ts'
import {changeFlags} from '../cli/flags.ts'
import {serviceArgument} from '../cli/service-flags.ts'
import {wireSession} from '../cli/wire.ts'
import type {ExitCode} from '../domain/exit-codes.ts'
import {runCommand} from '../flows/exec/run-command.ts'
import type {ExecResult} from '../flows/exec/options.ts'
import {type OpenedSession, openSession} from '../flows/exec/session.ts'

export default class Exec extends AwsCommand {
  static override summary = 'Run a command as a service would, or open a shell in a container'
  static override description = `With a command behind --: a task of its own, with the image, variables, secrets and files of the service, and not behind the load balancer. What it writes comes out as it comes, and this command ends with its exit code. Where the image has an entry point, the command is what that is given.
Without a command, or with --attach: a session in a container that runs, on a terminal. It needs the Session Manager plugin of AWS on this machine, and ExecEnabled in the environment's parameters. What is typed is recorded in the log "session".`

  static override usage = 'exec SERVICE [FLAGS] [-- COMMAND...]'
  static override examples = [
    '<%= config.bin %> exec dashboard --environment demo --local -- ls /',
    {description: 'A shell in the container', command: '<%= config.bin %> exec dashboard --environment prod'},
  ]

  static override strict = false
  static override args = {service: serviceArgument({required: true})}
  static override flags = {
    timeout: changeFlags.timeout,
    attach: Flags.boolean({
      description: 'Run the command in a container that runs, on this terminal; its exit code is not known',
      env: 'PI_AWS_ATTACH',
    }),
    task: Flags.string({
      description: 'Id of the task to open the session in, or its beginning [default: the newest]',
      env: 'PI_AWS_TASK',
    }),
  }

  async run(): Promise<void> {
    const {args, argv, flags} = await this.parse(Exec)
    const {service} = args
    const command = argv.slice(1).map(String)
    const attach = command.length === 0 || flags.attach
    const output = this.outputKind(flags)
    if (attach) requireTerminal(output, service)
    let opened: OpenedSession | undefined
    let ended = 0
    await this.perform<ExecResult>(flags, {
      interrupt: attach ? 'cancel' : 'end',
      timeoutMs: attach ? undefined : flags.timeout,
      format: () => '',
      print: async (_kind, result) => {
        ended = opened === undefined ? printCommand(output, result) : await joinSession(opened)
      },
      exitCode: () => ended as ExitCode,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const asked = {environment, account: configuration.account, service, command}
        if (!attach) {
          const result = await runCommand(asked, {...ports, commandOutput: commandOutput(output)}, run)
          return {mode: 'command', ...result}
        }
        opened = await openSession({...asked, task: flags.task}, await wireSession(ports))
        return {mode: 'session', environment, service, task: opened.task}
      },
    })
  }
}
