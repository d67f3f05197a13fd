import {type Check, fail, ok, unknown} from '../../domain/checks.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {admission, admitting} from '../../domain/snapshots/vault-policy.ts'
import {asked} from '../recovery/asked.ts'
import {checkPermissions, type Wish} from '../recovery/caller.ts'
import type {BothPorts, Side} from './copy-side.ts'
import {vaultArnOf} from './copy-side.ts'
import {handOverOf} from './hand-over.ts'
import type {SnapshotPorts} from './options.ts'

/** Everything that can be known before anything is copied. */
export async function copyChecks(
  ports: BothPorts,
  source: Side,
  target: Side,
  manifest: Manifest,
): Promise<readonly Check[]> {
  const {source: from, target: to} = ports
  const {database, files, keyArn} = manifest
  const key = (side: string, keys: SnapshotPorts['keys'], arn: string): Promise<Check> =>
    asked(`key of ${side}`, async () => {
      const state = await keys.state(arn)
      return state === 'Enabled' ? ok('enabled') : fail(`the key is ${state ?? 'gone'}: nothing can be copied with it`)
    })
  const checks = await Promise.all([
    asked('database snapshot', async () => {
      const found = await from.databases.snapshot(database.snapshotIdentifier)
      return found?.status === 'available'
        ? ok(found.identifier)
        : fail(`${database.snapshotIdentifier} is ${found?.status ?? 'gone'}`)
    }),
    asked('recovery point', async () => {
      const point = await from.backups.recoveryPoint(files.vault, files.recoveryPointArn)
      return point?.status === 'COMPLETED'
        ? ok(point.arn)
        : fail(`${files.recoveryPointArn} is ${point?.status ?? 'gone'}`)
    }),
    key('the set', from.keys, keyArn),
    key(target.environment, to.keys, target.keyArn),
    asked('vault of the set', async () => {
      const trouble = await from.backups.vaultTrouble(files.vault, {besides: ['backup:CopyFromBackupVault']})
      return trouble === undefined ? ok(files.vault) : fail(trouble)
    }),
    asked(`vault of ${target.environment}`, async () => {
      const trouble = await to.backups.vaultTrouble(target.vault, {
        besides: ['backup:CopyIntoBackupVault'],
        saves: true,
      })
      return trouble === undefined ? ok(target.vault) : fail(trouble)
    }),
    asked('snapshots', async () => {
      const {used, max} = (await to.databases.quotas()).snapshots
      return used < max
        ? ok(`${used} of ${max} manual database snapshots`)
        : fail(`the account has all of its ${max} manual database snapshots there`, 'Ask for more in Service Quotas')
    }),
  ])
  const apart = source.caller.account !== target.caller.account
  return apart ? [...checks, ...(await accountChecks(ports, source, target, manifest))] : checks
}

/** What two accounts must have agreed upon; whoever lacks it is told the command that gives it. */
function accountChecks(
  {source: from, target: to}: BothPorts,
  source: Side,
  target: Side,
  manifest: Manifest,
): Promise<readonly Check[]> {
  return Promise.all([
    asked('partitions', () =>
      source.caller.partition === target.caller.partition
        ? ok(source.caller.partition)
        : fail(`nothing is copied from partition ${source.caller.partition} to ${target.caller.partition}`),
    ),
    asked('key of the database', () =>
      manifest.database.keyArn.split(':')[4] === source.caller.account
        ? ok(manifest.database.keyArn)
        : fail(
            `the database snapshot is under ${manifest.database.keyArn === '' ? 'no key' : manifest.database.keyArn}, which account ${source.caller.account} cannot lend`,
          ),
    ),
    organization(from, source),
    organization(to, target),
    asked(`policy of the vault of ${target.environment}`, async () => {
      const policy = await to.backups.vaultPolicy(target.vault)
      const answer = admission(policy, source.caller.account)
      if (answer === 'yes') return ok(`takes copies of account ${source.caller.account}`)
      const wanted = `--policy '${admitting(policy, source.caller)}'`
      const command = `aws backup put-backup-vault-access-policy --region ${target.caller.region} --backup-vault-name ${target.vault} ${wanted}`
      return answer === 'unclear'
        ? unknown(`its conditions decide whether it takes copies of account ${source.caller.account}`, command)
        : fail(
            `it takes no copies of account ${source.caller.account}`,
            `In account ${target.caller.account}: ${command}`,
          )
    }),
    mayDo(from, source, givingWishes(source, target, manifest)),
    mayDo(to, target, takingWishes(target)),
  ])
}

function organization({backups}: SnapshotPorts, {environment, caller}: Side): Promise<Check> {
  return asked(`organization of ${environment}`, async () => {
    const across = await backups.acrossAccounts()
    if (across === true) return ok('copies across accounts are on')
    return across === undefined
      ? fail(
          `account ${caller.account} is in no organization, and AWS Backup copies only between accounts of one`,
          'Bring both accounts into one organization of AWS Organizations',
        )
      : fail(
          'its management account does not allow copies across accounts',
          `In the management account: aws backup update-global-settings --region ${caller.region} --global-settings isCrossAccountBackupEnabled=true`,
        )
  })
}

async function mayDo(ports: SnapshotPorts, {environment, caller}: Side, wishes: readonly Wish[]): Promise<Check> {
  return {...(await checkPermissions(ports, caller, wishes)), name: `permissions in ${environment}`}
}

/** What the side that gives does besides reading its set. */
function givingWishes({caller, backupRoleArn}: Side, target: Side, manifest: Manifest): readonly Wish[] {
  const {partition, region, account} = caller
  const snapshot = handOverOf(manifest, {caller, backupRoleArn} as Side, target)?.snapshot ?? ''
  return [
    {actions: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'], resources: [manifest.database.keyArn]},
    {
      actions: ['rds:ModifyDBSnapshotAttribute'],
      resources: [`arn:${partition}:rds:${region}:${account}:snapshot:${snapshot}`],
    },
    {actions: ['backup:StartCopyJob'], resources: [manifest.files.recoveryPointArn]},
    {actions: ['backup:DescribeCopyJob'], resources: ['*']},
    {actions: ['iam:PassRole'], resources: [backupRoleArn], passedTo: 'backup.amazonaws.com'},
  ]
}

/** What the side that takes does. */
function takingWishes(target: Side): readonly Wish[] {
  const {partition, region, account} = target.caller
  return [
    {
      actions: ['rds:CopyDBSnapshot', 'rds:AddTagsToResource'],
      resources: [`arn:${partition}:rds:${region}:${account}:snapshot:pi-${target.environment}-x`],
    },
    {actions: ['kms:CreateGrant', 'kms:DescribeKey'], resources: [target.keyArn]},
    {actions: ['backup:DescribeRecoveryPoint'], resources: [vaultArnOf(target)]},
    {actions: ['s3:PutObject', 's3:GetObject'], resources: [`arn:${partition}:s3:::${target.recordsBucket}/x`]},
  ]
}
