import {ofType, propertyAt} from './datasheet/read.ts'
import {UsageError} from './errors.ts'
import type {ExpandedResource} from './expansion.ts'
import {listOf, textOf} from './expression.ts'
import type {Part} from './parts.ts'

/** An image that a task of the environment pulls. */
export interface PulledImage {
  /** As the task definition has it. */
  readonly reference: string
  readonly part: Part
  /** True where the tasks log in with the registry's secret. */
  readonly login: boolean
}

/** Where a registry keeps an image. */
export interface ImageAddress {
  /** Host, and the path before the last name. */
  readonly registry: string
  readonly repository: string
  /** A tag, or a digest. */
  readonly tag: string
}

/** Every image that task definitions name, each once. */
export function imagesOf(resources: readonly ExpandedResource[]): readonly PulledImage[] {
  const images = ofType(resources, 'ECS::TaskDefinition').flatMap(({part, properties}) =>
    listOf(properties['ContainerDefinitions']).map((container): PulledImage => {
      const login = propertyAt(container, 'RepositoryCredentials', 'CredentialsParameter')
      return {reference: textOf(propertyAt(container, 'Image')), part, login: textOf(login) !== ''}
    }),
  )
  return [...new Map(images.filter(({reference}) => reference !== '').map((one) => [one.reference, one])).values()]
}

/**
 * Takes a reference apart. Without a registry it is Docker Hub's, without a tag the latest (distribution specification
 * and Docker's own rules).
 */
export function addressOf(reference: string): ImageAddress {
  const [, name = '', tag = 'latest'] = /^(.*?)(?:@(sha256:[0-9a-f]+))?$/.exec(reference) ?? []
  const colon = name.lastIndexOf(':')
  const tagged = colon > name.lastIndexOf('/')
  const path = (tagged ? name.slice(0, colon) : name).split('/')
  const hosted = path.length > 1 && (/[.:]/.test(path[0] ?? '') || path[0] === 'localhost')
  const whole = hosted ? path : ['registry-1.docker.io', ...(path.length > 1 ? [] : ['library']), ...path]
  return {
    registry: whole.slice(0, -1).join('/'),
    repository: whole.at(-1) ?? '',
    tag: reference.includes('@sha256:') || !tagged ? tag : name.slice(colon + 1),
  }
}

/** A tag as registries have them (distribution specification). @throws UsageError INVALID_TAG */
export function parseTag(text: string): string {
  if (/^\w[\w.-]{0,127}$/.test(text)) return text
  throw new UsageError(`Invalid tag: "${text.slice(0, 40)}" is none that an image can have.`, {
    code: 'INVALID_TAG',
    suggestions: ['Tags look like 2026_10'],
  })
}

/** True for a registry of ECR, whose images tasks pull by their role. */
export function isOfEcr(reference: string): boolean {
  return /^\d{12}\.dkr\.ecr(-fips)?\./.test(reference)
}

/** True where a login of ECR may be shown: the host is AWS's own, whatever else a reference makes of its name. */
export function mayTakeEcrLogin(reference: string): boolean {
  return /^\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//.test(reference)
}
