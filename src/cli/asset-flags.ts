import {Args, Flags} from '@oclif/core'
import {categories, type Category} from '../domain/assets/paths.ts'
import type {PlacesOptions} from '../flows/assets/places.ts'

export const categoryFlag = Flags.option({
  // Greedy, it would take the folder behind it for a category.
  multipleNonGreedy: true,
  description: 'Only this category (may be repeated)',
  options: categories,
  multiple: true,
  env: 'PI_AWS_CATEGORY',
})

export const followSymlinksFlag = Flags.boolean({
  description: 'Take symbolic links for what they point to',
  env: 'PI_AWS_FOLLOW_SYMLINKS',
})

/** On every command that compares places. */
export const placesFlags = {
  category: categoryFlag(),
  'follow-symlinks': followSymlinksFlag,
  'no-efs': Flags.boolean({description: 'Leave EFS alone: the function is not invoked', env: 'PI_AWS_NO_EFS'}),
}

/** What the flags of such a command ask for. */
export function placesAsked(
  flags: {
    readonly category?: readonly Category[] | undefined
    readonly 'follow-symlinks': boolean
    readonly 'no-efs': boolean
  },
  folder: string | undefined,
  of: Pick<PlacesOptions, 'environment' | 'account'>,
): PlacesOptions {
  return {
    ...of,
    folder,
    categories: flags.category ?? [],
    followSymlinks: flags['follow-symlinks'],
    efs: !flags['no-efs'],
  }
}

/** First argument of commands that may look into a folder too. */
export const folderArgument = Args.custom({
  description: 'Folder to compare with; without it bucket and EFS alone',
})
