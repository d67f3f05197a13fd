import type {StackStatus} from './stack-status.ts'

export type ChangeAction = 'Add' | 'Modify' | 'Remove' | 'Import' | 'Dynamic'
export type Replacement = 'True' | 'False' | 'Conditional'

/** One row of a change set. */
export interface Change {
  /** Logical ids from the root stack's child down, empty for the root's own resources. */
  readonly path: readonly string[]
  readonly logicalId: string
  readonly physicalId?: string
  readonly type: string
  readonly action: ChangeAction
  /** Absent where nothing that exists is touched. */
  readonly replacement?: Replacement
  /** Names of the properties that change, where CloudFormation tells. */
  readonly properties: readonly string[]
}

export interface ChangeSet {
  readonly arn: string
  readonly stackId: string
  readonly state: 'pending' | 'ready' | 'empty' | 'failed'
  readonly reason?: string
  /** What its maker wrote; ours is a holder as JSON. */
  readonly description?: string
  /** True once it was executed, or while it is. */
  readonly executed: boolean
  readonly changes: readonly Change[]
}

/** One event of a stack. */
export interface StackEvent {
  readonly id: string
  readonly stackId: string
  readonly stackName: string
  readonly logicalId: string
  readonly physicalId: string
  readonly type: string
  readonly status: string
  readonly reason?: string
  /** ISO 8601 UTC. */
  readonly at: string
  /** ClientRequestToken of the call that began the operation. */
  readonly token?: string
  readonly operationId?: string
}

/** True when the event tells the end of the whole stack's operation, given the stack's own id. */
export function endsStack(event: StackEvent, stackId: string): boolean {
  return event.physicalId === stackId && event.stackId === stackId && isSettledStatus(event.status)
}

function isSettledStatus(status: string): status is StackStatus {
  return /^(CREATE|UPDATE|DELETE|ROLLBACK|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_(COMPLETE|FAILED)$/.test(status)
}

/**
 * Types that hold data or without which data cannot be read: a change that replaces or removes one is refused
 * unless the operator names it, and their stack's policy denies it too.
 */
export const statefulTypes: readonly string[] = [
  'AWS::RDS::DBInstance',
  'AWS::EFS::FileSystem',
  'AWS::EFS::MountTarget',
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
  'AWS::Backup::BackupVault',
  'AWS::SecretsManager::Secret',
]

/** What the gate found in one row. */
export interface GateFinding {
  readonly change: Change
  /** `Nested.Logical` or `Logical`: how the operator names it. */
  readonly name: string
  readonly severity: 'refused' | 'review'
  readonly why: string
}

/** How a change is named in output and by `--allow-replacement`. */
export function changeName(change: Change): string {
  return [...change.path, change.logicalId].join('.')
}

/**
 * Judges a change set: replacements and removals of what holds data are refused, conditional ones need a look.
 * @param allowed names the operator allowed on the command line
 */
export function gate(changes: readonly Change[], allowed: readonly string[] = []): readonly GateFinding[] {
  const findings: GateFinding[] = []
  for (const change of changes) {
    if (!statefulTypes.includes(change.type)) continue
    const name = changeName(change)
    if (allowed.includes(name)) continue
    if (change.action === 'Remove') findings.push({change, name, severity: 'refused', why: 'it would be removed'})
    else if (change.replacement === 'True')
      findings.push({change, name, severity: 'refused', why: 'it would be replaced'})
    else if (change.replacement === 'Conditional' || change.action === 'Dynamic') {
      findings.push({
        change,
        name,
        severity: 'review',
        why: 'it may be replaced, depending on values known only during the update',
      })
    }
  }
  return findings
}
