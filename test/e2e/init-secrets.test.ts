import assert from 'node:assert/strict'
import {mkdirSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {GetSecretValueCommand, paginateListSecrets, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {Embedded} from '../helpers/e2e.ts'
import {objectTexts} from '../helpers/e2e-buckets.ts'
import {keys, Terminal} from '../helpers/pty/terminal.ts'

const {enter, interrupt, up} = keys
const planted = 'PLANTED'
const pasted = `\u001b[200~${planted}-first\r\n  ${planted}-second\n\u001b[201~`

interface InitJson {
  readonly secrets?: readonly {readonly secret: string; readonly state: string; readonly reason?: string}[]
}

/** Secrets that the wizard takes, planted and looked for wherever they must not be. */
describe('secrets given to init', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let folder = ''
  let licenceFile = ''
  /** Everything that was seen. */
  const seen: string[] = []
  before(async () => {
    cloud = await Embedded.start()
    folder = join(cloud.home, 'folder')
    mkdirSync(folder)
    const ended = await cloud.run(['init', 'trial', '--local', '--yes', '--host', 'none', '--json'], {cwd: folder})
    assert.equal(ended.code, 0, ended.stderr)
  })
  after(() => cloud?.stop())

  const file = (): string => readFileSync(join(folder, 'pi-aws.yaml'), 'utf8')
  const open = (more: NodeJS.ProcessEnv = {}): Terminal => {
    const env = {PATH: process.env['PATH'], HOME: cloud.home, PI_AWS_HOME: cloud.home, LANG: 'C.UTF-8', ...more}
    return new Terminal(['init', 'trial', '--local'], {cwd: folder, env})
  }
  const ends = async (terminal: Terminal, code: number): Promise<void> => {
    assert.equal(await terminal.ended, code, terminal.text)
    seen.push(terminal.raw)
  }
  /** Values by the beginning of their names. */
  async function values(): Promise<Readonly<Record<string, string>>> {
    const client = cloud.client(SecretsManagerClient)
    const found: Record<string, string> = {}
    for await (const {SecretList = []} of paginateListSecrets({client}, {})) {
      for (const {Name = '', ARN: SecretId} of SecretList) {
        const answer = await client.send(new GetSecretValueCommand({SecretId})).catch(() => ({SecretString: ''}))
        found[/licence|registry/i.exec(Name)?.[0].toLowerCase() ?? Name] = answer.SecretString ?? ''
      }
    }
    return found
  }

  it('wait for a foundation, and by flags alone the file is the same with and without them', async () => {
    const before = file()
    licenceFile = cloud.write('licence.txt', `${planted}-of-a-file\n`)
    const words = ['init', 'trial', '--local', '--yes', '--host', 'none', '--json', '--licence-file', licenceFile]
    const ended = await cloud.run(words, {cwd: folder})
    assert.equal(ended.code, 0, ended.stderr)
    seen.push(ended.stdout, ended.stderr)
    assert.deepEqual(
      ended.json<InitJson>().secrets?.map(({secret, state}) => [secret, state]),
      [
        ['licence', 'later'],
        ['registry', 'later'],
      ],
    )
    assert.equal(file(), before)
  })

  it('are pasted hidden, once the foundation is made', async () => {
    const terminal = open()
    await terminal.answer('? trial is in pi-aws.yaml: change its answers', enter)
    await terminal.answer('? Make the foundation now', `y${enter}`)
    await terminal.answer(/\? Licence[^]*navigate/, `${up}${up}`)
    await terminal.answer(/❯ type/, enter)
    await terminal.answer('? Panintelligence licence (not shown): ', pasted)
    terminal.type(interrupt)
    await ends(terminal, 130)

    const again = open()
    await again.answer('? trial is in pi-aws.yaml: change its answers', enter)
    await again.answer(/\? Licence[^]*navigate/, `${up}${up}`)
    await again.answer(/❯ type/, enter)
    await again.answer('? Panintelligence licence (not shown): ', pasted)
    again.type(enter)
    await again.sees('The licence had 2 lines; they were joined into one.')
    await again.answer(/\? Credentials of the image registry[^]*navigate/, enter)
    await again.sees('Licence: written to Secrets Manager.')
    await again.answer('? Run preflight', `n${enter}`)
    await ends(again, 0)
    const {licence, registry} = await values()
    assert.deepEqual([licence, registry], [`${planted}-first${planted}-second`, ''])
  })

  it('are not half written when the window is closed in the middle of one', async () => {
    const terminal = open()
    await terminal.answer('? trial is in pi-aws.yaml: change its answers', enter)
    await terminal.answer(/\? Credentials of the image registry[^]*navigate/, `${up}${up}`)
    await terminal.answer(/❯ type/, enter)
    await terminal.answer('? User name at the image registry', `robot${enter}`)
    await terminal.answer('? Token of the image registry (not shown): ', `${planted}-half`)
    terminal.close()
    await ends(terminal, 130)
    assert.equal((await values())['registry'], '')
  })

  it('that are there are named with their age and not asked again, line by line too', async () => {
    const terminal = open({PI_AWS_PLAIN: '1'})
    await terminal.answer('change its answers, y/N: ', '\n')
    await terminal.sees(/Licence: in Secrets Manager, changed \S+ ago; pi-aws secret rotate licence changes it\./)
    await terminal.answer('Credentials of the image registry, number or name [later]: ', 'type\n')
    await terminal.answer('User name at the image registry: ', 'robot\n')
    await terminal.answer('Token of the image registry (not shown): ', `wrong\u0015${planted}-tokem\u007fn\r`)
    await terminal.sees('Credentials of the image registry: written to Secrets Manager.')
    await terminal.answer('Run preflight', 'n\n')
    await ends(terminal, 0)
    assert.deepEqual(JSON.parse((await values())['registry'] ?? ''), {username: 'robot', password: `${planted}-token`})
    const words = ['init', 'trial', '--local', '--yes', '--json', '--licence-file', licenceFile]
    const ended = await cloud.run(words, {cwd: folder})
    seen.push(ended.stdout, ended.stderr)
    assert.deepEqual(
      ended.json<InitJson>().secrets?.map(({state}) => state),
      ['kept', 'kept'],
    )
    assert.equal((await values())['licence'], `${planted}-first${planted}-second`)
  })

  it('do not take stdin from whoever answers', async () => {
    const env = {PATH: process.env['PATH'], HOME: cloud.home, PI_AWS_HOME: cloud.home, LANG: 'C.UTF-8'}
    const terminal = new Terminal(['init', 'trial', '--local', '--licence-file', '-'], {cwd: folder, env})
    await terminal.sees('--licence-file - would read it')
    await ends(terminal, 2)
  })

  it('are nowhere else: not in pi-aws.yaml, saved answers, on the screen, in logs, journals or buckets', async () => {
    const texts: (readonly [string, string])[] = [['screen', seen.join('\n')]]
    for (const name of readdirSync(cloud.home, {recursive: true, encoding: 'utf8'})) {
      const path = join(cloud.home, name)
      // What the operator wrote, and what Secrets Manager of the embedded AWS keeps.
      const isTheirs = path === licenceFile || path === join(cloud.stateDir, 'records', 'secretsmanager.json')
      // On its way to its place: gone in a moment, and then looked at there.
      const isOnItsWay = path.startsWith(join(cloud.stateDir, 'records')) && /\.(saving|list|tmp)$/.test(path)
      if (isTheirs || isOnItsWay || !statSync(path).isFile()) continue
      texts.push([path, readFileSync(path, 'latin1')])
    }
    texts.push(...(await objectTexts(cloud)))
    const leaks = texts.filter(([, text]) => text.includes(planted)).map(([where]) => where)
    assert.deepEqual(leaks, [])
    assert.ok(
      texts.some(([where]) => where.includes('/ops/')),
      'no journal was looked at',
    )
    assert.ok(
      texts.some(([where]) => where.endsWith('pi-aws.yaml')),
      'no file was looked at',
    )
    rmSync(folder, {recursive: true})
  })
})
