import assert from 'node:assert/strict'
import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {
  CloudFormationClient,
  GetTemplateCommand,
  paginateDescribeStacks,
  paginateDescribeStackEvents,
} from '@aws-sdk/client-cloudformation'
import {GetSecretValueCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {Embedded} from '../helpers/e2e.ts'
import {objectTexts} from '../helpers/e2e-buckets.ts'
import type {DeployJson} from '../helpers/e2e-results.ts'

const [firstLine, secondLine] = ['PLANTED-licence-4711-first', 'PLANTED-second-line']
const password = 'PLANTED-registry-token'

describe('secrets', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let deployed: DeployJson
  /** Everything that commands printed. */
  const printed: string[] = []

  async function run(...args: string[]) {
    const ended = await cloud.run(args)
    printed.push(ended.stdout, ended.stderr)
    return ended
  }
  const secret = async (name: string) => {
    const SecretId = deployed.outputs[name]
    return (await cloud.client(SecretsManagerClient).send(new GetSecretValueCommand({SecretId}))).SecretString ?? ''
  }

  before(async () => {
    cloud = await Embedded.start()
    const licence = cloud.write('licence.txt', `\uFEFF${firstLine}\r\n  ${secondLine}\r\n\r\n`)
    const token = cloud.write('token.txt', `${password}\n`)
    const files = ['--licence-file', licence, '--registry-username', 'robot', '--registry-password-file', token]
    const ended = await run('deploy', 'demo', '--local', '--yes', '--verbose', '--output', 'ndjson', ...files)
    assert.equal(ended.code, 0, ended.stderr)
    deployed = ended.json<DeployJson>()
  })
  after(() => cloud?.stop())

  it('a licence of several lines is joined, and that is said', async () => {
    assert.equal(await secret('LicenceSecretArn'), `${firstLine}${secondLine}`)
    assert.deepEqual(JSON.parse(await secret('RegistrySecretArn')), {username: 'robot', password})
    assert.match(printed.join(''), /The licence had 2 lines; they were joined into one/)
  })

  it('licence set and registry login write what they are given, also from stdin', async () => {
    const given = `${firstLine}\n${secondLine}\nthird`
    const set = await cloud.run(['licence', 'set', 'demo', '--local', '--file', '-'], {stdin: given})
    printed.push(set.stdout, set.stderr)
    assert.equal(set.code, 0, set.stderr)
    assert.match(set.stderr, /had 3 lines/)
    assert.equal(await secret('LicenceSecretArn'), `${firstLine}${secondLine}third`)
    const login = ['registry', 'login', 'demo', '--local', '--username', 'someone', '--password-file', '-']
    const ended = await cloud.run(login, {stdin: `${password}-2\n`})
    printed.push(ended.stdout, ended.stderr)
    assert.equal(ended.code, 0, ended.stderr)
    assert.deepEqual(JSON.parse(await secret('RegistrySecretArn')), {username: 'someone', password: `${password}-2`})
  })

  it('a licence of blanks is refused before anything is made', async () => {
    const empty = cloud.write('empty.txt', ' \r\n\t\n')
    for (const args of [
      ['licence', 'set', 'demo', '--file', empty],
      ['deploy', 'demo', '--yes', '--licence-file', empty],
    ]) {
      assert.equal((await cloud.fails(2, [...args, '--local'])).code, 'EMPTY_LICENCE')
    }
    assert.ok((await secret('LicenceSecretArn')).startsWith(firstLine))
    const fresh = cloud.config({fresh: {network: {cidr: '10.77.0.0/16'}}})
    await cloud.fails(2, ['deploy', 'fresh', '--yes', '--licence-file', empty, '--local', '--config', fresh])
    assert.deepEqual(
      (await texts()).filter(([where]) => where.includes('pi-fresh-')),
      [],
    )
  })

  it('without a terminal nobody is asked, and nothing hangs', async () => {
    for (const args of [
      ['licence', 'set', 'demo'],
      ['registry', 'login', 'demo', '--username', 'someone'],
      ['destroy', 'demo'],
    ]) {
      const ended = await cloud.run([...args, '--local'], {limit: 15_000})
      assert.equal(ended.code, 2, `${args.join(' ')}: ${ended.stderr}`)
      assert.match(ended.stderr, /--(file|password-file|confirm)/)
    }
  })

  it('where nothing makes them up, a deploy without them is refused before anything is made', async () => {
    const fresh = cloud.config({fresh: {network: {cidr: '10.77.0.0/16'}}})
    const env = {AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test'}
    const args = ['deploy', 'fresh', '--yes', '--config', fresh, '--endpoint-url', cloud.endpoint]
    const error = await cloud.fails(12, args, {env})
    assert.match(error.message, /licence/i)
    assert.ok(
      error.suggestions.some((line) => line.includes('licence')),
      error.suggestions.join(),
    )
    assert.deepEqual(
      (await texts()).filter(([where]) => where.includes('pi-fresh-')),
      [],
    )
  })

  it('never come out: not on stdout or stderr, not in the ledger, stacks, change sets, buckets or the log', async () => {
    for (const command of [
      ['status', 'demo'],
      ['plan', 'demo'],
      ['outputs', 'demo'],
      ['ops', 'list', 'demo'],
      ['ops', 'show', deployed.opId, '--environment', 'demo'],
    ]) {
      await run(...command, '--local', '--verbose', '--json')
    }
    const databasePasswords = await Promise.all(
      ['DatabaseSecretArn', 'DatabaseMasterSecretArn'].map(
        async (name) => (JSON.parse(await secret(name)) as {password: string}).password,
      ),
    )
    const secrets = ['PLANTED', ...databasePasswords]
    const all = [...(await texts()), ['printed', printed.join('\n')], ...logs()] as const
    assert.ok(all.length > 60, `only ${all.length} texts were looked at`)
    const leaks = all.filter(([, text]) => secrets.some((one) => text.includes(one))).map(([where]) => where)
    assert.deepEqual(leaks, [])
  })

  /** Every text that AWS shows of stacks and buckets, with its place. */
  async function texts(): Promise<(readonly [where: string, text: string])[]> {
    const found: (readonly [string, string])[] = []
    const client = cloud.client(CloudFormationClient)
    for await (const {Stacks = []} of paginateDescribeStacks({client}, {})) {
      for (const stack of Stacks) {
        const {StackName = ''} = stack
        const {TemplateBody = ''} = await client.send(new GetTemplateCommand({StackName}))
        found.push([`stack ${StackName}`, JSON.stringify(stack) + TemplateBody])
        for await (const {StackEvents = []} of paginateDescribeStackEvents({client}, {StackName})) {
          found.push([`events of ${StackName}`, JSON.stringify(StackEvents)])
        }
      }
    }
    return [...found, ...(await objectTexts(cloud))]
  }

  /** The server's logs and whatever else commands left in their home; what the embedded AWS keeps itself is its own. */
  function logs(): (readonly [string, string])[] {
    return readdirSync(cloud.stateDir)
      .map((name) => join(cloud.stateDir, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => [path, readFileSync(path, 'latin1')] as const)
  }
})
