/** CloudFormation's stack statuses (API reference, Stack.StackStatus). */
export const stackStatuses = [
  'CREATE_IN_PROGRESS',
  'CREATE_FAILED',
  'CREATE_COMPLETE',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_FAILED',
  'ROLLBACK_COMPLETE',
  'DELETE_IN_PROGRESS',
  'DELETE_FAILED',
  'DELETE_COMPLETE',
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_FAILED',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'REVIEW_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_FAILED',
  'IMPORT_ROLLBACK_COMPLETE',
] as const
export type StackStatus = (typeof stackStatuses)[number]

/**
 * What `deploy` does with a stack it finds.
 * create: CREATE change set; update: UPDATE change set; wait: attach to what runs, then look again;
 * recreate: delete the empty shell, then create; repair: needs --continue-rollback; refuse: a person must decide.
 */
export type DeployAction = 'create' | 'update' | 'wait' | 'recreate' | 'repair' | 'refuse'
/** What `destroy` does: delete, wait and look again, nothing, or delete once more and tell what still does not go. */
export type DestroyAction = 'delete' | 'wait' | 'nothing' | 'retry'
/** How `status` calls it. */
export type StackHealth = 'healthy' | 'working' | 'unhealthy' | 'absent'

export interface StatusRow {
  readonly deploy: DeployAction
  readonly destroy: DestroyAction
  readonly health: StackHealth
  /** What happened, for a person. */
  readonly meaning: string
}

function row(deploy: DeployAction, destroy: DestroyAction, health: StackHealth, meaning: string): StatusRow {
  return {deploy, destroy, health, meaning}
}

/** The written answer for every status; `absent` stands for a stack that does not exist. */
export const statusTable: Readonly<Record<StackStatus | 'absent', StatusRow>> = {
  absent: row('create', 'nothing', 'absent', 'there is no such stack'),
  CREATE_IN_PROGRESS: row('wait', 'wait', 'working', 'it is being created'),
  CREATE_FAILED: row('recreate', 'delete', 'unhealthy', 'its creation failed and was not rolled back'),
  CREATE_COMPLETE: row('update', 'delete', 'healthy', 'it was created'),
  ROLLBACK_IN_PROGRESS: row('wait', 'wait', 'working', 'its creation failed and is being rolled back'),
  ROLLBACK_FAILED: row('recreate', 'delete', 'unhealthy', 'its creation failed and the rollback too'),
  ROLLBACK_COMPLETE: row('recreate', 'delete', 'unhealthy', 'its creation failed and was rolled back'),
  DELETE_IN_PROGRESS: row('wait', 'wait', 'working', 'it is being deleted'),
  DELETE_FAILED: row('refuse', 'retry', 'unhealthy', 'its deletion failed'),
  DELETE_COMPLETE: row('create', 'nothing', 'absent', 'it was deleted'),
  UPDATE_IN_PROGRESS: row('wait', 'wait', 'working', 'it is being updated'),
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: row('wait', 'wait', 'working', 'it was updated and removes what it replaced'),
  UPDATE_COMPLETE: row('update', 'delete', 'healthy', 'it was updated'),
  UPDATE_FAILED: row('refuse', 'delete', 'unhealthy', 'its update failed and was not rolled back'),
  UPDATE_ROLLBACK_IN_PROGRESS: row('wait', 'wait', 'working', 'its update failed and is being rolled back'),
  UPDATE_ROLLBACK_FAILED: row('repair', 'delete', 'unhealthy', 'its update failed and the rollback too'),
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: row(
    'wait',
    'wait',
    'working',
    'its update was rolled back and it cleans up',
  ),
  UPDATE_ROLLBACK_COMPLETE: row('update', 'delete', 'healthy', 'its last update failed and was rolled back'),
  REVIEW_IN_PROGRESS: row('create', 'delete', 'absent', 'only a change set was made, nothing of it exists'),
  IMPORT_IN_PROGRESS: row('wait', 'wait', 'working', 'resources are being imported'),
  IMPORT_COMPLETE: row('update', 'delete', 'healthy', 'resources were imported'),
  IMPORT_ROLLBACK_IN_PROGRESS: row('wait', 'wait', 'working', 'an import failed and is being rolled back'),
  IMPORT_ROLLBACK_FAILED: row('refuse', 'delete', 'unhealthy', 'an import failed and the rollback too'),
  IMPORT_ROLLBACK_COMPLETE: row('update', 'delete', 'healthy', 'an import failed and was rolled back'),
}

/** True while CloudFormation works on the stack. */
export function inProgress(status: StackStatus): boolean {
  return statusTable[status].health === 'working'
}

/** How an operation that has ended turned out. */
export type Settled = 'succeeded' | 'rolledBack' | 'failed'

/** @param status one that is not in progress */
export function settledAs(status: StackStatus): Settled {
  switch (status) {
    case 'CREATE_COMPLETE':
    case 'UPDATE_COMPLETE':
    case 'DELETE_COMPLETE':
    case 'IMPORT_COMPLETE':
      return 'succeeded'
    case 'ROLLBACK_COMPLETE':
    case 'UPDATE_ROLLBACK_COMPLETE':
    case 'IMPORT_ROLLBACK_COMPLETE':
      return 'rolledBack'
    default:
      return 'failed'
  }
}
