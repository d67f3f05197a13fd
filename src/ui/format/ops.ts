import type {OpsAbortResult, OpsListResult, OpsShowResult, OpsUnlockResult} from '../../flows/ops/ops.ts'
import type {OpsWaitResult} from '../../flows/ops/wait.ts'
import type {ResumeResult} from '../../flows/ops/resume.ts'
import {formatDeploy} from './deploy.ts'
import {formatDestroy} from './destroy.ts'
import {formatFinalize, formatRestore, formatUndo} from './restore.ts'
import {formatRotate} from './rotate.ts'
import {formatServiceChange} from './service.ts'
import {formatSilence} from './alarms.ts'
import {formatSnapshotCreate, formatSnapshotVerify, formatTidy} from './snapshot.ts'
import {formatSnapshotCopy} from './snapshot-copies.ts'
import {formatSideload, formatVerify} from './sideload.ts'
import {formatUploadAssets} from './upload-assets.ts'
import type {Layout} from './layout.ts'

export function formatOpsList(result: OpsListResult, layout: Layout): string {
  if (result.operations.length === 0) return `Environment ${result.environment} has no operations.\n`
  return layout.table(
    [{head: 'Operation'}, {head: 'Kind'}, {head: 'State'}, {head: 'Last entry'}, {head: 'By'}],
    result.operations.map(({opId, kind, state, updatedAt, holder}) => [
      opId,
      kind,
      state,
      updatedAt,
      `${holder.user}@${holder.host}`,
    ]),
  )
}

export function formatOpsShow(result: OpsShowResult, layout: Layout): string {
  return [
    layout.keyValues([
      ['Operation', result.opId],
      ['State', result.state],
      ['Environment', `${result.environment} in ${result.region} (${result.account})`],
      ['By', `${result.holder.user}@${result.holder.host}, pi-aws ${result.cliVersion}`],
    ]),
    layout.table(
      [
        {head: 'No', align: 'right'},
        {head: 'At'},
        {head: 'Step', wraps: true},
        {head: 'Entry'},
        {head: 'Reason', wraps: true},
      ],
      result.entries.map(({number, at, step, kind, reason}) => [String(number), at, step, kind, reason ?? '']),
    ),
    layout.nextSteps(
      ['open', 'paused', 'failed'].includes(result.state)
        ? [
            `pi-aws ops resume ${result.opId} --environment ${result.environment}`,
            `pi-aws ops abort ${result.opId} --environment ${result.environment}`,
          ]
        : [],
    ),
  ].join('\n')
}

export function formatResume(resumed: ResumeResult, layout: Layout): string {
  switch (resumed.kind) {
    case 'deploy':
      return formatDeploy(resumed.result, layout)
    case 'destroy':
      return formatDestroy(resumed.result, layout)
    case 'upload':
      return formatUploadAssets(resumed.result, layout)
    case 'sideload':
      return formatSideload(resumed.result, layout)
    case 'verify':
      return formatVerify(resumed.result, layout)
    case 'prove':
      return formatSnapshotVerify(resumed.result, layout)
    case 'restore':
      return formatRestore(resumed.result, layout)
    case 'undo':
      return formatUndo(resumed.result, layout)
    case 'finalize':
      return formatFinalize(resumed.result, layout)
    case 'rotate':
      return formatRotate(resumed.result, layout)
    case 'service':
      return formatServiceChange(resumed.result, layout)
    case 'silence':
      return formatSilence(resumed.result, layout)
    case 'tidy':
      return formatTidy(resumed.result, layout)
    case 'snapshot':
      return formatSnapshotCreate(resumed.result, layout)
    case 'copy':
      return formatSnapshotCopy(resumed.result, layout)
  }
}

export function formatOpsWait(result: OpsWaitResult, layout: Layout): string {
  const {opId, environment, kind, state, exitCode} = result
  const goOn = ['open', 'paused', 'failed'].includes(state)
  return [
    layout.heading(`Operation ${opId} is ${state === 'open' ? 'broken off' : state}`),
    layout.keyValues([
      ['Kind', kind],
      ['Last entry', result.updatedAt],
      ['By', `${result.holder.user}@${result.holder.host}`],
      ['Exit code', String(exitCode)],
      ['Reason', result.reason],
    ]),
    layout.nextSteps(
      goOn
        ? [
            `pi-aws ops resume ${opId} --environment ${environment}`,
            `pi-aws ops abort ${opId} --environment ${environment}`,
          ]
        : [`pi-aws status ${environment}`],
    ),
  ].join('\n')
}

export function formatOpsAbort(result: OpsAbortResult, layout: Layout): string {
  return [
    layout.heading(`Operation ${result.opId} is aborted`),
    result.undone.length === 0 ? '' : `Taken back:\n${layout.bulletList(result.undone)}`,
    layout.nextSteps([`pi-aws status ${result.environment}`]),
  ].join('\n')
}

export function formatOpsUnlock(result: OpsUnlockResult): string {
  return result.unlocked
    ? `Environment ${result.environment} is unlocked; the lock was held by ${result.holder ?? 'somebody unknown'}.\n`
    : `Environment ${result.environment} is not locked.\n`
}
