import type {Part} from './parts.ts'
import {compareVersions} from './version.ts'

/** What a version of a template brought, for whoever moves an environment to it. */
export interface TemplateNote {
  readonly part: Part
  /** The first version that has it. */
  readonly version: string
  readonly note: string
}

/** The changelog of the templates, oldest first; versions of a part that stand nowhere here changed nothing to speak of. */
export const templateNotes: readonly TemplateNote[] = [
  {
    part: 'foundation',
    version: '1.0.1',
    note: 'what side-loads told of each file expires after 90 days; journals and counts stay',
  },
  {part: 'files', version: '1.0.1', note: 'the side-load function reads and writes more files at once'},
  {part: 'files', version: '1.0.2', note: 'the side-load function may tag its results, so that they expire'},
  {
    part: 'database',
    version: '1.1.0',
    note: 'the check task counts rows and marks snapshots; nothing of the instance changes',
  },
  {
    part: 'database',
    version: '1.1.1',
    note: 'the check task may pull its image from ECR; nothing of the instance changes',
  },
  {
    part: 'app',
    version: '1.1.0',
    note: 'images may be named by digest, as those of a mirror are; tasks stay as they are',
  },
]

/** A part whose deployed template is of another version than the one of this pi-aws. */
export interface TemplateMove {
  readonly part: Part
  readonly from: string
  readonly to: string
  /** Oldest first; empty where nothing was written down. */
  readonly notes: readonly string[]
}

/**
 * What moves between two states of the templates.
 * @param deployed version of each part that stands
 * @param offered version of each part in this pi-aws
 */
export function templateMoves(
  deployed: ReadonlyMap<Part, string>,
  offered: ReadonlyMap<Part, string>,
  notes: readonly TemplateNote[] = templateNotes,
): readonly TemplateMove[] {
  return [...offered].flatMap(([part, to]) => {
    const from = deployed.get(part)
    if (from === undefined || from === to) return []
    const between = notes.filter(
      (one) => one.part === part && compareVersions(one.version, from) > 0 && compareVersions(one.version, to) <= 0,
    )
    return [{part, from, to, notes: between.map(({note}) => note)}]
  })
}
