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

interface Block {
  readonly commands: string
  /** It says what is missing, with the commands that give it, and is typed again after these. */
  readonly refused: boolean
}

/** What a page has to be typed: its blocks of `sh`. */
function blocksOf(page: string): readonly Block[] {
  const blocks = readFileSync(join(guide, page), 'utf8').matchAll(/^```sh( refused)?\n([^]*?)^```$/gm)
  return [...blocks].map(([, refused, commands = '']) => ({commands, refused: refused !== undefined}))
}

/** The commands of the AWS CLI that an answer advises, each as the account that it names. */
function advised(answer: string): readonly string[] {
  const lines = answer.matchAll(/• In (?:account (\d{12})|the management account): (aws .+)$/gm)
  return [...lines].map(([, account, command = '']) =>
    account === undefined ? command : `AWS_ACCESS_KEY_ID=${account} ${command}`,
  )
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
    const aws = join(cloud.home, 'bin', 'aws')
    const credentials = `AWS_ENDPOINT_URL=${cloud.endpoint} AWS_SECRET_ACCESS_KEY=test AWS_ACCESS_KEY_ID="\${AWS_ACCESS_KEY_ID:-000000000000}"`
    const script = join(import.meta.dirname, 'fixtures', 'aws.ts')
    writeFileSync(aws, `#!/bin/sh\nexport ${credentials}\nexec '${process.execPath}' '${script}' "$@"\n`)
    chmodSync(aws, 0o755)
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
    for (const page of pages)
      assert.ok(
        blocksOf(page).some(({commands}) => /^pi-aws /m.test(commands)),
        page,
      )
  })

  /** Types commands into a shell and resolves to what it said. */
  async function typed(commands: string, code = 0): Promise<string> {
    const shell = spawn('sh', ['-eux'], {cwd: folder, env})
    const said = Promise.all([text(shell.stdout), text(shell.stderr)])
    shell.stdin.end(commands)
    const ended = await new Promise((resolve) => shell.on('close', resolve))
    const all = (await said).join('\n')
    assert.equal(ended, code, all.slice(-6000))
    return all
  }

  for (const page of pages) {
    it(`${page}: every command of it does what is said`, async () => {
      // The vendor's registry is on the internet: before the first upgrade another takes its place.
      const {port} = registry.address() as AddressInfo
      const ours = `pi-aws config set images.registry 127.0.0.1:${port}/pi-cr --environment prod\n`
      await typed(page === 'upgrade.md' ? ours : '')
      for (const {commands, refused} of blocksOf(page)) {
        if (refused) for (const command of advised(await typed(commands, 12))) await typed(command)
        await typed(commands)
      }
    })
  }
})
