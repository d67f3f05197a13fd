import {Flags} from '@oclif/core'
import {UsageError} from '../domain/errors.ts'
import {type RestoreScope, restoreScopes} from '../domain/snapshots/pair.ts'
import type {RestoreOptions} from '../flows/restore/options.ts'

/** ms that services may be at zero while the safety snapshot is captured. */
const safetyQuiesceMs = 900_000

/** Which of a set is brought back, and what is saved before it. */
export const restoreFlags = {
  only: Flags.custom<RestoreScope>({
    multipleNonGreedy: true,
    description: `Only this: ${restoreScopes.join(', ')}; the first two may be named together`,
    env: 'PI_AWS_RESTORE_ONLY',
    parse: async (text) => {
      const found = restoreScopes.find((scope) => scope === text)
      if (found !== undefined) return found
      throw new UsageError(`Nothing of a snapshot goes by that name: "${text.slice(0, 40)}".`, {
        code: 'UNKNOWN_SCOPE',
        suggestions: restoreScopes.map((scope) => `--only ${scope}`),
      })
    },
  })({multiple: true}),
  vaulted: Flags.boolean({
    description:
      'Only from a snapshot whose database and files both lie in the backup vault; latest is the latest of those',
    env: 'PI_AWS_RESTORE_VAULTED',
  }),
  safety: Flags.string({
    description: 'How the snapshot of the present is taken before anything else; none where there is nothing to save',
    options: ['strict', 'live', 'none'],
    default: 'strict',
    env: 'PI_AWS_RESTORE_SAFETY',
  }),
}

export function safetyOf(flags: {readonly safety: string}): Pick<RestoreOptions, 'safety' | 'maxQuiesceMs'> {
  return {safety: flags.safety as RestoreOptions['safety'], maxQuiesceMs: safetyQuiesceMs}
}
