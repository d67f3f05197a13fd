import {createHash} from 'node:crypto'
import {createServer, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

interface Kept {
  readonly bytes: Buffer
  readonly type: string
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** A registry over HTTP on the loopback interface that really keeps images; it can be told to misbehave. */
export class OciRegistry {
  /** `path/manifests/reference` or `path/blobs/digest` -> content. */
  readonly kept = new Map<string, Kept>()
  /** `METHOD path` of everything that was asked. */
  readonly asked: string[] = []
  /** Answers instead of the registry, where it gives true. */
  instead: (request: string, response: ServerResponse, authorization: string | undefined) => boolean = () => false
  readonly #uploads = new Map<string, Buffer>()
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const line = `${request.method ?? ''} ${(request.url ?? '').replace(/^\/v2\//, '')}`
        this.asked.push(line)
        if (this.instead(line, response, request.headers.authorization)) return
        this.#answer(line, response, Buffer.concat(chunks), request.headers['content-type'] ?? '')
      })
      request.on('error', () => undefined)
    })
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** An image for two architectures with layers of some size; gives the digest of its index. */
  add(path: string, tag: string, layerSize = 100_000): string {
    const manifests = ['amd64', 'arm64'].map((architecture) => {
      const config = this.#blob(path, Buffer.from(JSON.stringify({architecture, os: 'linux', image: `${path}:${tag}`})))
      const layer = this.#blob(path, Buffer.alloc(layerSize, `${path} ${tag} ${architecture}`))
      const type = 'application/vnd.oci.image.manifest.v1+json'
      const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: type, config, layers: [layer]}))
      return {...this.manifest(path, type, bytes), platform: {architecture, os: 'linux'}}
    })
    const type = 'application/vnd.oci.image.index.v1+json'
    const index = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: type, manifests}))
    return this.manifest(path, type, index, tag).digest
  }

  manifest(
    path: string,
    type: string,
    bytes: Buffer,
    tag?: string,
  ): {readonly mediaType: string; readonly digest: string; readonly size: number} {
    const digest = digestOf(bytes)
    for (const name of [digest, ...(tag === undefined ? [] : [tag])])
      this.kept.set(`${path}/manifests/${name}`, {bytes, type})
    return {mediaType: type, digest, size: bytes.byteLength}
  }

  #blob(path: string, bytes: Buffer): object {
    const digest = digestOf(bytes)
    this.kept.set(`${path}/blobs/${digest}`, {bytes, type: 'application/octet-stream'})
    return {mediaType: 'application/octet-stream', digest, size: bytes.byteLength}
  }

  #answer(line: string, response: ServerResponse, body: Buffer, type: string): void {
    const [method = '', target = ''] = line.split(' ')
    const [path = '', query = ''] = target.split('?')
    const [, repository = '', id = ''] = /^(.*)\/blobs\/uploads\/(.*)$/.exec(path) ?? []
    if (repository !== '') {
      this.#upload({method, repository, id, digest: new URLSearchParams(query).get('digest') ?? '', body}, response)
      return
    }
    if (method === 'PUT') {
      const reference = path.slice(path.lastIndexOf('/') + 1)
      const name = path.slice(0, path.lastIndexOf('/manifests/'))
      this.manifest(name, type, body, reference.startsWith('sha256:') ? undefined : reference)
      response.writeHead(201).end()
      return
    }
    const found = this.kept.get(path)
    if (found === undefined) {
      response.writeHead(404, {'content-type': 'application/json'})
      response.end(method === 'HEAD' ? '' : JSON.stringify({errors: [{code: 'MANIFEST_UNKNOWN', message: 'not here'}]}))
      return
    }
    const {bytes} = found
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': bytes.byteLength,
      'docker-content-digest': digestOf(bytes),
    })
    response.end(method === 'HEAD' ? undefined : bytes)
  }

  #upload(
    {
      method,
      repository,
      id,
      digest,
      body,
    }: Readonly<Record<'method' | 'repository' | 'id' | 'digest', string>> & {body: Buffer},
    response: ServerResponse,
  ): void {
    const place = (name: string): Record<string, string> => ({location: `/v2/${repository}/blobs/uploads/${name}`})
    if (method === 'POST') {
      const name = `u${this.asked.length}`
      this.#uploads.set(name, Buffer.alloc(0))
      response.writeHead(202, place(name)).end()
    } else if (method === 'PATCH') {
      this.#uploads.set(id, body)
      response.writeHead(202, place(id)).end()
    } else if (method === 'PUT') {
      const bytes = this.#uploads.get(id) ?? Buffer.alloc(0)
      const right = digestOf(bytes) === digest
      if (right) this.#blob(repository, bytes)
      response.writeHead(right ? 201 : 400).end()
    } else {
      this.#uploads.delete(id)
      response.writeHead(204).end()
    }
  }

  /** Uploads that were begun and not completed or given up. */
  get open(): number {
    return this.#uploads.size
  }
}
