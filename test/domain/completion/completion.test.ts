import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {completionScript, type Shell, shells} from '../../../src/domain/completion/script.ts'
import {brief, type KnownCommand, placesOf, valuesOf} from '../../../src/domain/completion/words.ts'

const json = {name: 'json', summary: 'Same as --output json', values: []}
const output = {name: 'output', summary: 'How it is printed; more', values: ['text', 'json', 'ndjson']}
const yes = {name: 'yes', char: 'y', summary: "Answer yes: it's all right", values: []}

/** A command line with everything that makes a difference: a topic, a command that is a topic too, short forms, quotes. */
const commands: readonly KnownCommand[] = [
  {words: ['ops', 'wait'], summary: 'Wait until an operation ends', flags: [json, output]},
  {words: ['ops', 'list'], summary: 'List operations', flags: [json]},
  {words: ['logs'], summary: "Print what services write. It's long", flags: [json, {...output, values: ['raw']}]},
  {words: ['logs', 'query'], summary: 'Ask', flags: []},
  {words: ['deploy'], summary: 'Take an environment there: now', flags: [json, yes, output]},
]
const topics = new Map([['ops', 'Journaled operations: list, wait']])
const script = (shell: Shell) => completionScript(shell, 'pi-aws', commands, topics)

/** A line with the cursor at its end, and what must be offered there. */
const table: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['pi-aws ', ['deploy', 'logs', 'ops']],
  ['pi-aws de', ['deploy']],
  ['pi-aws ops ', ['list', 'wait']],
  ['pi-aws ops w', ['wait']],
  ['pi-aws logs ', ['query']],
  ['pi-aws deploy --', ['--help', '--json', '--output', '--yes']],
  ['pi-aws deploy prod --o', ['--output']],
  ['pi-aws ops wait --j', ['--json']],
  ['pi-aws deploy --output ', ['json', 'ndjson', 'raw', 'text']],
  ['pi-aws deploy --output=n', ['ndjson']],
  ['pi-aws --json deploy --y', ['--yes']],
]

describe('completion', () => {
  it('knows every place of a command line, topics and commands that are topics too', () => {
    const places = placesOf(commands, topics)
    assert.deepEqual(
      places.map(({words}) => words.join(' ')),
      ['', 'deploy', 'logs', 'logs query', 'ops', 'ops list', 'ops wait'],
    )
    assert.deepEqual(places[0]?.next, [
      {word: 'deploy', summary: 'Take an environment there: now'},
      {word: 'logs', summary: "Print what services write. It's long"},
      {word: 'ops', summary: 'Journaled operations: list, wait'},
    ])
    assert.deepEqual(placesOf(commands, new Map())[0]?.next[2], {word: 'ops', summary: ''})
    assert.deepEqual(valuesOf(places), new Map([['output', ['text', 'json', 'ndjson', 'raw']]]))
    assert.equal(brief('One thing\n is said. Another too'), 'One thing is said')
    assert.equal(brief(''), '')
  })

  it('is one text for the same commands in any order', () => {
    for (const shell of shells) {
      assert.equal(completionScript(shell, 'pi-aws', commands.toReversed(), topics).length, script(shell).length)
    }
  })

  for (const shell of shells) {
    describe(`in ${shell}`, function () {
      this.timeout(60_000)
      let folder = ''
      before(function () {
        // The other two are not on every machine; bash is what the checks of the project run by.
        if (spawnSync(shell, ['--version']).error !== undefined && shell !== 'bash') this.skip()
        folder = mkdtempSync(join(tmpdir(), 'pi-aws-completion-'))
        writeFileSync(join(folder, 'script'), script(shell))
      })
      after(() => rmSync(folder, {recursive: true, force: true}))

      it('is a script without a slip', () => {
        const {status, stderr} = spawnSync(shell, ['-n', join(folder, 'script')], {encoding: 'utf8'})
        assert.deepEqual([status, stderr], [0, ''])
      })

      it('offers what fits, line by line', () => {
        for (const [line, offered] of table) {
          assert.deepEqual(offeredBy[shell](folder, line), wantedIn(shell, line, offered), line)
        }
      })
    })
  }
})

/** bash is told `--help`, which is no flag of a command; fish tells the values of a flag apart by command. */
function wantedIn(shell: Shell, line: string, offered: readonly string[]): readonly string[] {
  const words = shell === 'bash' ? offered : offered.filter((word) => word !== '--help')
  if (shell !== 'fish') return words
  return words.filter((word) => word !== 'raw').map((word) => (line.includes('=') ? `--output=${word}` : word))
}

function run(shell: Shell, folder: string, text: string): readonly string[] {
  writeFileSync(join(folder, 'ask'), text)
  const {stdout, stderr, status} = spawnSync(shell, [join(folder, 'ask')], {cwd: folder, encoding: 'utf8'})
  assert.equal(status, 0, stderr)
  return stdout.split('\n').filter((word) => word !== '')
}

const offeredBy: Readonly<Record<Shell, (folder: string, line: string) => readonly string[]>> = {
  /** Readline breaks words at `=` too. */
  bash(folder, line) {
    const words = line.replaceAll('=', ' = ').split(/ +/)
    const quoted = words.map((word) => `'${word}'`).join(' ')
    return run(
      'bash',
      folder,
      `. ./script\nCOMP_WORDS=(${quoted})\nCOMP_CWORD=${words.length - 1}\n_pi_aws\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`,
    ).toSorted()
  },
  /** Without a line editor: the two builtins that would offer are ours. */
  zsh(folder, line) {
    const words = line.split(/ +/)
    const quoted = words.map((word) => `'${word}'`).join(' ')
    return run(
      'zsh',
      folder,
      `compdef() { : }
_files() { : }
compset() { [[ "\${words[CURRENT]}" == --*=* ]] || return 1; IPREFIX="\${words[CURRENT]%%=*}="; words[CURRENT]="\${words[CURRENT]#*=}" }
offer() { local word; for word in "$@"; do [[ "$word" == "\${words[CURRENT]}"* ]] && print -r -- "$word"; done; true }
_describe() { local -a all; all=("\${(@P)2}"); offer "\${(@)all%%:*}" }
compadd() { offer "\${(@P)2}" }
. ./script
words=(${quoted}); CURRENT=${words.length}; IPREFIX=''
_pi_aws
`,
    )
      .filter((word) => word.length > 2)
      .toSorted()
  },
  fish(folder, line) {
    const found = run('fish', folder, `source ./script\ncomplete -C '${line}'\n`)
    return found
      .flatMap((row) => row.split('\t')[0] ?? [])
      .filter((word) => !/^-.$/.test(word))
      .toSorted()
  },
}
