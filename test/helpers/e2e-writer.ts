import assert from 'node:assert/strict'
import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {setTimeout as pause} from 'node:timers/promises'
import {DescribeServicesCommand, ECSClient} from '@aws-sdk/client-ecs'
import {GetSecretValueCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import type {Embedded} from './e2e.ts'
import {outputsOf} from './e2e-platform.ts'

/**
 * Does what users of the platform do all day: a row and the file that belongs to it, one pair after the other, for as
 * long as the service that would do it has a task. It is that task: it ends no pair in the middle.
 */
export class Writer {
  /** When each pair was begun and done (ms since 1970), by its number. */
  readonly pairs = new Map<number, {readonly from: number; readonly to: number}>()
  /** How often it found its service at zero. */
  rests = 0
  readonly #client: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  readonly #work: Promise<void>
  #turn: Promise<unknown> = Promise.resolve()
  #ended = false

  private constructor(client: ChildProcessWithoutNullStreams, folder: string, serves: () => Promise<boolean>) {
    this.#client = client
    this.#answers = createInterface({input: client.stdout})[Symbol.asyncIterator]()
    this.#work = this.#write(folder, serves)
    this.#work.catch(() => undefined)
  }

  static async start(cloud: Embedded, environment: string): Promise<Writer> {
    const outputs = await outputsOf(cloud, environment)
    const of = (name: string): string => outputs[name] ?? ''
    const {SecretString = '{}'} = await cloud
      .client(SecretsManagerClient)
      .send(new GetSecretValueCommand({SecretId: of('DatabaseSecretArn')}))
    const {username, password} = JSON.parse(SecretString) as {username: string; password: string}
    const login = [`--host=${of('DatabaseEndpoint')}`, `--port=${of('DatabasePort')}`, `--user=${username}`]
    const how = [
      '--no-defaults',
      ...login,
      '--protocol=tcp',
      '--batch',
      '--skip-column-names',
      '--unbuffered',
      'dashboard',
    ]
    const client = spawn('mariadb', how, {env: {...process.env, MYSQL_PWD: password}})
    const folder = join(cloud.stateDir, 'efs', of('FileSystemId'), 'gen', of('FilesGeneration'), 'files')
    mkdirSync(folder, {recursive: true})
    const asked = {cluster: of('ClusterName'), services: [of('DashboardServiceName')]}
    return new Writer(client, folder, async () => {
      const {services = []} = await cloud.client(ECSClient).send(new DescribeServicesCommand(asked))
      return (services[0]?.desiredCount ?? 0) > 0
    })
  }

  async #write(folder: string, serves: () => Promise<boolean>): Promise<void> {
    for (let id = 1; !this.#ended;) {
      const turn = (async () => {
        if (!(await serves())) {
          this.rests += 1
          return
        }
        const from = Date.now()
        this.#client.stdin.write(`INSERT INTO pairs VALUES (${id}); SELECT ${id};\n`)
        const {value} = (await this.#answers.next()) as {value: unknown}
        assert.equal(value, String(id))
        writeFileSync(join(folder, String(id)), `file of row ${id}`)
        this.pairs.set(id, {from, to: Date.now()})
        id += 1
      })()
      this.#turn = turn
      await turn
      await pause(5)
    }
  }

  /** Resolves when the pair that is being written is whole: a task has ended only then. */
  async rest(): Promise<void> {
    await this.#turn
  }

  /** Resolves when more pairs were written. */
  async goOn(more: number): Promise<void> {
    const wanted = this.pairs.size + more
    while (this.pairs.size < wanted) await Promise.race([pause(20), this.#work.then(() => assert.fail('it ended'))])
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#work
    this.#client.stdin.end()
  }
}
