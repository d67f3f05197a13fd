import {createHash} from 'node:crypto'
import {createServer, type Server} from 'node:http'

/** A registry that has the four images under some tags, each with a digest of its own. */
export async function registryWith(tags: readonly string[]): Promise<Server> {
  const registry = createServer((request, response) => {
    const [, name = '', tag = ''] = /^\/v2\/pi-cr\/(\w+)\/manifests\/(\w+)$/.exec(request.url ?? '') ?? []
    const there = ['server', 'renderer', 'scheduler', 'pirana'].includes(name) && tags.includes(tag)
    response.writeHead(there ? 200 : 404, {'docker-content-digest': digestOf(name, tag)}).end()
  })
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
  return registry
}

export function digestOf(name: string, tag: string): string {
  return `sha256:${createHash('sha256').update(`${name}:${tag}`).digest('hex')}`
}
