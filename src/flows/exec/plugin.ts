import {RefusedError} from '../../domain/errors.ts'
import {installHints, isOlder, oldestPlugin} from '../../domain/session-plugin.ts'
import type {CallerIdentity} from '../ports.ts'
import type {RunningTask, SessionPlugin} from './ports.ts'

/**
 * Requires a Session Manager plugin that keeps tokens to itself.
 * @param instead what may be done without it
 * @throws RefusedError NO_PLUGIN, OLD_PLUGIN
 */
export async function requirePlugin(plugin: SessionPlugin, instead: readonly string[]): Promise<void> {
  const {system} = plugin
  const found = await plugin.version()
  if (found === undefined) {
    throw new RefusedError('A session needs the Session Manager plugin of AWS, and this machine has none.', {
      code: 'NO_PLUGIN',
      suggestions: [...installHints(system), ...instead],
    })
  }
  if (isOlder(found, oldestPlugin)) {
    throw new RefusedError(
      `The Session Manager plugin ${found} is too old: it would show the token of the session to all users of this machine.`,
      {code: 'OLD_PLUGIN', suggestions: [`Install ${oldestPlugin} or newer`, ...installHints(system), ...instead]},
    )
  }
}

/** How Systems Manager names a container of a task. */
export function sessionTarget(cluster: string, task: string, runtimeId = ''): string {
  return `ecs:${cluster}_${task}_${runtimeId}`
}

/** URL of Systems Manager in the caller's region. */
export function sessionEndpoint({partition, region}: CallerIdentity): string {
  return `https://ssm.${region}.${partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`
}

/** Id of a task. */
export function idOf({arn}: RunningTask): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}
