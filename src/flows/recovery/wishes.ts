import {neededOutput} from '../landscape.ts'
import type {Site} from '../snapshot/site.ts'
import type {Wish} from './caller.ts'

function arnOf({caller: {partition, region, account}}: Site, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`
}

/** What a snapshot does to what stands, each action with what it is done to. */
export function snapshotWishes(site: Site, {vaulted}: {readonly vaulted: boolean}): readonly Wish[] {
  const {partition} = site.caller
  const snapshots = arnOf(site, 'rds', `snapshot:pi-${site.environment}-x`)
  const instance = arnOf(site, 'rds', `db:${site.instance}`)
  const services = Object.entries(site.outputs).flatMap(([output, name]) =>
    output.endsWith('ServiceName') && name !== '' ? [arnOf(site, 'ecs', `service/${site.cluster}/${name}`)] : [],
  )
  const checks = site.outputs['CheckTaskDefinitionArn']
  return [
    {
      actions: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
      resources: [`arn:${partition}:s3:::${site.recordsBucket}/x`],
    },
    {actions: ['lambda:InvokeFunction'], resources: [arnOf(site, 'lambda', `function:${site.functionName}`)]},
    ...(vaulted ? [] : [{actions: ['rds:CreateDBSnapshot'], resources: [instance, snapshots]}]),
    {actions: ['rds:DescribeDBSnapshots', 'rds:DescribeDBInstances'], resources: ['*']},
    {
      actions: ['backup:StartBackupJob', 'backup:DescribeRecoveryPoint'],
      resources: [arnOf(site, 'backup', `backup-vault:${site.vault}`)],
    },
    {actions: ['backup:DescribeBackupJob'], resources: ['*']},
    {actions: ['iam:PassRole'], resources: [site.backupRoleArn], passedTo: 'backup.amazonaws.com'},
    ...(checks === undefined ? [] : [{actions: ['ecs:RunTask'], resources: [checks]}]),
    ...(services.length === 0 ? [] : [{actions: ['ecs:UpdateService'], resources: services}]),
    {
      actions: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:RegisterScalableTarget'],
      resources: ['*'],
    },
  ]
}

/**
 * What a restore does besides: to the stacks, and to what is brought back. What CloudFormation does with a role of its
 * own is not the caller's.
 */
export function restoreWishes(
  site: Site,
  halves: {readonly database: boolean; readonly files: boolean},
): readonly Wish[] {
  const stack = (name: string): string => arnOf(site, 'cloudformation', `stack/${name}/x`)
  const changes = ['CreateChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet', 'DeleteChangeSet']
  const stacks = [stack(site.app.name), ...(halves.database ? [stack(`pi-${site.environment}-database-x`)] : [])]
  return [
    {actions: changes.map((action) => `cloudformation:${action}`), resources: stacks},
    ...(halves.files
      ? [
          {actions: ['backup:StartRestoreJob', 'backup:DescribeRestoreJob'], resources: ['*']},
          {
            actions: ['iam:PassRole'],
            resources: [neededOutput(site.outputs, 'RestoreRoleArn')],
            passedTo: 'backup.amazonaws.com',
          },
        ]
      : []),
  ]
}
