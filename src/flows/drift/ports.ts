import type {DriftState, PropertyDifference} from '../../domain/drift.ts'

/** How far CloudFormation is with comparing one stack. */
export interface DriftDetection {
  /** `partial`: it is done, and at least one resource could not be read. */
  readonly state: 'running' | 'complete' | 'partial'
  readonly reason?: string
  /** When it began. */
  readonly startedAt: Date
}

/** What CloudFormation last found of one resource. */
export interface ResourceDrift {
  readonly logicalId: string
  readonly physicalId: string
  readonly type: string
  readonly state: DriftState
  /** When it was looked at. */
  readonly at: Date
  readonly differences: readonly PropertyDifference[]
}

/** CloudFormation's comparison of stacks with what there is. */
export interface Drifts {
  /**
   * Begins to compare a stack, the stacks nested in it left out (API reference, DetectStackDrift). Resolves to the
   * detection's id; undefined while the same stack is being compared for somebody else.
   */
  begin(stack: string): Promise<string | undefined>
  /** How far a detection is. */
  progress(detection: string): Promise<DriftDetection>
  /** The newest findings of a stack; resources of types that CloudFormation cannot compare are not among them. */
  found(stack: string): Promise<readonly ResourceDrift[]>
}
