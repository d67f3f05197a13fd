import {stickyParameters, type ParameterValues} from '../parameters.ts'
import type {Manifest} from './manifest.ts'
import type {StackChange} from './pair.ts'

/** What CloudFormation shows instead of a value that is secret. */
const masked = /^\*+$/
/** Where this version's own artifacts lie; templates stay what they are, and so do these. */
const artifacts = ['EnvironmentName', 'TemplatesUrl', 'FunctionKey', 'S3PrefixListId']

/** A stack as it stands. */
export interface StandingStack {
  readonly part: string
  readonly name: string
  readonly parameters: ParameterValues
}

/** Keys, in the artifacts bucket, of the files that services read their variables from; each once, ascending. */
export function environmentFileKeys(parameters: ParameterValues, bucket: string): readonly string[] {
  const keys = Object.entries(parameters).flatMap(([name, value]) => {
    const at = `:s3:::${bucket}/`
    return name.endsWith('EnvironmentFile') && value.includes(at) ? [value.slice(value.indexOf(at) + at.length)] : []
  })
  return [...new Set(keys)].sort()
}

/**
 * What would have to change for the configuration of a set to be in force again, part by part. Left out is what says
 * where data are and how much room they have, what follows from other stacks, what nobody can read, and what the
 * templates of today do not know.
 * @param wired names of the outputs that parameters are wired from
 */
export function configurationChanges(
  set: Manifest['configuration'],
  now: readonly StandingStack[],
  wired: ReadonlySet<string>,
): readonly StackChange[] {
  return now.flatMap(({part, name, parameters}) => {
    const then = set.stacks.find((stack) => stack.part === part)?.parameters ?? {}
    const changes = Object.entries(parameters).flatMap(([parameter, from]) => {
      const to = then[parameter]
      if (to === undefined || to === from || masked.test(to) || masked.test(from)) return []
      if (stickyParameters.includes(parameter) || artifacts.includes(parameter) || wired.has(parameter)) return []
      // Storage that has grown since cannot be told to be smaller.
      if (parameter === 'MaxAllocatedStorage' && Number(to) < Number(from)) return []
      return [{parameter, from, to}]
    })
    return changes.length === 0 ? [] : [{part, name, changes}]
  })
}

/** One container whose image is not the set's any more. */
export interface ImageChange {
  readonly container: string
  /** Image and digest that run now, and that ran when the set was made; '' where there is none. */
  readonly now: string
  readonly set: string
}

/** Containers that run something else by now, by what the registry gave them. */
export function imageChanges(
  set: Manifest['configuration']['images'],
  now: Manifest['configuration']['images'],
): readonly ImageChange[] {
  const shown = (image: Manifest['configuration']['images'][number] | undefined): string =>
    image === undefined ? '' : `${image.image}@${image.digest}`
  return set.flatMap((one) => {
    const running = now.find(({container}) => container === one.container)
    return running?.digest === one.digest ? [] : [{container: one.container, now: shown(running), set: shown(one)}]
  })
}
