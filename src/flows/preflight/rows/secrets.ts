import {type Answer, fail, ok, skip, warn} from '../../../domain/checks.ts'
import {configuredParameters, registryLogin} from '../../../domain/parameters.ts'
import {checkLicence} from '../../../domain/preflight/licence.ts'
import {mergedOutputs} from '../../landscape.ts'
import {type CheckRow, isWanted, type PreflightContext} from '../context.ts'

/** A secret's value: what was handed over, else what its secret holds. */
async function storedValue({ports, landscape}: PreflightContext, output: string): Promise<string | undefined> {
  const arn = mergedOutputs(landscape)[output]
  return arn === undefined ? undefined : ports.secrets.value(arn)
}

function notGiven({options, ports}: PreflightContext, what: string, flags: string): Answer {
  if (options.embedded) return skip('the embedded AWS takes a made-up one')
  return ports.ask.possible
    ? skip(`deploy asks for ${what}`)
    : warn(`there is no ${what} yet, and deploy wants one`, `pi-aws deploy ${options.environment} ${flags}`)
}

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

/** A registry on the loopback. */
const ownMachine = /^(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/

interface Login {
  readonly username: string
  readonly password: string
}

function loginOf(text: string): Login | undefined {
  try {
    const {username, password} = JSON.parse(text) as Partial<Login>
    return username === undefined || password === undefined ? undefined : {username, password}
  } catch {
    return undefined
  }
}

/** Asks for the manifest of the dashboard's image with the very credentials that tasks will use. */
export const registry: CheckRow = {
  name: 'registry',
  what: 'the registry credentials pull the image of the dashboard',
  async run(context) {
    const {ports, options, templates} = context
    const {configuration, environment} = options
    if (!isWanted(options, 'app')) return skip('no task is started')
    if (registryLogin(configuration) === 'role') return skip('tasks log in by their role')
    const flags = '--registry-username NAME --registry-password-file token.txt'
    const values = configuredParameters(environment, configuration)
    const path = values['ImageRegistry'] ?? String(templates.models.app.Parameters['ImageRegistry']?.Default ?? '')
    const tag = values['ImageTag'] ?? String(templates.models.app.Parameters['ImageTag']?.Default ?? '')
    // What is handed to the embedded AWS may be made up, and stays on this machine.
    if (options.embedded && !ownMachine.test(path)) return skip('the embedded AWS pulls no image')
    const stored = options.secrets.registry === undefined ? await storedValue(context, 'RegistrySecretArn') : undefined
    if (options.secrets.registry === undefined && stored === undefined)
      return notGiven(context, 'login of the image registry', flags)
    const credentials = options.secrets.registry ?? loginOf(stored ?? '')
    const again = `pi-aws registry login ${environment} --username NAME --password-file token.txt`
    if (credentials === undefined) return fail('its secret does not hold a user name and a password', again)
    const image = `${path}/server:${tag}`
    const answer = await ports.imageRegistry.manifest({registry: path, repository: 'server', tag, credentials})
    if (answer.found) return ok(`${image} can be pulled`)
    return answer.why === 'missing'
      ? fail(
          `${image} does not exist there, or these credentials may not see it`,
          'Set images.tag to a tag that exists',
        )
      : fail(`the registry refuses the credentials for ${image} (HTTP ${answer.status})`, again)
  },
}
