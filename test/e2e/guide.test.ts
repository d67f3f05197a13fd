import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {text} from 'node:stream/consumers'
import type {Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {cleanEnvironment, Embedded, packageRoot} from '../helpers/e2e.ts'
import {registryWith} from '../helpers/image-registry.ts'

const guide = join(packageRoot, 'docs', 'guide')

/** What a page has to be typed: its blocks of `sh`, one after the other. */
function commandsOf(page: string): string {
  const blocks = readFileSync(join(guide, page), 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm)
  return [...blocks].map(([, block]) => block).join('')
}

/** In the order of the index. */
const pages = [...readFileSync(join(guide, 'README.md'), 'utf8').matchAll(/^\d\. \[[^\]]+\]\(([^)]+)\)$/gm)].map(
  ([, page = '']) => page,
)

describe('the guide, as it stands there', function () {
  this.timeout(600_000)
  let cloud: Embedded
  let folder: string
  let env: NodeJS.ProcessEnv
  let registry: Server

  before(async () => {
    cloud = await Embedded.start()
    registry = await registryWith(['2026_10', '2026_11'])
    folder = join(cloud.home, 'somebody')
    mkdirSync(join(cloud.home, 'bin'))
    mkdirSync(folder)
    const command = join(cloud.home, 'bin', 'pi-aws')
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${join(packageRoot, 'bin', 'run.js')}' "$@"\n`)
    chmodSync(command, 0o755)
    writeFileSync(join(folder, 'licence.txt'), 'a licence')
    writeFileSync(join(folder, 'token.txt'), 'a token')
    const clean = cleanEnvironment(cloud.home)
    env = {...clean, PI_AWS_LOCAL: 'true', PATH: [join(cloud.home, 'bin'), clean['PATH']].join(delimiter)}
  })
  after(async () => {
    registry?.close()
    await cloud?.stop()
  })

  it('has every page in its index', () => {
    assert.deepEqual([...pages, 'README.md'].sort(), readdirSync(guide).sort())
    for (const page of pages) assert.match(commandsOf(page), /^pi-aws /m, page)
  })

  for (const page of pages) {
    it(`${page}: every command of it does what is said`, async () => {
      // The vendor's registry is on the internet: before the first upgrade another takes its place.
      const {port} = registry.address() as AddressInfo
      const ours = `pi-aws config set images.registry 127.0.0.1:${port}/pi-cr --environment prod\n`
      const shell = spawn('sh', ['-eux'], {cwd: folder, env})
      const said = Promise.all([text(shell.stdout), text(shell.stderr)])
      shell.stdin.end(`${page === 'upgrade.md' ? ours : ''}${commandsOf(page)}`)
      const code = await new Promise((resolve) => shell.on('close', resolve))
      assert.equal(code, 0, (await said).join('\n').slice(-6000))
    })
  }
})
