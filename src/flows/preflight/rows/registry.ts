import {type Answer, fail, ok, skip, unknown, type Verdict} from '../../../domain/checks.ts'
import {resourcesOf} from '../../../domain/datasheet/resources.ts'
import {PiError} from '../../../domain/errors.ts'
import {addressOf, imagesOf, isOfEcr, mayTakeEcrLogin, type PulledImage} from '../../../domain/images.ts'
import {configuredParameters, registryLogin} from '../../../domain/parameters.ts'
import {parsedTemplates} from '../../deploy/templates.ts'
import {type CheckRow, isWanted, type PreflightContext, type PreflightOptions} from '../context.ts'
import type {ImageAnswer, ImageRequest} from '../ports.ts'
import {notGiven, storedValue} from './given.ts'

/** A registry on the loopback. */
export const ownMachine = /^(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/

export type Login = NonNullable<ImageRequest['credentials']>

/** User name and password of the registry's secret; undefined where it does not hold both. */
export function loginOf(text: string): Login | undefined {
  try {
    const {username, password} = JSON.parse(text) as Partial<Login>
    return username === undefined || password === undefined ? undefined : {username, password}
  } catch {
    return undefined
  }
}

/** Images of the parts that will be deployed, without those that the embedded AWS only makes up. */
function wantedImages({options, templates}: PreflightContext): readonly PulledImage[] {
  const {environment, configuration} = options
  return imagesOf(resourcesOf(environment, configuration, parsedTemplates(templates.files)))
    .filter(({part}) => isWanted(options, part))
    .filter(({reference}) => !options.embedded || ownMachine.test(reference))
}

/** True for what tasks pull by their role, which nobody else can borrow. */
function byRole({options, templates}: PreflightContext): (image: PulledImage) => boolean {
  const {environment, configuration} = options
  const fallback = templates.models.app.Parameters['ImageRegistry']?.Default
  const path = configuredParameters(environment, configuration)['ImageRegistry'] ?? String(fallback ?? '')
  const role = registryLogin(configuration) === 'role'
  return ({reference}) => isOfEcr(reference) || (role && reference.startsWith(`${path}/`))
}

interface Asked {
  readonly image: PulledImage
  readonly answer: ImageAnswer | {readonly failure: string; readonly next: readonly string[]}
}

async function manifestOf(image: PulledImage, {ports}: PreflightContext, login: Login | undefined): Promise<Asked> {
  try {
    const request = {...addressOf(image.reference), ...(image.login && login !== undefined ? {credentials: login} : {})}
    return {image, answer: await ports.imageRegistry.manifest(request)}
  } catch (error) {
    if (!(error instanceof PiError)) throw error
    return {image, answer: {failure: error.message, next: error.suggestions}}
  }
}

/** Why an image cannot be pulled; undefined where it can, or where nobody could tell. */
function refusal({image, answer}: Asked, again: string): {readonly why: string; readonly next: string} | undefined {
  const {reference, login} = image
  if ('failure' in answer || answer.found) return undefined
  if (answer.why === 'missing') {
    const eyes = login ? 'these credentials may not see it' : 'one must log in to see it'
    return {
      why: `${reference} does not exist there, or ${eyes}`,
      next: login ? 'Set images.tag to a tag that exists' : 'Set the parameter of that image to one that exists',
    }
  }
  return login
    ? {why: `the registry refuses the credentials for ${reference} (HTTP ${answer.status})`, next: again}
    : {
        why: `the registry gives ${reference} to nobody without credentials (HTTP ${answer.status})`,
        next: 'Set the parameter of that image to a public one, or to one of ECR',
      }
}

function told(all: readonly Asked[], again: string): Answer {
  const refused = all.flatMap((one) => refusal(one, again) ?? [])
  if (refused.length > 0) return fail(refused.map(({why}) => why).join('; '), ...new Set(refused.map(({next}) => next)))
  const open = all.flatMap(({answer}) => ('failure' in answer ? [answer] : []))
  if (open.length > 0)
    return unknown(
      [...new Set(open.map(({failure}) => failure.replace(/\.$/, '')))].join('; '),
      ...new Set(open.flatMap(({next}) => next)),
    )
  return ok(`${all.map(({image}) => image.reference).join(', ')} can be pulled`)
}

/** Asks for the manifest of every image that tasks will pull, with the very credentials that they will use. */
export const registry: CheckRow = {
  name: 'registry',
  what: 'every image of the tasks can be pulled with the credentials that they use',
  async run(context) {
    const images = wantedImages(context)
    if (images.length === 0)
      return skip(context.options.embedded ? 'the embedded AWS pulls no image' : 'no task is started')
    const isByRole = byRole(context)
    const [answer, ofRole] = await Promise.all([
      withLogin(
        images.filter((image) => !isByRole(image)),
        context,
      ),
      withRole(images.filter(isByRole), context),
    ])
    return both(answer, ofRole)
  },
}

/** Those that tasks pull openly, or with the registry's secret; undefined where there are none. */
async function withLogin(asked: readonly PulledImage[], context: PreflightContext): Promise<Answer | undefined> {
  const {options} = context
  const {environment} = options
  if (asked.length === 0) return undefined
  const ask = async (some: readonly PulledImage[], login?: Login): Promise<Answer> =>
    told(await Promise.all(some.map((image) => manifestOf(image, context, login))), again)
  const again = `pi-aws registry login ${environment} --username NAME --password-file token.txt`
  const open = asked.filter(({login}) => !login)
  if (open.length === asked.length) return ask(open)
  const stored = options.secrets.registry === undefined ? await storedValue(context, 'RegistrySecretArn') : undefined
  const credentials = options.secrets.registry ?? loginOf(stored ?? '')
  if (credentials !== undefined) return ask(asked, credentials)
  if (stored !== undefined) return fail('its secret does not hold a user name and a password', again)
  const others = await ask(open)
  if (others.verdict === 'FAIL') return others
  const flags = '--registry-username NAME --registry-password-file token.txt'
  return notGiven(context, 'login of the image registry', flags)
}

/**
 * Those that tasks pull by their role from ECR, looked for with the caller's own login: what a mirror lost is missing for the
 * role too, and what the caller may not see says nothing of the role. Undefined where there are none.
 */
async function withRole(images: readonly PulledImage[], context: PreflightContext): Promise<Answer | undefined> {
  if (images.length === 0) return undefined
  const {ports, options} = context
  const seen = images.filter(({reference}) => mayTakeEcrLogin(reference))
  if (seen.length === 0 || options.embedded) return skip('tasks log in by their role')
  try {
    const {credentials} = await ports.repositories.login()
    const all = await Promise.all(seen.map((image) => manifestOf({...image, login: true}, context, credentials)))
    const missing = all.filter(({answer}) => 'found' in answer && !answer.found && answer.why === 'missing')
    const lost = missing.filter((one) => isMirrored(one, options))
    if (lost.length > 0) return fail(`ECR does not have ${listed(lost)}`, toMirror(options))
    // A cache of ECR fills itself when somebody pulls who may; a repository does not.
    if (missing.length > 0)
      return unknown(`ECR does not have ${listed(missing)} yet`, 'Push it there, unless a pull-through cache brings it')
    const denied = all.filter(({answer}) => 'found' in answer && !answer.found)
    if (denied.length > 0) return unknown(`ECR does not show you ${listed(denied)}, which tasks pull by their role`)
    const failed = all.flatMap(({answer}) => ('failure' in answer ? [answer] : []))
    if (failed.length === 0) return ok(`ECR has ${listed(all)}`)
    return unknown(
      [...new Set(failed.map(({failure}) => failure))].join('; '),
      ...new Set(failed.flatMap(({next}) => next)),
    )
  } catch (error) {
    if (!(error instanceof PiError)) throw error
    return unknown(`nobody looked into ECR: ${error.message.replace(/\.$/, '')}`, ...error.suggestions)
  }
}

function listed(all: readonly Asked[]): string {
  return all.map(({image}) => image.reference).join(', ')
}

/** Whether `registry mirror` brought it: nothing else does. */
function isMirrored({image}: Asked, {configuration}: PreflightOptions): boolean {
  const {mirror} = configuration.images
  return mirror !== undefined && image.reference.startsWith(`${mirror.registry}/`)
}

function toMirror({environment, configuration}: PreflightOptions): string {
  const {tag} = configuration.images
  return `pi-aws registry mirror ${environment}${tag === undefined ? '' : ` --tag ${tag}`}`
}

const gravity: readonly Verdict[] = ['FAIL', 'WARN', 'UNKNOWN', 'OK', 'SKIP']

/** The graver of two answers, and the words of both where they are of the same gravity. */
function both(one: Answer | undefined, other: Answer | undefined): Answer {
  if (one === undefined || other === undefined) return one ?? other ?? skip('no task is started')
  if (one.verdict !== other.verdict) return gravity.indexOf(one.verdict) < gravity.indexOf(other.verdict) ? one : other
  return {...one, reason: `${one.reason}; ${other.reason}`, next: [...new Set([...one.next, ...other.next])]}
}
