import {brief, type KnownFlag, type Place, valuesOf} from './words.ts'

function quoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`
}

function option({name, char, summary, values}: KnownFlag, condition: string): string {
  const short = char === undefined ? '' : ` -s ${char}`
  const choice = values.length === 0 ? '' : ` -xa ${quoted(values.join(' '))}`
  return `${condition} -l ${name}${short}${choice} -d ${quoted(brief(summary))}`
}

/** For fish: its lines go into a file of the folder completions, or through source. */
export function fishScript(bin: string, places: readonly Place[]): string {
  const name = `__${bin.replaceAll('-', '_')}`
  const lines = places.flatMap(({words, next, flags}) => {
    const when = (test: string) => `complete -c ${bin} -n ${quoted([`${name}_${test}`, ...words].join(' '))}`
    const choices = next.map(({word, summary}) => `${when('at')} -fa ${word} -d ${quoted(brief(summary))}`)
    return [...choices, ...flags.map((flag) => option(flag, when('in')))]
  })
  const valued = [...valuesOf(places).keys()].join(' ')
  return `# Completion of ${bin} for fish: ${bin} autocomplete fish | source
# The words before the cursor, flags and their values left out.
function ${name}_words
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $word
            contains -- (string replace -r '^--' '' -- $word) ${valued}; and set skip 1
        else
            echo $word
        end
    end
end
# True where these words, and no others, stand there.
function ${name}_at
    set -l words (${name}_words)
    test "$words" = "$argv"
end
# True where what stands there begins with these words.
function ${name}_in
    set -l words (${name}_words)
    set -l length (count $argv)
    test (count $words) -ge $length; and test "$words[1..$length]" = "$argv"
end
${lines.join('\n')}
`
}
