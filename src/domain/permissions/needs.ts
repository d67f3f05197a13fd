import {FailedError} from '../errors.ts'
import type {Part} from '../parts.ts'
import {parts} from '../parts.ts'
import type {Template} from '../template.ts'
import {ownActions} from './own-actions.ts'
import {actionsOfType} from './type-actions.ts'

/** Who needs actions: a part of the environment, or pi-aws itself. */
export type Needing = Part | 'pi-aws'

/** Actions by who needs them, each list sorted and without repetition. */
export type Needs = ReadonlyMap<Needing, readonly string[]>

/** The part whose stack has a template: its own, or the app's for what that nests. */
function partOf(file: string): Part | undefined {
  return parts.find((part) => file === part || file === `${part}.yaml` || file.startsWith(`${part}/`))
}

/**
 * What the templates' resource types and pi-aws itself ask of AWS. A type that is new in a template and unknown to the
 * table is an error, so that the policy cannot fall behind.
 * @param templates path below templates/, with its ending or without -> template
 * @throws FailedError TYPE_WITHOUT_ACTIONS
 */
export function neededActions(templates: ReadonlyMap<string, Template>): Needs {
  const found = new Map<Needing, Set<string>>([['pi-aws', new Set(ownActions)]])
  for (const part of parts) found.set(part, new Set())
  for (const [file, {Resources}] of templates) {
    const part = partOf(file)
    if (part === undefined) continue
    for (const {Type} of Object.values(Resources)) for (const action of known(Type)) found.get(part)?.add(action)
  }
  return new Map([...found].map(([who, actions]) => [who, [...actions].toSorted()] as const))
}

function known(type: string): readonly string[] {
  const actions = actionsOfType(type)
  if (actions !== undefined) return actions
  throw new FailedError(`No IAM actions are known for ${type}.`, {
    code: 'TYPE_WITHOUT_ACTIONS',
    suggestions: ['This is a fault of pi-aws: please report it with the version'],
  })
}
