import * as z from 'zod'
import {RefusedError} from './errors.ts'
import {addressOf} from './images.ts'

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be a digest: sha256: and 64 hex digits')

/** The images that tasks of every release are made of. */
const release = z.strictObject({
  server: digest.describe('What dashboard and seed task run'),
  renderer: digest.describe('What the renderer runs'),
  scheduler: digest.describe('What the scheduler runs'),
  pirana: digest.describe('What pirana runs'),
})

export const releaseImages = ['server', 'renderer', 'scheduler', 'pirana'] as const

const other = z
  .strictObject({
    from: z.string().describe('The image that it is a copy of'),
    digest: digest.describe('What it is'),
  })
  .optional()

/** Template parameters that name a whole image, beside the platform's own. */
export const otherImages = ['AdminerImage', 'CheckImage'] as const

/** `images.mirror`: what `registry mirror` copied, and where to. */
export const mirrorSchema = z.strictObject({
  registry: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, 'must be a registry and path without a tag')
    .describe('ECR of the account, and the path before the names of images'),
  releases: z.record(z.string(), release).describe('Release of the platform: digest of each of its images').default({}),
  others: z
    .strictObject({
      AdminerImage: other.describe('What adminer runs'),
      CheckImage: other.describe('What the check of the database runs'),
    })
    .describe('Images that are not of the platform, by the parameter that names them')
    .default({}),
})
export type Mirror = z.infer<typeof mirrorSchema>

/** The repositories of ECR into which `registry mirror` copies images of a name. */
export function repositoryOf(environment: string, name: string): string {
  return `pi-${environment}/${name}`
}

/** The repositories of ECR that hold a mirror, sorted; none without one. */
export function repositoriesOf(environment: string, mirror: Mirror | undefined): readonly string[] {
  if (mirror === undefined) return []
  const releases = Object.keys(mirror.releases).length === 0 ? [] : releaseImages
  const others = Object.values(mirror.others).flatMap((copy) =>
    copy === undefined ? [] : [addressOf(copy.from).repository],
  )
  return [...new Set([...releases, ...others])].sort().map((name) => repositoryOf(environment, name))
}

/**
 * The parameters that have tasks pull from a mirror, by digest.
 * @param values everything that is configured besides; an image of one's own choice that was not mirrored is left
 * @throws RefusedError MIRROR_WITHOUT_RELEASE
 */
export function mirroredParameters(
  environment: string,
  mirror: Mirror,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const {ImageTag: tag} = values
  const found = tag === undefined ? undefined : mirror.releases[tag]
  if (found === undefined) {
    const which = tag === undefined ? 'what images.tag does not name' : `release ${tag}`
    throw new RefusedError(`The mirror of ${environment} does not hold ${which}. Nothing was changed.`, {
      code: 'MIRROR_WITHOUT_RELEASE',
      suggestions: [`pi-aws registry mirror ${environment}${tag === undefined ? '' : ` --tag ${tag}`}`],
    })
  }
  const others = otherImages.flatMap((name): readonly (readonly [string, string])[] => {
    const copy = mirror.others[name]
    if (copy === undefined || (values[name] !== undefined && values[name] !== copy.from)) return []
    return [[name, `${mirror.registry}/${addressOf(copy.from).repository}@${copy.digest}`]]
  })
  return {
    ImageRegistry: mirror.registry,
    RegistryLogin: 'role',
    ServerDigest: found.server,
    RendererDigest: found.renderer,
    SchedulerDigest: found.scheduler,
    PiranaDigest: found.pirana,
    ...Object.fromEntries(others),
  }
}
