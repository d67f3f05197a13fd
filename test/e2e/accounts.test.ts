import assert from 'node:assert/strict'
import {BackupClient, PutBackupVaultAccessPolicyCommand, UpdateGlobalSettingsCommand} from '@aws-sdk/client-backup'
import {KMSClient, ListGrantsCommand} from '@aws-sdk/client-kms'
import {DescribeDBSnapshotAttributesCommand, DescribeDBSnapshotsCommand, RDSClient} from '@aws-sdk/client-rds'
import {Embedded} from '../helpers/e2e.ts'
import {hasMariaDb, Platform} from '../helpers/e2e-platform.ts'

const [first, second] = ['000000000000', '222222222222']

describe('a set in another account', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let config: string
  let good: Awaited<ReturnType<Platform['everything']>>
  let set: string

  const asked = (...args: string[]): string[] => [...args, '--local', '--config', config]
  const into = (): string[] =>
    asked('restore', 'run', set, '--environment', 'demo', '--into', 'reserve', '--safety', 'none')

  /** Snapshots of the first account that another one may copy, and loans of keys. */
  async function given(): Promise<readonly string[]> {
    const rds = cloud.client(RDSClient)
    const {DBSnapshots: snapshots = []} = await rds.send(new DescribeDBSnapshotsCommand({}))
    const shares = await Promise.all(
      snapshots.map(async ({DBSnapshotIdentifier}) => {
        const answer = await rds.send(new DescribeDBSnapshotAttributesCommand({DBSnapshotIdentifier}))
        return answer.DBSnapshotAttributesResult?.DBSnapshotAttributes?.flatMap(
          ({AttributeValues = []}) => AttributeValues,
        )
      }),
    )
    const {outputs} = await cloud.ok<{outputs: Record<string, string>}>(...asked('outputs', 'demo'))
    const {Grants: grants = []} = await cloud.client(KMSClient).send(new ListGrantsCommand({KeyId: outputs['KeyArn']}))
    return [...shares.flatMap((one) => one ?? []), ...grants.map(({Name: name = ''}) => name)]
  }

  before(async function () {
    if (!hasMariaDb) this.skip()
    cloud = await Embedded.start()
    config = cloud.config({
      demo: {account: first},
      reserve: {
        ...{account: second, region: 'us-east-1'},
        credentials: {roleArn: `arn:aws:iam::${second}:role/pi-aws`},
      },
    })
    await Promise.all([cloud.ok(...asked('deploy', 'demo', '--yes')), cloud.ok(...asked('deploy', 'reserve', '--yes'))])
    const platform = new Platform(cloud, 'demo', config)
    await platform.sql(
      "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(80)); INSERT INTO users VALUES (1, 'Ann'), (2, 'Bo');",
    )
    await platform.write('themes/own.css', 'a { color: red }')
    await platform.write('images/logo ü.svg', '<svg/>')
    good = await platform.everything()
    set = (await cloud.ok<{id: string}>(...asked('snapshot', 'create', 'demo', '--consistency', 'live'))).id
  })
  after(() => cloud?.stop())

  it('is refused with the commands that both accounts lack, before anything is given', async () => {
    const {message, code, suggestions} = await cloud.fails(12, [...into(), '--confirm', 'reserve'])
    assert.equal(code, 'PREFLIGHT_REFUSED')
    assert.match(message, /organization of demo: .*organization of reserve: .*policy of the vault of reserve: /)
    assert.deepEqual(await given(), [])
    const backups = cloud.client(BackupClient, 'us-east-1', second)
    // What is said is what helps, to the letter.
    const [, name, policy] = /--backup-vault-name (\S+) --policy '([^']+)'/.exec(suggestions.join('\n')) ?? []
    await backups.send(new PutBackupVaultAccessPolicyCommand({BackupVaultName: name, Policy: policy}))
    const [, setting = '', value = ''] = /--global-settings (\w+)=(\w+)/.exec(suggestions.join('\n')) ?? []
    const management = cloud.client(BackupClient)
    await management.send(new UpdateGlobalSettingsCommand({GlobalSettings: {[setting]: value}}))
  })

  it('refuses credentials that are not those of the account', async () => {
    const wrong = cloud.config({demo: {account: first}, reserve: {account: second, region: 'us-east-1'}}, 'wrong.yaml')
    const copy = ['snapshot', 'copy', set, '--environment', 'demo', '--into', 'reserve', '--local', '--config', wrong]
    const {code, message} = await cloud.fails(12, copy)
    assert.equal(code, 'WRONG_ACCOUNT')
    assert.match(message, /reserve lives in 222222222222/)
  })

  it('arrives there and is restored, every row and byte, and nothing stays given', async () => {
    await cloud.ok(...into(), '--confirm', 'reserve')
    assert.deepEqual(await new Platform(cloud, 'reserve', config).everything(), good)
    assert.deepEqual(await given(), [])
    const {manifest} = await cloud.ok<{manifest: {account: string; database: {keyArn: string}}}>(
      ...asked('snapshot', 'show', set, '--environment', 'reserve'),
    )
    assert.equal(manifest.account, second)
    assert.equal(manifest.database.keyArn.split(':')[4], second)
    const verified = await cloud.ok<{good: boolean}>(
      ...asked('snapshot', 'verify', set, '--environment', 'reserve', '--content'),
    )
    assert.ok(verified.good)
    const again = await cloud.ok<{copied: boolean}>(
      ...asked('snapshot', 'copy', set, '--environment', 'demo', '--into', 'reserve'),
    )
    assert.equal(again.copied, false)
  })

  it('gives nothing for longer than a failed copy takes, nor for longer than it takes to give it up', async () => {
    const later = (await cloud.ok<{id: string}>(...asked('snapshot', 'create', 'demo', '--consistency', 'live'))).id
    const copy = asked('snapshot', 'copy', later, '--environment', 'demo', '--into', 'reserve')
    // One that fails before it is looked at first is taken for an earlier try's, and begun anew: twice at most.
    await cloud.fault('CopyJob', 'no room there', 3)
    assert.equal((await cloud.fails(1, copy)).code, 'COPY_FAILED')
    await cloud.noFaults()
    assert.deepEqual(await given(), [])
    // Killed while RDS copies.
    await cloud.pace(0.02)
    const running = cloud.spawn([...copy, '--output', 'ndjson'])
    await running.until(({type, step}) => type === 'step.started' && step === 'copy-database')
    running.child.kill('SIGKILL')
    await running.ended
    assert.equal((await given()).length, 2)
    await cloud.pace(0)
    const {operations} = await cloud.ok<{operations: {opId: string}[]}>(...asked('ops', 'list', 'reserve'))
    const opId = operations[0]?.opId ?? ''
    await cloud.ok(...asked('ops', 'abort', opId, '--environment', 'reserve'))
    assert.deepEqual(await given(), [])
    const copied = await cloud.ok<{copied: boolean}>(...copy)
    assert.ok(copied.copied)
  })
})
