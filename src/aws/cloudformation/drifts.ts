import {
  CloudFormationClient,
  DescribeStackDriftDetectionStatusCommand,
  DetectStackDriftCommand,
  paginateDescribeStackResourceDrifts,
  type PropertyDifference as SdkDifference,
  type StackResourceDrift,
} from '@aws-sdk/client-cloudformation'
import type {DriftState, PropertyDifference} from '../../domain/drift.ts'
import {FailedError} from '../../domain/errors.ts'
import type {DriftDetection, Drifts, ResourceDrift} from '../../flows/drift/ports.ts'
import {isNamed, translateErrors} from '../errors.ts'
import {present} from '../present.ts'
import type {ClientConfig} from '../settings.ts'

const kinds: Readonly<Record<string, PropertyDifference['kind']>> = {ADD: 'added', REMOVE: 'removed'}
const known: Readonly<Record<string, DriftState>> = {IN_SYNC: 'in-sync', MODIFIED: 'modified', DELETED: 'deleted'}

/** CloudFormation has no error of its own for a stack that is being compared: it says so in words. */
function isComparedAlready(error: unknown): boolean {
  return error instanceof Error && isNamed(error, 'ValidationError') && /already in progress/i.test(error.message)
}

async function begin(client: CloudFormationClient, stack: string): Promise<string | undefined> {
  try {
    const {StackDriftDetectionId: id} = await client.send(new DetectStackDriftCommand({StackName: stack}))
    if (id !== undefined) return id
  } catch (error) {
    if (isComparedAlready(error)) return undefined
    throw error
  }
  throw new FailedError(`CloudFormation gave the comparison of ${stack} no id.`, {code: 'DRIFT_WITHOUT_ID'})
}

async function progress(client: CloudFormationClient, detection: string): Promise<DriftDetection> {
  const answer = await client.send(new DescribeStackDriftDetectionStatusCommand({StackDriftDetectionId: detection}))
  const {DetectionStatus: status, DetectionStatusReason: reason, Timestamp: startedAt = new Date(0)} = answer
  const state =
    status === 'DETECTION_IN_PROGRESS' ? 'running' : status === 'DETECTION_COMPLETE' ? 'complete' : 'partial'
  return {state, startedAt, ...present({reason})}
}

function differenceOf({PropertyPath, DifferenceType, ExpectedValue, ActualValue}: SdkDifference): PropertyDifference {
  return {
    path: PropertyPath ?? '',
    kind: kinds[DifferenceType ?? ''] ?? 'changed',
    expected: ExpectedValue ?? '',
    actual: ActualValue ?? '',
  }
}

function driftOf(row: StackResourceDrift): ResourceDrift {
  return {
    logicalId: row.LogicalResourceId ?? '',
    physicalId: row.PhysicalResourceId ?? '',
    type: row.ResourceType ?? '',
    // Whatever CloudFormation says besides is no knowledge of the resource.
    state: known[row.StackResourceDriftStatus ?? ''] ?? 'unknown',
    at: row.Timestamp ?? new Date(0),
    differences: (row.PropertyDifferences ?? []).map(differenceOf),
  }
}

async function found(client: CloudFormationClient, stack: string): Promise<readonly ResourceDrift[]> {
  const rows: ResourceDrift[] = []
  for await (const page of paginateDescribeStackResourceDrifts({client, pageSize: 100}, {StackName: stack})) {
    for (const row of page.StackResourceDrifts ?? []) {
      // What was not compared, or cannot be, says nothing either way.
      if (!['NOT_CHECKED', 'UNSUPPORTED'].includes(row.StackResourceDriftStatus ?? '')) rows.push(driftOf(row))
    }
  }
  return rows
}

/** Drift by CloudFormation's API, whole stacks at a time. */
export function createDrifts(config: ClientConfig): Drifts {
  const client = new CloudFormationClient(config)
  return translateErrors<Drifts>({
    begin: (stack) => begin(client, stack),
    progress: (detection) => progress(client, detection),
    found: (stack) => found(client, stack),
  })
}
