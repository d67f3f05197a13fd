import {createHash} from 'node:crypto'
import {AccessError, NotFoundError} from '../../../src/domain/errors.ts'
import type {ImageTransfer, Manifest, Repositories, RepositoryPlace} from '../../../src/flows/mirror/ports.ts'
import type {Answers} from './answers.ts'
import type {World} from './world.ts'

const host = '111122223333.dkr.ecr.eu-west-1.amazonaws.com'

export function fakeRepositories(world: World): Answers<Repositories> {
  return {
    uri: (name) => (world.repositories.has(name) ? `${host}/${name}` : undefined),
    make(name, {keyArn}) {
      if (!world.repositories.has(name)) world.repositories.set(name, {keyArn})
      return `${host}/${name}`
    },
    remove: (name) => void world.repositories.delete(name),
    login: () => ({url: `https://${host}`, credentials: {username: 'AWS', password: 'token'}}),
  }
}

export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** Registries of the world: what is in a repository, by digest, with the tags that name it. */
export class FakeRegistries implements ImageTransfer {
  readonly blobs = new Map<string, Map<string, number>>()
  readonly manifests = new Map<string, Map<string, Manifest>>()
  /** `copyBlob sha256:...` and the like, of what was written. */
  readonly written: string[] = []
  /** Repositories that want to be logged in to. */
  readonly closed = new Set<string>()
  /** Called before a blob goes over. */
  beforeBlob: () => void = () => undefined

  /** An image of one architecture or of several; gives its digest. */
  add(path: string, tag: string, architectures = 1, mediaType = 'application/vnd.oci.image.manifest.v1+json'): string {
    const inner = Array.from({length: architectures}, (_, index) => {
      const [config, layer] = [
        this.#blob(path, `config ${path} ${tag} ${index}`),
        this.#blob(path, `layer ${path} ${tag}`),
      ]
      return this.#manifest(path, mediaType, {config, layers: [layer]})
    })
    const [only] = inner
    const top =
      architectures === 1 && only !== undefined
        ? only
        : this.#manifest(path, 'application/vnd.oci.image.index.v1+json', {
            manifests: inner.map(({digest, size, mediaType: type}) => ({digest, size, mediaType: type})),
          })
    this.#of(this.manifests, path).set(tag, top)
    return top.digest
  }

  async manifest(place: RepositoryPlace, reference: string): Promise<Manifest> {
    if (this.closed.has(place.path) && place.credentials?.password !== 'token') {
      throw new AccessError(`${place.path} is closed.`, {code: 'REGISTRY_DENIED'})
    }
    const found = this.manifests.get(place.path)?.get(reference)
    if (found === undefined) throw new NotFoundError(`no ${place.path}:${reference}`, {code: 'IMAGE_NOT_FOUND'})
    return found
  }

  async stored({path}: RepositoryPlace, kind: 'blobs' | 'manifests', reference: string): Promise<string | undefined> {
    if (kind === 'manifests') return this.manifests.get(path)?.get(reference)?.digest
    return this.blobs.get(path)?.has(reference) === true ? reference : undefined
  }

  async copyBlob(
    from: RepositoryPlace,
    to: RepositoryPlace,
    {digest, size}: {readonly digest: string; readonly size: number},
    {onBytes}: {readonly onBytes: (count: number) => void},
  ): Promise<void> {
    this.beforeBlob()
    const found = this.blobs.get(from.path)?.get(digest)
    if (found === undefined) throw new NotFoundError(`no ${digest}`, {code: 'IMAGE_NOT_FOUND'})
    onBytes(size)
    this.#of(this.blobs, to.path).set(digest, found)
    this.written.push(`blob ${digest}`)
  }

  async putManifest({path}: RepositoryPlace, reference: string, manifest: Manifest): Promise<void> {
    this.#of(this.manifests, path).set(reference, manifest)
    this.written.push(`manifest ${reference}`)
  }

  #blob(path: string, content: string): {digest: string; size: number; mediaType: string} {
    const made = {digest: digestOf(content), size: content.length, mediaType: 'application/octet-stream'}
    this.#of(this.blobs, path).set(made.digest, made.size)
    return made
  }

  #manifest(path: string, mediaType: string, content: object): Manifest {
    const bytes = new TextEncoder().encode(JSON.stringify({schemaVersion: 2, mediaType, ...content}))
    const made = {bytes, mediaType, digest: digestOf(bytes), size: bytes.byteLength}
    this.#of(this.manifests, path).set(made.digest, made)
    return made
  }

  #of<T>(all: Map<string, Map<string, T>>, path: string): Map<string, T> {
    const found = all.get(path) ?? new Map<string, T>()
    all.set(path, found)
    return found
  }
}
