import {RefusedError, PiError} from '../../domain/errors.ts'
import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {resourcesOf} from '../../domain/datasheet/resources.ts'
import {addressOf, imagesOf, isOfEcr} from '../../domain/images.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {registryLogin} from '../../domain/parameters.ts'
import {type ImageMove, imageMove} from '../../domain/upgrade.ts'
import {parsedTemplates, type TemplateSet} from '../deploy/templates.ts'
import type {Report} from '../events.ts'
import type {Ports, RunningImage} from '../ports.ts'
import {type Login, loginOf, ownMachine} from '../preflight/rows/registry.ts'

export type ImagePorts = Pick<Ports, 'containers' | 'imageRegistry' | 'secrets'>

export interface ImageQuestion {
  readonly environment: EnvironmentName
  /** With the tag to go to. */
  readonly configuration: EnvironmentConfiguration
  readonly templates: TemplateSet
  readonly outputs: Readonly<Record<string, string>>
  /** The embedded AWS makes images up: only those of this machine's registries are asked for. */
  readonly embedded: boolean
}

/**
 * The images that the app would run, beside those that it runs now, each by the digest that its registry tells.
 * @throws RefusedError TAG_NOT_FOUND where a registry has no such image, before anything was changed
 */
export async function imageMoves(
  ports: ImagePorts,
  question: ImageQuestion,
  report: Report,
): Promise<readonly ImageMove[]> {
  const {environment, configuration, templates, outputs} = question
  const cluster = outputs['ClusterName']
  const running = cluster === undefined ? [] : await ports.containers.images(cluster)
  const wanted = imagesOf(resourcesOf(environment, configuration, parsedTemplates(templates.files))).filter(
    ({part}) => part === 'app',
  )
  const login = await storedLogin(ports, outputs['RegistrySecretArn'])
  const rows = await Promise.all(
    wanted.map(async ({reference, login: withLogin}) => {
      const {repository} = addressOf(reference)
      const digest = isAskable(reference, question)
        ? await digestOf(ports, reference, withLogin ? login : undefined, report)
        : undefined
      return {
        missing: digest === 'missing' ? reference : undefined,
        move: imageMove(repository, runningOf(running, repository), {
          reference,
          ...(digest === undefined || digest === 'missing' ? digestIn(reference) : {digest}),
        }),
      }
    }),
  )
  const missing = rows.flatMap(({missing: reference}) => reference ?? [])
  if (missing.length > 0) {
    throw new RefusedError(
      `The registry has no ${missing.join(', no ')}, or the credentials may not see it. Nothing was changed.`,
      {
        code: 'TAG_NOT_FOUND',
        suggestions: [
          'Name a tag that exists: --tag TAG',
          `pi-aws registry login ${environment} --username NAME --password-file token.txt`,
        ],
      },
    )
  }
  return rows.map(({move}) => move)
}

/** What a reference says of itself, as those of a mirror do. */
function digestIn(reference: string): {readonly digest?: string} {
  const {tag} = addressOf(reference)
  return tag.startsWith('sha256:') ? {digest: tag} : {}
}

/** Whether anybody but a task can ask for it: images of ECR are pulled by the task's role. */
function isAskable(reference: string, {configuration, embedded}: ImageQuestion): boolean {
  if (embedded) return ownMachine.test(reference)
  return !isOfEcr(reference) && registryLogin(configuration) !== 'role'
}

async function storedLogin({secrets}: ImagePorts, arn: string | undefined): Promise<Login | undefined> {
  return arn === undefined ? undefined : loginOf((await secrets.value(arn)) ?? '')
}

/** A registry that cannot be asked leaves the digest unknown: the preflight of the deploy says more of it. */
async function digestOf(
  {imageRegistry}: ImagePorts,
  reference: string,
  credentials: Login | undefined,
  report: Report,
): Promise<string | undefined> {
  try {
    const request = {...addressOf(reference), ...(credentials === undefined ? {} : {credentials})}
    const answer = await imageRegistry.manifest(request)
    return answer.found ? answer.digest : 'missing'
  } catch (error) {
    if (!(error instanceof PiError)) throw error
    report({type: 'warning', code: 'DIGEST_UNKNOWN', message: `${reference}: ${error.message}`})
    return undefined
  }
}

function runningOf(running: readonly RunningImage[], repository: string): ImageMove['from'] {
  const found = running.find(({image}) => addressOf(image).repository === repository)
  if (found === undefined) return undefined
  return {reference: found.image, ...(found.digest === '' ? {} : {digest: found.digest})}
}
