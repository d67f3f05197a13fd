import assert from 'node:assert/strict'
import {
  BackupClient,
  DeleteBackupVaultLockConfigurationCommand,
  ListRecoveryPointsByBackupVaultCommand,
  PutBackupVaultLockConfigurationCommand,
} from '@aws-sdk/client-backup'
import {
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import {Embedded} from '../helpers/e2e.ts'
import {hasMariaDb, Platform} from '../helpers/e2e-platform.ts'

interface Created {
  readonly id: string
  readonly consistency: string
  readonly skewMs: number
  readonly vaulted: boolean
  readonly opId: string
}
interface Restored {
  readonly opId: string
  readonly safety: string
  readonly downMs: number
  readonly generations: Record<'database' | 'files', {readonly from: number; readonly to: number}>
}
interface Proven {
  readonly good: boolean
  readonly proof: {readonly proven: boolean; readonly restoreMs: number}
}
/** Has every process begin with a clock of its own. */
function anHourAhead(): NodeJS.ProcessEnv {
  const code = `
    const Real = Date
    globalThis.Date = class extends Real {
      constructor(...given) { if (given.length === 0) super(Date.now()); else super(...given) }
      static now() { return Real.now() + 3_600_000 }
    }`
  return {NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`}
}

type Everything = Awaited<ReturnType<Platform['everything']>>

describe('a snapshot and its way back', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let platform: Platform
  let set: Created
  let good: Everything
  let damaged: Everything

  before(async function () {
    // Without a database nothing here could be compared: skipped is counted, passed would be a lie.
    if (!hasMariaDb) this.skip()
    cloud = await Embedded.start()
    await cloud.ok('deploy', 'demo', '--local', '--yes')
    platform = new Platform(cloud, 'demo')
    await platform.sql(
      'CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(80)) ENGINE=InnoDB;' +
        "INSERT INTO users VALUES (1, 'Ann'), (2, 'Bjørn'), (3, NULL);" +
        'CREATE TABLE empty_one (id INT PRIMARY KEY) ENGINE=InnoDB;',
    )
    await platform.write('themes/piBerry Wider Tables/theme.css', 'a { color: red }')
    await platform.write('images/our logo – ü.png', '')
    await platform.write('keys/key', 'secret')
  })
  after(() => cloud?.stop())

  it('is whole, agrees, and is listed', async () => {
    good = await platform.everything()
    set = await cloud.ok<Created>('snapshot', 'create', 'demo', '--local', '--note', 'before the damage')
    assert.deepEqual([set.consistency, set.skewMs], ['strict', 0])
    const {snapshots} = await cloud.ok<{snapshots: {id: string; note: string; proven: null}[]}>(
      ...['snapshot', 'list', 'demo', '--local'],
    )
    assert.deepEqual(
      snapshots.map(({id, note, proven}) => ({id, note, proven})),
      [{id: set.id, note: 'before the damage', proven: null}],
    )
    const {manifest} = await cloud.ok<{manifest: {database: {counts: object}; files: {files: number}}}>(
      ...['snapshot', 'show', 'latest', '-e', 'demo', '--local'],
    )
    assert.deepEqual(manifest.database.counts, {tables: 2, rows: 3})
    assert.deepEqual(await platform.leftovers(), [])
    assert.deepEqual(await platform.everything(), good)
  })

  it('neither is made nor comes back on a machine whose clock is an hour off', async () => {
    const env = anHourAhead()
    for (const args of [
      ['snapshot', 'create', 'demo', '--local'],
      ['restore', 'run', 'latest', '-e', 'demo', '--local', '--confirm', 'demo'],
    ]) {
      const {code, message} = await cloud.fails(12, args, {env})
      assert.equal(code, 'PREFLIGHT_REFUSED')
      assert.match(message, /clock: this machine is 3[56]\d\d s ahead of AWS/)
    }
    assert.deepEqual(await platform.leftovers(), [])
  })

  it('is proven by a restore on trial that leaves nothing', async () => {
    const instances = async () =>
      ((await cloud.client(RDSClient).send(new DescribeDBInstancesCommand({}))).DBInstances ?? []).length
    const {good: whole, proof} = await cloud.ok<Proven>(
      'snapshot',
      'verify',
      'latest',
      '-e',
      'demo',
      '--local',
      '--prove',
    )
    assert.deepEqual([whole, proof.proven], [true, true])
    const {snapshots} = await cloud.ok<{snapshots: {proven: string | null}[]}>('snapshot', 'list', 'demo', '--local')
    assert.notEqual(snapshots[0]?.proven, null)
    assert.equal(await instances(), 1)
    assert.deepEqual(await platform.leftovers(), [])
    assert.deepEqual(await platform.everything(), good)
  })

  it('brings back every row and every byte after both were damaged', async () => {
    await platform.sql('DROP TABLE users; INSERT INTO empty_one VALUES (7);')
    await platform.write('themes/piBerry Wider Tables/theme.css', 'broken')
    await platform.remove('keys/key')
    damaged = await platform.everything()
    assert.notDeepEqual(damaged, good)
    const restored = await cloud.ok<Restored>('restore', 'run', 'latest', '-e', 'demo', '--local', '--confirm', 'demo')
    assert.deepEqual(restored.generations, {database: {from: 1, to: 2}, files: {from: 1, to: 2}})
    assert.deepEqual(await platform.everything(), good)
    assert.equal((await cloud.run(['status', 'demo', '--local', '--json'])).code, 0)
  })

  it('goes back to the damage when the restore is undone', async () => {
    await cloud.ok('restore', 'undo', 'demo', '--local', '--yes')
    assert.deepEqual(await platform.everything(), damaged)
  })

  it('comes back out of a vault that neither RDS nor pi-aws can take it from', async () => {
    const made = await cloud.ok<Created>('snapshot', 'create', 'demo', '--local', '--vaulted')
    assert.deepEqual([made.consistency, made.vaulted], ['strict', true])
    const {manifest} = await cloud.ok<{manifest: {database: {snapshotArn: string; vault: string}}}>(
      ...['snapshot', 'show', made.id, '-e', 'demo', '--local'],
    )
    const {snapshotArn: arn, vault} = manifest.database
    const databases = cloud.client(RDSClient)
    await assert.rejects(
      databases.send(new DeleteDBSnapshotCommand({DBSnapshotIdentifier: arn.split(':').slice(6).join(':')})),
      /managed by AWS Backup/,
    )
    const backups = cloud.client(BackupClient)
    await backups.send(new PutBackupVaultLockConfigurationCommand({BackupVaultName: vault, MinRetentionDays: 7}))
    const refused = await cloud.fails(12, ['snapshot', 'delete', made.id, '-e', 'demo', '--local', '--last', '--yes'])
    assert.match(refused.message, /keeps its database and files for as long as its lock holds/)

    await platform.sql('DROP TABLE empty_one;')
    await platform.write('themes/piBerry Wider Tables/theme.css', 'broken again')
    const restored = await cloud.ok<Restored>(
      ...['restore', 'run', 'latest', '-e', 'demo', '--local', '--vaulted', '--safety', 'none', '--confirm', 'demo'],
    )
    assert.deepEqual(restored.generations, {database: {from: 1, to: 3}, files: {from: 1, to: 3}})
    assert.deepEqual(await platform.everything(), damaged)

    await backups.send(new DeleteBackupVaultLockConfigurationCommand({BackupVaultName: vault}))
    await cloud.ok('snapshot', 'delete', made.id, '-e', 'demo', '--local', '--last', '--yes')
    const {RecoveryPoints = []} = await backups.send(
      new ListRecoveryPointsByBackupVaultCommand({BackupVaultName: vault}),
    )
    assert.ok(RecoveryPoints.every(({RecoveryPointArn}) => RecoveryPointArn !== arn))
    const {DBSnapshots = []} = await databases.send(new DescribeDBSnapshotsCommand({SnapshotType: 'awsbackup'}))
    assert.deepEqual(DBSnapshots, [])
    assert.deepEqual(await platform.everything(), damaged, 'what was restored needs the set no more')
  })

  it('is restored once more, finalized, and destroyed without a trace of the other generations', async () => {
    const again = await cloud.ok<Restored>('restore', 'run', set.id, '-e', 'demo', '--local', '--confirm', 'demo')
    assert.deepEqual(again.generations, {database: {from: 3, to: 4}, files: {from: 3, to: 4}})
    assert.ok(again.downMs > 0, 'users were locked out for the flip')
    const {downtime} = await cloud.ok<{downtime: {flip: {ms: number; by: string}}}>(
      ...['restore', 'plan', set.id, '-e', 'demo', '--local'],
    )
    assert.deepEqual(downtime.flip, {ms: again.downMs, by: again.opId})
    assert.deepEqual(await platform.everything(), good)
    await cloud.fails(12, ['restore', 'finalize', 'demo', '--local', '--confirm', 'demo'])
    const ended = await cloud.ok<{removed: string[]; kept: string[]}>(
      ...['restore', 'finalize', 'demo', '--local', '--now', '--confirm', 'demo'],
    )
    assert.deepEqual(ended.removed, [
      ...['pi-demo-database-1', 'pi-demo-database-2', 'pi-demo-database-3'],
      ...['gen/1', 'gen/2', 'gen/3'],
    ])
    assert.equal(ended.kept.length, 3)
    assert.deepEqual(await platform.everything(), good)
    assert.deepEqual(await platform.leftovers(), [])
    await cloud.ok('deploy', 'demo', '--local', '--yes')
    assert.deepEqual(await platform.everything(), good, 'a deploy flips nothing back')
    await cloud.ok('destroy', 'demo', '--local', '--confirm', 'demo')
  })
})
