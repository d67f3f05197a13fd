import {RefusedError} from '../../domain/errors.ts'
import {requireName} from '../confirm.ts'
import type {Report} from '../events.ts'
import type {Landscape} from '../landscape.ts'
import {meaningOfSkip, stuckIn} from '../stack/stuck-resources.ts'
import type {DeployOptions, DeployPorts} from './options.ts'

/**
 * Shows what leaving resources out of a rollback means, and has the environment's name typed, before anything begins.
 * @throws RefusedError NOT_STUCK for what no failed rollback hangs on; as `requireName`
 */
export async function agreeOnSkips(
  {environment, skipped, resume}: DeployOptions,
  {stacks, ask}: DeployPorts,
  landscape: Landscape,
  report: Report,
): Promise<void> {
  // What is resumed was agreed on when it was begun.
  if (skipped === undefined || skipped.resources.length === 0 || resume !== undefined) return
  const failed = landscape.stacks.filter(({status}) => status === 'UPDATE_ROLLBACK_FAILED')
  const stuck = (
    await Promise.all(
      failed.map(async (stack) => (await stuckIn(stacks, stack)).map((one) => ({...one, stack: stack.name}))),
    )
  ).flat()
  const others = skipped.resources.filter((wanted) => !stuck.some(({name}) => name === wanted))
  if (others.length > 0) {
    throw new RefusedError(
      `Only what a failed rollback hangs on can be skipped, and ${others.join(', ')} is not such a resource. Nothing was changed.`,
      {
        code: 'NOT_STUCK',
        suggestions: [
          ...stuck.map(({name, reason}) => `--skip-resource ${name} (${reason})`),
          `pi-aws diagnose ${environment}`,
        ],
      },
    )
  }
  const chosen = stuck.filter(({name}) => skipped.resources.includes(name))
  for (const one of chosen) report({type: 'warning', code: 'ROLLBACK_SKIPS', message: meaningOfSkip(one.stack, one)})
  if (skipped.confirmed) return
  const names = chosen.map(({name}) => name).join(', ')
  const question = `This takes the rollback for done without ${names}, which stays as the failed update left it.`
  await requireName(ask, environment, skipped.confirm, {flag: '--confirm', question})
}
