import {Args, Flags} from '@oclif/core'
import {categories} from '../domain/assets/paths.ts'

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

/** First argument of commands that may look into a folder too. */
export const folderArgument = Args.custom({
  description: 'Folder to compare with; without it bucket and EFS alone',
})
