import type {RotateResult} from '../../flows/rotate/options.ts'
import type {Layout} from './layout.ts'

/** That a secret was changed, never what. */
export function formatRotate(result: RotateResult, layout: Layout): string {
  const {environment, secret, secretArn, state, restarted, effect, before, versionId, opId} = result
  const planned = state === 'planned'
  return [
    layout.heading(
      planned
        ? `Change of the ${secret} secret of ${environment}`
        : `The ${secret} secret of ${environment} is changed`,
    ),
    layout.keyValues([
      ['Secret', secretArn],
      ['Version before', before],
      ['Version now', versionId],
      [planned ? 'To be restarted' : 'Restarted', restarted.length === 0 ? 'nothing' : restarted.join(', ')],
      ['Operation', opId],
    ]),
    ...(planned ? [layout.bulletList([effect])] : []),
    layout.nextSteps([
      planned ? `pi-aws secret rotate ${secret} --environment ${environment}` : `pi-aws status ${environment}`,
    ]),
  ].join('\n')
}
