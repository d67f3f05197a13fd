import {RefusedError} from '../../domain/errors.ts'
import type {Run} from '../run.ts'
import type {ImageTransfer, RepositoryPlace} from './ports.ts'
import type {WholeImage} from './read-image.ts'

/** What of an image a registry lacks. */
export interface Missing {
  readonly blobs: WholeImage['blobs']
  /** In the order in which they must be put: what lists others comes last. */
  readonly manifests: readonly WholeImage['top'][]
  /** Whether the tag has to be set. */
  readonly tag: boolean
}

/**
 * Looks what is there already. What has its manifest is whole: that is put last.
 * @param tag undefined where the image is named by its digest alone
 * @throws RefusedError TAG_MOVED
 */
export async function missingOf(
  transfer: ImageTransfer,
  to: RepositoryPlace,
  {top, inner, blobs}: WholeImage,
  tag: string | undefined,
): Promise<Missing> {
  const tagged = tag === undefined ? top.digest : await transfer.stored(to, 'manifests', tag)
  if (tagged !== undefined && tagged !== top.digest) {
    throw new RefusedError(
      `${to.path}:${tag} is mirrored as ${tagged}, and its registry now calls ${top.digest} so. Tags of a mirror do not move; nothing was changed.`,
      {
        code: 'TAG_MOVED',
        suggestions: [`aws ecr batch-delete-image --repository-name ${to.path} --image-ids imageTag=${tag}`],
      },
    )
  }
  const whole = (await transfer.stored(to, 'manifests', top.digest)) !== undefined
  if (whole) return {blobs: [], manifests: [], tag: tag !== undefined && tagged === undefined}
  const lacks = async <T extends {readonly digest: string}>(kind: 'blobs' | 'manifests', all: readonly T[]) => {
    const found: T[] = []
    for (const one of all) if ((await transfer.stored(to, kind, one.digest)) === undefined) found.push(one)
    return found
  }
  const manifests = [...(await lacks('manifests', inner)), top]
  return {blobs: await lacks('blobs', blobs), manifests, tag: tag !== undefined}
}

/** Brings what is missing, blobs before the manifests that name them. Broken off, the next run goes on behind what came over. */
export async function copyImage(
  transfer: ImageTransfer,
  places: {readonly from: RepositoryPlace; readonly to: RepositoryPlace},
  {missing, image, tag}: {readonly missing: Missing; readonly image: WholeImage; readonly tag: string | undefined},
  {
    pause,
    onBytes,
    onBlob,
  }: {readonly pause: Run['pause']; readonly onBytes: (count: number) => void; readonly onBlob: () => void},
): Promise<void> {
  const {from, to} = places
  for (const blob of missing.blobs) {
    pause.throwIfAborted()
    await transfer.copyBlob(from, to, blob, {onBytes, signal: pause})
    onBlob()
  }
  for (const manifest of missing.manifests) await transfer.putManifest(to, manifest.digest, manifest)
  if (missing.tag && tag !== undefined) await transfer.putManifest(to, tag, image.top)
}
