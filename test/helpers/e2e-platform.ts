import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {CloudFormationClient, DescribeStacksCommand} from '@aws-sdk/client-cloudformation'
import {GetSecretValueCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import type {Embedded} from './e2e.ts'

/** Whether this machine has the server and the client that databases of the embedded AWS are made of. */
export const hasMariaDb = ['mariadbd', 'mariadb'].every(
  (name) => spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/usr/local/sbin"; command -v ${name}`]).status === 0,
)

/** What the parts of an environment say of themselves, the active generation of its database among them. */
export async function outputsOf(cloud: Embedded, environment: string): Promise<Readonly<Record<string, string>>> {
  const of = async (part: string): Promise<Readonly<Record<string, string>>> => {
    const {Stacks = []} = await cloud
      .client(CloudFormationClient)
      .send(new DescribeStacksCommand({StackName: `pi-${environment}-${part}`}))
      .catch((error: unknown) => {
        // The way CloudFormation says that there is none.
        if (error instanceof Error && error.name === 'ValidationError') return {Stacks: []}
        throw error
      })
    const outputs = Stacks[0]?.Outputs ?? []
    return Object.fromEntries(outputs.map(({OutputKey = '', OutputValue = ''}) => [OutputKey, OutputValue]))
  }
  const [foundation, network, files, app] = await Promise.all(['foundation', 'network', 'files', 'app'].map(of))
  const database = await of(`database-${app?.['DatabaseGeneration'] ?? '1'}`)
  return {...foundation, ...network, ...files, ...database, ...app}
}

/** What users of the platform would have put there: rows and files, as they are now. */
export class Platform {
  readonly #cloud: Embedded
  readonly #environment: string
  readonly #config: readonly string[]

  /** @param config the file that names the environment, where it is not the usual one */
  constructor(cloud: Embedded, environment: string, config?: string) {
    this.#cloud = cloud
    this.#environment = environment
    this.#config = config === undefined ? [] : ['--config', config]
  }

  async #outputs(): Promise<Readonly<Record<string, string>>> {
    if (this.#config.length === 0) return outputsOf(this.#cloud, this.#environment)
    // It may be in another region, or of another account.
    const asked = ['outputs', this.#environment, '--local', ...this.#config]
    return (await this.#cloud.ok<{outputs: Record<string, string>}>(...asked)).outputs
  }

  /** Runs SQL as the platform's own user, in its schema, on whatever database is active. */
  async sql(statements: string): Promise<string> {
    const outputs = await this.#outputs()
    const [region, account] = outputs['DatabaseSecretArn']?.split(':').slice(3, 5) ?? []
    const secret = await this.#cloud
      .client(SecretsManagerClient, region, account)
      .send(new GetSecretValueCommand({SecretId: outputs['DatabaseSecretArn']}))
    const {username, password} = JSON.parse(secret.SecretString ?? '{}') as {username: string; password: string}
    const host = `--host=${outputs['DatabaseEndpoint'] ?? ''}`
    const args = ['--no-defaults', host, `--port=${outputs['DatabasePort'] ?? ''}`, `--user=${username}`]
    const ran = spawnSync('mariadb', [...args, '--protocol=tcp', '--batch', '--skip-column-names', 'dashboard'], {
      input: statements,
      encoding: 'utf8',
      env: {...process.env, MYSQL_PWD: password},
    })
    assert.equal(ran.status, 0, ran.stderr)
    return ran.stdout
  }

  async #tree(): Promise<string> {
    const {FileSystemId = '', FilesGeneration = ''} = await this.#outputs()
    return join(this.#cloud.stateDir, 'efs', FileSystemId, 'gen', FilesGeneration)
  }

  async write(path: string, content: string): Promise<void> {
    const file = join(await this.#tree(), path)
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, content)
  }

  /** Makes a folder with nothing in it, whatever was in it. */
  async empty(path: string): Promise<void> {
    const folder = join(await this.#tree(), path)
    rmSync(folder, {recursive: true, force: true})
    mkdirSync(folder, {recursive: true})
  }

  async remove(path: string): Promise<void> {
    rmSync(join(await this.#tree(), path), {recursive: true})
  }

  /** Every row of every table, and every byte of every file with its mode; what is ours between them left out. */
  async everything(): Promise<{readonly rows: string; readonly files: Readonly<Record<string, string>>}> {
    const tables = (await this.sql('SHOW TABLES')).split('\n').filter((name) => name !== '')
    const rows = await this.sql(
      tables.map((name) => `SELECT '${name}'; SELECT * FROM \`${name}\` ORDER BY 1;`).join('\n'),
    )
    const tree = await this.#tree()
    const files: Record<string, string> = {}
    for (const entry of readdirSync(tree, {recursive: true, withFileTypes: true})) {
      const full = join(entry.parentPath, entry.name)
      const path = full.slice(tree.length + 1)
      if (path.startsWith('.pi')) continue
      const mode = (statSync(full).mode & 0o777).toString(8)
      const hash = entry.isFile() ? createHash('sha256').update(readFileSync(full)).digest('hex') : entry.isDirectory()
      files[path] = `${mode} ${hash}`
    }
    return {rows, files}
  }

  /** Folders that a restore or a snapshot would have left at the root of the file system. */
  async leftovers(): Promise<readonly string[]> {
    const root = join(await this.#tree(), '../..')
    const frozen = join(root, 'gen/.frozen')
    return [
      ...readdirSync(root).filter((name) => name.startsWith('aws-backup-')),
      ...(existsSync(frozen) ? readdirSync(frozen) : []),
    ]
  }
}
