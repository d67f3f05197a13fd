import type {FlowEvent} from '../../src/flows/events.ts'
import type {EnvironmentName, OpId} from '../../src/domain/names.ts'
import type {Part} from '../../src/domain/parts.ts'

/** An event and when it came, in milliseconds after the start. */
export interface Timed {
  readonly at: number
  readonly event: FlowEvent
}

/** 03:04:05 UTC on some day: the start of the recording, in milliseconds since 1970. */
export const recordedStart = Date.parse('2026-01-02T03:04:05Z')

const seconds = (count: number): number => count * 1000
const iso = (at: number): string => new Date(recordedStart + at).toISOString()

function start(at: number, step: string, title: string, part?: Part): Timed {
  return {at, event: {type: 'step.started', step, title, ...(part ? {part} : {})}}
}

function done(
  at: number,
  from: number,
  step: string,
  title: string,
  part?: Part,
  more: {outcome?: 'unchanged' | 'adopted' | 'skipped'; detail?: string} = {},
): Timed {
  const {outcome = 'done', detail} = more
  return {
    at,
    event: {
      type: 'step.finished',
      step,
      title,
      outcome,
      durationMs: at - from,
      ...(part ? {part} : {}),
      ...(detail === undefined ? {} : {detail}),
    },
  }
}

function resource(
  at: number,
  part: Part,
  stack: string,
  logicalId: string,
  resourceType: string,
  status: string,
  reason?: string,
): Timed {
  return {
    at,
    event: {
      type: 'stack.event',
      part,
      stack,
      logicalId,
      resourceType,
      status,
      at: iso(at),
      ...(reason === undefined ? {} : {reason}),
    },
  }
}

function progress(at: number, part: Part, stack: string, finished: number, total: number): Timed {
  return {at, event: {type: 'stack.progress', part, stack, done: finished, total}}
}

function stackOf(part: Part): string {
  return part === 'database' ? 'pi-prod-database-1' : `pi-prod-${part}`
}

/** Events of a stack that brings its resources up one after the other. */
function bringUp(
  part: Part,
  from: number,
  step: string,
  title: string,
  every: number,
  resources: readonly (readonly [string, string])[],
): Timed[] {
  const stack = stackOf(part)
  const events = [start(from, step, title, part), progress(from, part, stack, 0, resources.length)]
  resources.forEach(([logicalId, type], index) => {
    const begun = from + every * index + 100
    const ended = from + every * (index + 1)
    events.push(
      resource(begun, part, stack, logicalId, type, 'CREATE_IN_PROGRESS'),
      resource(ended, part, stack, logicalId, type, 'CREATE_COMPLETE'),
      progress(ended, part, stack, index + 1, resources.length),
    )
  })
  return events
}

const deploy = 'Deploy the stack'
const opId = '20260102T030405Z-deploy-3fa9c1' as OpId

/**
 * A first deploy of all six parts in 9 minutes: files and database side by side, a slow NAT gateway, a warning, notes,
 * and a service that does not become stable, so that the app stack rolls back and operations is never begun.
 */
export const recordedDeploy: readonly Timed[] = [
  {at: 0, event: {type: 'operation.started', opId, kind: 'deploy', environment: 'prod' as EnvironmentName}},
  start(10, 'preflight', 'Check account, names, ranges and certificate'),
  {
    at: 800,
    event: {
      type: 'warning',
      code: 'NAT_SINGLE',
      message:
        'One NAT gateway serves three zones: if its zone fails, tasks in the others lose their way to the licence manager.',
    },
  },
  done(1900, 10, 'preflight', 'Check account, names, ranges and certificate', undefined, {detail: '14 checks'}),
  ...bringUp('foundation', 2000, 'foundation.deploy', deploy, seconds(4), [
    ['Key', 'AWS::KMS::Key'],
    ['ArtifactsBucket', 'AWS::S3::Bucket'],
    ['AlarmTopic', 'AWS::SNS::Topic'],
    ['BackupVault', 'AWS::Backup::BackupVault'],
  ]),
  done(seconds(18), 2000, 'foundation.deploy', deploy, 'foundation', {detail: '4 resources'}),
  start(seconds(18), 'foundation.policy', 'Protect the stack', 'foundation'),
  done(18_400, 18_000, 'foundation.policy', 'Protect the stack', 'foundation', {outcome: 'unchanged'}),
  start(18_500, 'lock', 'Take the lock'),
  done(18_700, 18_500, 'lock', 'Take the lock'),
  start(18_800, 'upload', 'Upload templates and function'),
  done(21_900, 18_800, 'upload', 'Upload templates and function', undefined, {
    outcome: 'adopted',
    detail: '12 objects were there already',
  }),
  ...bringUp('network', seconds(22), 'network.deploy', deploy, seconds(12), [
    ['Vpc', 'AWS::EC2::VPC'],
    ['PublicSubnetA', 'AWS::EC2::Subnet'],
    ['PublicSubnetB', 'AWS::EC2::Subnet'],
    ['FlowLog', 'AWS::EC2::FlowLog'],
  ]),
  resource(seconds(30), 'network', 'pi-prod-network', 'NatGatewayA', 'AWS::EC2::NatGateway', 'CREATE_IN_PROGRESS'),
  resource(seconds(124), 'network', 'pi-prod-network', 'NatGatewayA', 'AWS::EC2::NatGateway', 'CREATE_COMPLETE'),
  done(seconds(126), seconds(22), 'network.deploy', deploy, 'network', {detail: '5 resources'}),
  ...bringUp('files', seconds(127), 'files.deploy', deploy, seconds(20), [
    ['FileSystem', 'AWS::EFS::FileSystem'],
    ['MountTargetA', 'AWS::EFS::MountTarget'],
    ['MountTargetB', 'AWS::EFS::MountTarget'],
    ['SideloadFunction', 'AWS::Lambda::Function'],
  ]),
  done(seconds(208), seconds(127), 'files.deploy', deploy, 'files', {detail: '4 resources'}),
  start(seconds(208), 'files.prepare', 'Prepare generation 1', 'files'),
  done(seconds(212), seconds(208), 'files.prepare', 'Prepare generation 1', 'files'),
  ...bringUp('database', 127_500, 'database.deploy', 'Deploy the stack of generation 1', seconds(70), [
    ['SubnetGroup', 'AWS::RDS::DBSubnetGroup'],
    ['MasterSecret', 'AWS::SecretsManager::Secret'],
    ['Instance', 'AWS::RDS::DBInstance'],
  ]),
  done(seconds(340), 127_500, 'database.deploy', 'Deploy the stack of generation 1', 'database', {
    detail: '3 resources',
  }),
  {at: seconds(341), event: {type: 'note', message: 'Services stay down until the database has its schema.'}},
  start(seconds(342), 'app.deploy', deploy, 'app'),
  progress(seconds(342), 'app', 'pi-prod-app', 0, 70),
  resource(seconds(343), 'app', 'pi-prod-app', 'Cluster', 'AWS::CloudFormation::Stack', 'CREATE_IN_PROGRESS'),
  resource(seconds(345), 'app', 'pi-prod-app-Cluster-1AB', 'Cluster', 'AWS::ECS::Cluster', 'CREATE_IN_PROGRESS'),
  resource(seconds(360), 'app', 'pi-prod-app-Cluster-1AB', 'Cluster', 'AWS::ECS::Cluster', 'CREATE_COMPLETE'),
  progress(seconds(360), 'app', 'pi-prod-app', 12, 70),
  resource(seconds(370), 'app', 'pi-prod-app-Dashboard-2CD', 'Service', 'AWS::ECS::Service', 'CREATE_IN_PROGRESS'),
  resource(seconds(372), 'app', 'pi-prod-app-Pirana-3EF', 'Service', 'AWS::ECS::Service', 'CREATE_IN_PROGRESS'),
  progress(seconds(373), 'app', 'pi-prod-app', 55, 70),
  {
    at: seconds(380),
    event: {
      type: 'service.event',
      service: 'dashboard',
      message: '(service dashboard) has started 1 tasks: (task 0f2c).',
      at: iso(seconds(380)),
    },
  },
  {
    at: seconds(440),
    event: {
      type: 'service.event',
      service: 'dashboard',
      message: '(service dashboard) was unable to place a task.',
      at: iso(seconds(440)),
    },
  },
  {
    at: seconds(445),
    event: {
      type: 'service.event',
      service: 'dashboard',
      message: '(service dashboard) was unable to place a task.',
      at: iso(seconds(445)),
    },
  },
  resource(
    seconds(500),
    'app',
    'pi-prod-app-Dashboard-2CD',
    'Service',
    'AWS::ECS::Service',
    'CREATE_FAILED',
    'Resource handler returned message: "Error occurred during operation: ECS Deployment Circuit Breaker was triggered."\n(HandlerErrorCode: GeneralServiceException)',
  ),
  resource(
    seconds(501),
    'app',
    'pi-prod-app-Pirana-3EF',
    'Service',
    'AWS::ECS::Service',
    'CREATE_FAILED',
    'Resource creation cancelled',
  ),
  resource(
    seconds(503),
    'app',
    'pi-prod-app',
    'pi-prod-app',
    'AWS::CloudFormation::Stack',
    'ROLLBACK_IN_PROGRESS',
    'The following resource(s) failed to create: [Dashboard].',
  ),
  resource(seconds(520), 'app', 'pi-prod-app-Dashboard-2CD', 'Service', 'AWS::ECS::Service', 'DELETE_IN_PROGRESS'),
  resource(seconds(533), 'app', 'pi-prod-app-Dashboard-2CD', 'Service', 'AWS::ECS::Service', 'DELETE_COMPLETE'),
  resource(seconds(540), 'app', 'pi-prod-app', 'pi-prod-app', 'AWS::CloudFormation::Stack', 'ROLLBACK_COMPLETE'),
  {
    at: seconds(541),
    event: {
      type: 'step.failed',
      step: 'app.deploy',
      title: deploy,
      part: 'app',
      durationMs: seconds(199),
      message:
        'The stack was rolled back: dashboard stopped with "CannotPullContainerError: pull image manifest has been retried 5 time(s)"',
    },
  },
  {
    at: seconds(542),
    event: {
      type: 'operation.paused',
      opId,
      reason: 'the app stack was rolled back; pi-aws ops resume goes on from there',
    },
  },
].sort((a, b) => a.at - b.at) as readonly Timed[]
