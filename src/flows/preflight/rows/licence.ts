import {skip} from '../../../domain/checks.ts'
import {checkLicence} from '../../../domain/preflight/licence.ts'
import {type CheckRow, isWanted} from '../context.ts'
import {notGiven, storedValue} from './given.ts'

/** As it was given or as it is stored: one line, not empty, not over. */
export const licence: CheckRow = {
  name: 'licence',
  what: 'the licence can be read, is one line and has not expired where it says so',
  async run(context) {
    const {ports, options} = context
    if (!isWanted(options, 'app')) return skip('no task is started')
    const text = options.secrets.licence ?? (await storedValue(context, 'LicenceSecretArn'))
    if (text === undefined) return notGiven(context, 'licence', '--licence-file licence.txt')
    const answer = checkLicence(text, ports.clock.now())
    return {...answer, next: answer.next.map((step) => step.replace('ENVIRONMENT', options.environment))}
  },
}
