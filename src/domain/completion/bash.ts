import {type Place, spellings, valuesOf} from './words.ts'

function quoted(words: readonly string[]): string {
  return `'${words.join(' ')}'`
}

function settings({next, flags}: Place): string {
  const commands = next.length === 0 ? [] : [`commands=${quoted(next.map(({word}) => word))}`]
  const options = flags.length === 0 ? [] : [`flags=${quoted([...flags.flatMap(spellings), '--help'])}`]
  return [...commands, ...options].join(' ')
}

/** For bash from 3.2 on, which macOS still has: no associative arrays. A value behind `=` is a word of its own there. */
export function bashScript(bin: string, places: readonly Place[]): string {
  const pairs = places.filter(({words}) => words.length === 2)
  const singles = places.filter(({words}) => words.length < 2)
  const row = (place: Place, pattern: string) => `    ${pattern}) ${settings(place)} ;;`
  const values = [...valuesOf(places)].map(([name, some]) => `    --${name}) values=${quoted(some)} ;;`)
  const name = `_${bin.replaceAll('-', '_')}`
  return `# Completion of ${bin} for bash: eval "$(${bin} autocomplete bash)"
${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" flag="\${COMP_WORDS[COMP_CWORD-1]}"
  local first='' second='' word='' commands='' flags='' values='' at=1
  if [ "$current" = '=' ]; then current=''
  elif [ "$flag" = '=' ]; then flag="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  while [ "$at" -lt "$COMP_CWORD" ]; do
    word="\${COMP_WORDS[at]}"
    at=$((at + 1))
    case "$word" in -* | =) continue ;; esac
    if [ -z "$first" ]; then first="$word"
    elif [ -z "$second" ]; then second="$word"; fi
  done
  case "$first" in
${singles.map((place) => row(place, place.words[0] ?? "''")).join('\n')}
  esac
  case "$first $second" in
${pairs.map((place) => row(place, quoted(place.words))).join('\n')}
    *' '?*) commands='' ;;
  esac
  case "$flag" in
${values.join('\n')}
  esac
  COMPREPLY=()
  if [ -n "$values" ]; then COMPREPLY=($(compgen -W "$values" -- "$current"))
  else
    case "$current" in
      -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
      *) COMPREPLY=($(compgen -W "$commands" -- "$current")) ;;
    esac
  fi
}
complete -o default -F ${name} ${bin}
`
}
