import type {Command, Config} from '@oclif/core'
import type {KnownCommand, KnownFlag} from '../domain/completion/words.ts'

/** The commands of the manifest, without loading any of them. */
export function knownCommands({commands}: Config): readonly KnownCommand[] {
  return commands
    .filter(({hidden}) => !hidden)
    .map(({id, summary = '', flags}) => ({
      words: id.split(':'),
      summary,
      flags: Object.values(flags)
        .filter(({hidden}) => hidden !== true)
        .map(knownFlag),
    }))
}

function knownFlag(flag: Command.Flag.Cached): KnownFlag {
  const {name, char, description = ''} = flag
  const values = flag.type === 'option' ? [...(flag.options ?? [])] : []
  return {name, summary: description, values, ...(char === undefined ? {} : {char})}
}

/** What each topic is about. */
export function knownTopics({topics}: Config): ReadonlyMap<string, string> {
  return new Map(topics.map(({name, description = ''}) => [name.replaceAll(':', ' '), description]))
}
