import {partOf} from '../../domain/landscape.ts'
import type {Part} from '../../domain/parts.ts'
import type {Landscape} from '../landscape.ts'
import {type Attempt, stepToken} from '../ledger/operation.ts'
import type {Stacks} from '../ports.ts'

/** The name of the change set that a step of an operation makes. */
export function changeSetName(attempt: Attempt, step: string): string {
  return `pi-${stepToken(attempt, step)}`
}

/** The step of `destroy` that changes a stack: names of generations differ. */
export function changeStep(stack: string): string {
  return `change-${stack}`
}

/** The look of a deploy at a part before its turn. */
export function aheadStep(part: Part): string {
  return `ahead-${part}`
}

/** The step of a restore that brings the parameters of a part back, or of its undo. */
export function configureStep(part: string, direction: 'from' | 'to'): string {
  return `configure-${direction === 'to' ? '' : 'back-'}${part}`
}

/** The steps that make change sets of a stack; `-live` carries the counts of scaled services. */
function stepsOf(part: Part, stack: string): readonly string[] {
  const phases: Partial<Record<Part, readonly string[]>> = {
    foundation: ['foundation-protect'],
    database: ['database-guard', 'stage-database', 'guard', 'keep', 'unguard'],
    app: ['app-live', 'app-release', 'app-release-live', 'quiesced', 'flip', 'released', 'back'],
  }
  const configure = [configureStep(part, 'to'), configureStep(part, 'from')]
  return [part, aheadStep(part), ...(phases[part] ?? []), changeStep(stack), ...configure]
}

/**
 * Deletes the change sets that runs made and did not come to execute: a crash leaves them, and a stack takes only so many.
 * @returns their names
 */
export async function forgetChangeSets(
  stacks: Stacks,
  landscape: Landscape,
  attempts: readonly Attempt[],
): Promise<readonly string[]> {
  const wanted = landscape.stacks.flatMap((stack) => {
    const part = partOf(landscape.environment, stack.name)
    return part === undefined ? [] : stepsOf(part, stack.name).map((step) => ({stack: stack.id, step}))
  })
  const names: string[] = []
  for (const attempt of attempts) {
    await Promise.all(
      wanted.map(async ({stack, step}) => {
        const name = changeSetName(attempt, step)
        const found = await stacks.findChangeSet(stack, name)
        if (found === undefined || found.executed) return
        await stacks.deleteChangeSet(found.arn)
        names.push(name)
      }),
    )
  }
  return names
}
