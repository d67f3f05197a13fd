import {canonicalJson} from './content.ts'
import {statefulTypes} from './change-set.ts'

/**
 * The policy of every stack: all updates but the replacement and removal of what holds data. A policy that is set
 * denies whatever it does not allow, hence the first statement (User Guide, "Prevent updates to stack resources").
 */
export const protectingPolicy: string = canonicalJson({
  Statement: [
    {Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*'},
    {
      Effect: 'Deny',
      Action: ['Update:Replace', 'Update:Delete'],
      Principal: '*',
      Resource: '*',
      Condition: {StringEquals: {ResourceType: [...statefulTypes].toSorted()}},
    },
  ],
})

/** A stack policy cannot be removed, only changed: this one allows everything, for `destroy`. */
export const openPolicy: string = canonicalJson({
  Statement: [{Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*'}],
})

/** True when a policy read back means the same. */
export function samePolicy(policy: string | undefined, wanted: string): boolean {
  if (policy === undefined) return false
  try {
    return canonicalJson(JSON.parse(policy)) === canonicalJson(JSON.parse(wanted))
  } catch {
    return false
  }
}
