import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {fakeService} from './fake-service.ts'

const run = promisify(execFile)

async function runFixture(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const file = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
  const {stdout} = await run(process.execPath, [file, ...args], {env: {PATH: process.env['PATH'], ...env}})
  return JSON.parse(stdout)
}

describe('the start of a command', () => {
  it('loads nothing of the SDK, and then only the clients that are called', async () => {
    assert.deepEqual(await runFixture('loaded.ts', ['once']), {
      atStart: [],
      afterCalls: ['@aws-sdk/client-secrets-manager'],
    })
    assert.deepEqual(await runFixture('loaded.ts', ['twice']), {
      atStart: [],
      afterCalls: ['@aws-sdk/client-s3', '@aws-sdk/client-secrets-manager'],
    })
  })
})

describe("the operator's AWS configuration", () => {
  const home = mkdtempSync(join(tmpdir(), 'pi-aws-home-'))
  before(() => {
    mkdirSync(join(home, '.aws'))
    writeFileSync(join(home, '.aws', 'config'), '[default]\nregion = us-east-1\nuse_fips_endpoint = true\n')
    writeFileSync(
      join(home, '.aws', 'credentials'),
      '[default]\naws_access_key_id = THEIRS\naws_secret_access_key = x\n',
    )
  })
  after(() => {
    rmSync(home, {recursive: true})
  })

  async function callAll(mode: string, env: NodeJS.ProcessEnv) {
    const service = await fakeService([{status: 400}])
    try {
      const result = (await runFixture('local-calls.ts', [service.url, mode], {HOME: home, ...env})) as {
        ports: string[]
        answers: Record<string, string>
        opened: string[]
      }
      const keys = service.received.map(({headers}) => /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1])
      return {...result, keys}
    } finally {
      await service.close()
    }
  }

  it('is neither opened nor used by any port when the work is local', async () => {
    const {ports, answers, opened, keys} = await callAll('local', {
      AWS_ACCESS_KEY_ID: 'THEIRS',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_PROFILE: 'theirs',
      HTTP_PROXY: 'http://127.0.0.1:9',
      HTTPS_PROXY: 'http://127.0.0.1:9',
    })
    assert.deepEqual(opened, [])
    assert.deepEqual([...new Set(keys)], ['local'])
    assert.equal(keys.length, Object.keys(answers).length)
    for (const port of ports) assert.ok(port in answers, `${port} was not called`)
  })

  it('is used otherwise', async () => {
    const {opened, keys} = await callAll('real', {AWS_USE_FIPS_ENDPOINT: 'false'})
    assert.ok(opened.length > 0)
    assert.deepEqual([...new Set(keys)], ['THEIRS'])
  })
})
