import type {InitResult} from '../../flows/init/init.ts'
import type {GivenSecret, SecretStanding} from '../../flows/init/secrets.ts'
import {formatDuration, type Layout} from './layout.ts'

const names: Readonly<Record<GivenSecret, string>> = {licence: 'Licence', registry: 'Credentials of the image registry'}
/** Without the environment, which stands behind. */
const commands: Readonly<Record<GivenSecret, string>> = {licence: 'licence set', registry: 'registry login'}

/** From two days on nobody counts hours. */
function aged(ms: number): string {
  const days = Math.floor(ms / 86_400_000)
  return days < 2 ? formatDuration(ms) : `${days} days`
}

/** How a secret stands, in one line; never what it is. */
export function secretLine(standing: SecretStanding, environment: string, now: Date): string {
  const {secret, state, changedAt, reason} = standing
  if (state === 'written') return `${names[secret]}: written to Secrets Manager.`
  if (state === 'later') {
    const why = reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`
    return `${names[secret]}: later, by deploy or by pi-aws ${commands[secret]} ${environment}${why}.`
  }
  const age = changedAt === undefined ? '' : `, changed ${aged(now.getTime() - Date.parse(changedAt))} ago`
  return `${names[secret]}: in Secrets Manager${age}; pi-aws secret rotate ${secret} changes it.`
}

/** How `init` was run, as far as its page tells. */
export interface InitManner {
  /** After questions the wizard leads on itself. */
  readonly asked: boolean
  readonly dryRun: boolean
}

/** What was written, or would be. */
export function formatInit({asked, dryRun}: InitManner, now: Date): (result: InitResult, layout: Layout) => string {
  return (result, layout) => {
    const {path, environment, region, changed, created, effect, command, secrets = []} = result
    const state = dryRun ? 'not written' : changed ? (created ? 'added' : 'changed') : 'as it was'
    return [
      `${layout.heading(`${environment} in ${path}`).trimEnd()} ${state}\n`,
      layout.keyValues([
        ['Region', region],
        ['Makes', effect],
        ['Again by', command],
      ]),
      secrets.map((standing) => `${secretLine(standing, environment, now)}\n`).join(''),
      layout.nextSteps(
        asked || dryRun
          ? []
          : [`pi-aws datasheet ${environment}`, `pi-aws preflight ${environment}`, `pi-aws deploy ${environment}`],
      ),
    ]
      .filter((block) => block !== '')
      .join('\n')
  }
}
