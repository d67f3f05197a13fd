import type {Check} from '../../domain/checks.ts'
import type {Layout} from './layout.ts'

/** Every answer that is not yes, in full: a table that is cut to the terminal would hide why. */
export function answersInFull(checks: readonly Pick<Check, 'name' | 'verdict' | 'reason'>[], layout: Layout): string {
  return layout.bulletList(
    checks
      .filter(({verdict}) => verdict !== 'OK' && verdict !== 'SKIP')
      .map(({name, verdict, reason}) => `${verdict} ${name}: ${reason}`),
  )
}
