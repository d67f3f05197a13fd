import {bashScript} from './bash.ts'
import {fishScript} from './fish.ts'
import {type KnownCommand, placesOf} from './words.ts'
import {zshScript} from './zsh.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

const writers = {bash: bashScript, zsh: zshScript, fish: fishScript} as const

/**
 * The script that has a shell complete the commands, flags and values of a command line. It calls nothing: what it knows
 * stands in it.
 */
export function completionScript(
  shell: Shell,
  bin: string,
  commands: readonly KnownCommand[],
  topics: ReadonlyMap<string, string>,
): string {
  return writers[shell](bin, placesOf(commands, topics))
}
