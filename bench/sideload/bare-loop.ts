import {createHash} from 'node:crypto'
import {close, fsync, open, readdirSync, rename, statSync, write} from 'node:fs'
import {Agent, request} from 'node:http'
import {join} from 'node:path'
import {promisify} from 'node:util'

/**
 * What a side-load cannot do without, and nothing else: no signature, no look at what stands there, no memory of what was done,
 * one folder. 16 files side by side, as in the function. Prints seconds.
 *
 *   node bare-loop.ts get|whole <endpoint> <tree> <folder to write to>
 */
const [, , what = '', endpoint = '', tree = '', place = ''] = process.argv
const paths = (readdirSync(tree, {recursive: true}) as string[]).filter((path) => statSync(join(tree, path)).isFile())
const agent = new Agent({keepAlive: true, maxSockets: 16})
const {hostname, port} = new URL(endpoint)

async function get(path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const key = path.split('/').map(encodeURIComponent).join('/')
    const asked = request({agent, hostname, port, path: `/assets/assets/${key}`}, (response) => {
      const bytes = Buffer.allocUnsafeSlow(Number(response.headers['content-length']))
      let at = 0
      response.on('data', (chunk: Buffer) => {
        bytes.set(chunk, at)
        at += chunk.byteLength
      })
      response.on('end', () => resolve(bytes))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}

const calls = {
  open: promisify(open),
  write: promisify(write),
  fsync: promisify(fsync),
  close: promisify(close),
  rename: promisify(rename),
}

async function keep(index: number, bytes: Buffer): Promise<void> {
  createHash('sha256').update(bytes).digest('hex')
  const name = join(place, String(index))
  const file = await calls.open(`${name}.new`, 'wx')
  await calls.write(file, bytes, 0, bytes.byteLength, 0)
  await calls.fsync(file)
  await calls.close(file)
  await calls.rename(`${name}.new`, name)
}

const begun = performance.now()
let next = 0
await Promise.all(
  Array.from({length: 16}, async () => {
    for (let index = next++; index < paths.length; index = next++) {
      const bytes = await get(paths[index] ?? '')
      if (what === 'whole') await keep(index, bytes)
    }
  }),
)
process.stdout.write(String((performance.now() - begun) / 1000))
agent.destroy()
