import type {InitResult} from '../../flows/init/init.ts'
import type {Layout} from './layout.ts'

/** What was written. After questions the wizard leads on itself. */
export function formatInit(asked: boolean): (result: InitResult, layout: Layout) => string {
  return (result, layout) => {
    const {path, environment, region, changed, created, effect, command} = result
    const state = changed ? (created ? 'added' : 'changed') : 'as it was'
    return [
      `${layout.heading(`${environment} in ${path}`).trimEnd()} ${state}\n`,
      layout.keyValues([
        ['Region', region],
        ['Makes', effect],
        ['Again by', command],
      ]),
      layout.nextSteps(
        asked
          ? []
          : [`pi-aws datasheet ${environment}`, `pi-aws preflight ${environment}`, `pi-aws deploy ${environment}`],
      ),
    ]
      .filter((block) => block !== '')
      .join('\n')
  }
}
