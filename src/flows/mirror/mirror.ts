import type {ExpandedResource} from '../../domain/expansion.ts'
import {resourcesOf} from '../../domain/datasheet/resources.ts'
import {RefusedError} from '../../domain/errors.ts'
import {addressOf, imagesOf, isOfEcr, type PulledImage} from '../../domain/images.ts'
import {repositoryOf} from '../../domain/mirror.ts'
import type {Part} from '../../domain/parts.ts'
import {configuredTag, withTag} from '../../domain/upgrade.ts'
import {requireAccount} from '../account.ts'
import {Meter} from '../assets/meter.ts'
import {loadTemplates, parsedTemplates} from '../deploy/templates.ts'
import {mergedOutputs, readLandscape} from '../landscape.ts'
import {loginOf, ownMachine} from '../preflight/rows/registry.ts'
import type {Run} from '../run.ts'
import {copyImage, type Missing, missingOf} from './copy-image.ts'
import {keepMirror, requireWritable} from './keep-mirror.ts'
import type {MirroredImage, MirrorOptions, MirrorPorts, MirrorResult} from './options.ts'
import type {RepositoryPlace} from './ports.ts'
import {readImage, type WholeImage} from './read-image.ts'

/** An image on its way. */
interface Copy {
  readonly reference: string
  readonly name: string
  readonly part: Part
  readonly tag: string | undefined
  readonly from: RepositoryPlace
  /** Repository of ECR. */
  readonly repository: string
  readonly image: WholeImage
  readonly missing: Missing
}

/**
 * Copies the images of a release to ECR of the account, by digest, and has pi-aws.yaml say so.
 * @throws RefusedError WRONG_ACCOUNT, ALREADY_IN_ECR, TAG_MOVED, UNSUPPORTED_IMAGE, CONFIGURATION_UNWRITABLE; what reading
 * and writing images throws
 */
export async function mirrorImages(options: MirrorOptions, ports: MirrorPorts, run: Run): Promise<MirrorResult> {
  const {environment, configuration, dryRun, file} = options
  requireAccount(await ports.identity.caller(), environment, configuration.account)
  const templates = await loadTemplates(ports.packageFiles)
  const {mirror: _mirror, ...images} = configuration.images
  const source = {...configuration, images}
  const usual = configuredTag(environment, source, templates.models.app)
  const tag = options.tag ?? usual
  const resources = resourcesOf(environment, withTag(source, tag), parsedTemplates(templates.files))
  const outputs = mergedOutputs(await readLandscape(ports, environment))
  if (!dryRun && file !== undefined) await requireWritable(ports.mirrorFiles, file)
  const target = await ports.repositories.login()
  const copies = await lookAt(options, resources, {tag, registrySecret: outputs['RegistrySecretArn'], target}, ports)
  const rows = copies.map(rowOf)
  const bytesSent = rows.reduce((sum, row) => sum + row.bytesSent, 0)
  const head = {environment, tag, images: rows, bytesSent, ...(file === undefined ? {} : {file})}
  if (dryRun) return {...head, state: 'planned'}
  const meter = new Meter(ports.clock, run.report, {
    files: copies.reduce((sum, {missing}) => sum + missing.blobs.length, 0),
    bytes: bytesSent,
  })
  let registry = ''
  for (const copy of copies) {
    run.pause.throwIfAborted()
    const how = {keyArn: outputs['KeyArn'], tags: {...configuration.tags, 'pi:environment': environment}}
    const uri = await ports.repositories.make(copy.repository, how)
    registry = uri.slice(0, uri.lastIndexOf('/'))
    const to = {...target, path: copy.repository}
    run.report({type: 'note', message: `${copy.reference}: ${copy.missing.blobs.length} layers to send`})
    await copyImage(ports.imageTransfer, {from: copy.from, to}, copy, {
      pause: run.pause,
      onBytes: (count) => meter.bytes(count),
      onBlob: () => meter.file(),
    })
  }
  const kept =
    file !== undefined &&
    (await keepMirror(ports.mirrorFiles, file, environment, {
      ...{registry, tag, usual},
      images: copies.map(({reference, name, part, image}) => ({reference, name, part, digest: image.top.digest})),
    }))
  const nothing = rows.every(({sent}) => sent === 0) && !kept
  return {...head, registry, state: nothing ? 'unchanged' : 'mirrored'}
}

async function lookAt(
  {environment, embedded}: MirrorOptions,
  resources: readonly ExpandedResource[],
  known: {
    readonly tag: string
    readonly registrySecret: string | undefined
    readonly target: Omit<RepositoryPlace, 'path'>
  },
  {imageTransfer, repositories, secrets}: MirrorPorts,
): Promise<readonly Copy[]> {
  const {registrySecret, target} = known
  const login = registrySecret === undefined ? undefined : loginOf((await secrets.value(registrySecret)) ?? '')
  const copies: Copy[] = []
  for (const {reference, part, login: withLogin} of pulledImages(resources, embedded)) {
    if (isOfEcr(reference)) {
      throw new RefusedError(`${reference} is in ECR already: there is nothing to mirror.`, {
        code: 'ALREADY_IN_ECR',
        suggestions: [`pi-aws config show ${environment}`],
      })
    }
    const {registry, repository: name, tag} = addressOf(reference)
    const [host = '', ...path] = registry.split('/')
    const credentials = withLogin && login !== undefined ? {credentials: login} : {}
    const url = `${ownMachine.test(host) ? 'http' : 'https'}://${host}`
    const from = {url, path: [...path, name].join('/'), ...credentials}
    const image = await readImage(imageTransfer, from, tag)
    const repository = repositoryOf(environment, name)
    const named = tag.startsWith('sha256:') ? undefined : tag
    const there = (await repositories.uri(repository)) !== undefined
    const missing = there
      ? await missingOf(imageTransfer, {...target, path: repository}, image, named)
      : {blobs: image.blobs, manifests: [...image.inner, image.top], tag: named !== undefined}
    copies.push({reference, name, part, tag: named, from, repository, image, missing})
  }
  return copies
}

/** The embedded AWS makes images up: what is on this machine is all that there is to copy. */
function pulledImages(resources: readonly ExpandedResource[], embedded: boolean): readonly PulledImage[] {
  const all = imagesOf(resources)
  if (!embedded) return all
  const found = all.filter(({reference}) => ownMachine.test(reference))
  if (found.some(({part}) => part === 'app')) return found
  throw new RefusedError('The embedded AWS makes the images of the platform up: there is nothing to mirror.', {
    code: 'NO_REAL_IMAGES',
    suggestions: ['Set images.registry to a registry of this machine, such as 127.0.0.1:5000/pi-cr'],
  })
}

function rowOf({reference, repository, image, missing}: Copy): MirroredImage {
  const all = [...image.blobs, ...image.inner, image.top]
  const sent = [...missing.blobs, ...missing.manifests]
  const bytes = (some: readonly {readonly size: number}[]): number => some.reduce((sum, {size}) => sum + size, 0)
  return {
    from: reference,
    ...{repository, digest: image.top.digest, bytes: bytes(all), bytesSent: bytes(missing.blobs)},
    ...{present: all.length - sent.length, sent: sent.length},
  }
}
