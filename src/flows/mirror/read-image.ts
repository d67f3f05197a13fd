import * as z from 'zod'
import {FailedError, RefusedError} from '../../domain/errors.ts'
import type {Descriptor, ImageTransfer, Manifest, RepositoryPlace} from './ports.ts'

const descriptor = z.object({mediaType: z.string(), digest: z.string(), size: z.number().int().nonnegative()})
const index = z.object({manifests: z.array(descriptor)})
const image = z.object({config: descriptor, layers: z.array(descriptor)})

const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
const imageTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** An image with everything that it is made of. */
export interface WholeImage {
  /** As its tag names it. */
  readonly top: Manifest
  /** Those that the top one lists, which must be there before it. */
  readonly inner: readonly Manifest[]
  /** Configurations and layers, each once. */
  readonly blobs: readonly Descriptor[]
}

/**
 * Reads the manifests of an image: the one of a tag or digest, and those of all its architectures.
 * @throws what reading throws; RefusedError UNSUPPORTED_IMAGE; FailedError WRONG_MANIFEST
 */
export async function readImage(
  transfer: ImageTransfer,
  place: RepositoryPlace,
  reference: string,
): Promise<WholeImage> {
  const top = await transfer.manifest(place, reference)
  if (!indexTypes.includes(top.mediaType)) return {top, inner: [], blobs: blobsOf(place, [top])}
  const inner: Manifest[] = []
  for (const {digest} of parsed(index, top, place).manifests) inner.push(await transfer.manifest(place, digest))
  return {top, inner, blobs: blobsOf(place, inner)}
}

function blobsOf(place: RepositoryPlace, manifests: readonly Manifest[]): readonly Descriptor[] {
  const all = manifests.flatMap((manifest) => {
    if (!imageTypes.includes(manifest.mediaType)) {
      throw new RefusedError(
        `${place.path} is of a kind that is not copied: ${manifest.mediaType === '' ? 'without a media type' : manifest.mediaType}.`,
        {
          code: 'UNSUPPORTED_IMAGE',
          suggestions: ['Have it built again as an OCI image, or by a Docker of this decade'],
        },
      )
    }
    const {config, layers} = parsed(image, manifest, place)
    return [config, ...layers]
  })
  return [...new Map(all.map((one) => [one.digest, one])).values()]
}

function parsed<T>(schema: z.ZodType<T>, {bytes, digest}: Manifest, {path}: RepositoryPlace): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new FailedError(`${path} has a manifest that cannot be read: ${digest}.`, {code: 'WRONG_MANIFEST', cause})
  }
}
