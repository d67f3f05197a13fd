import {brief, type Place, spellings, valuesOf} from './words.ts'

/** A word with its meaning, as _describe wants it: a colon between them, colons of either escaped. */
function described(word: string, meaning: string): string {
  const text = `${word.replaceAll(':', String.raw`\:`)}:${meaning}`
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function settings({next, flags}: Place): string {
  const commands = next.map(({word, summary}) => described(word, brief(summary)))
  const options = flags.flatMap((flag) => spellings(flag).map((name) => described(name, brief(flag.summary))))
  return [
    ...(commands.length === 0 ? [] : [`commands=(${commands.join(' ')})`]),
    ...(options.length === 0 ? [] : [`flags=(${options.join(' ')})`]),
  ].join('; ')
}

/** For zsh: either sourced, or a file named `_<bin>` in a folder of fpath. */
export function zshScript(bin: string, places: readonly Place[]): string {
  const name = `_${bin.replaceAll('-', '_')}`
  const pairs = places.filter(({words}) => words.length === 2)
  const singles = places.filter(({words}) => words.length < 2)
  const row = (place: Place, pattern: string) => `    ${pattern}) ${settings(place)} ;;`
  const values = [...valuesOf(places)].map(([flag, some]) => `    --${flag}) values=(${some.join(' ')}) ;;`)
  return `#compdef ${bin}
# Completion of ${bin} for zsh: eval "$(${bin} autocomplete zsh)"
${name}() {
  local -a commands flags values
  local first='' second='' word='' flag="\${words[CURRENT-1]}"
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) continue ;; esac
    if [[ -z "$first" ]]; then first="$word"
    elif [[ -z "$second" ]]; then second="$word"; fi
  done
  case "$first" in
${singles.map((place) => row(place, place.words[0] ?? "''")).join('\n')}
  esac
  case "$first $second" in
${pairs.map((place) => row(place, `'${place.words.join(' ')}'`)).join('\n')}
    *' '?*) commands=() ;;
  esac
  if compset -P '--*='; then flag="\${IPREFIX%=}"; fi
  case "$flag" in
${values.join('\n')}
  esac
  if (( \${#values} )); then compadd -a values
  elif [[ "\${words[CURRENT]}" == -* ]]; then _describe 'flag' flags
  elif (( \${#commands} )); then _describe 'command' commands
  else _files; fi
}
if [[ "\${funcstack[1]}" == '${name}' ]]; then ${name} "$@"; else compdef ${name} ${bin}; fi
`
}
