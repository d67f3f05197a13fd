import type {Command, Config} from '@oclif/core'
import assert from 'node:assert/strict'
import PiHelp from '../../src/cli/help.ts'
import {exitTable} from '../../src/domain/exit-codes.ts'
import {matchesGolden} from '../helpers/golden.ts'
import {loadSurface} from '../../scripts/surface.ts'
import {root, surface, withVariables} from './command-line.ts'

/** Columns of the terminal that the goldens are made for. */
const width = 80

/** Help whose lines are kept instead of printed, whatever terminal the tests run on. */
class KeptHelp extends PiHelp {
  text = ''

  constructor(config: Config) {
    super(config, {maxWidth: width})
  }

  protected override log(...lines: string[]): void {
    this.text += `${lines.join('\n')}\n`
  }
}

async function helpOf(argv: string[]): Promise<string> {
  // oclif's help rewrites the ids of what it lists, so that each page needs a command line of its own.
  const {config} = await loadSurface(root)
  return withVariables({NO_COLOR: '1', FORCE_COLOR: '0'}, async () => {
    const help = new KeptHelp(config)
    await help.showHelp(argv)
    // The version line names the machine.
    return help.text.replaceAll(/(pi-aws\/\S+) \S+ node-v\S+/g, '$1 <platform> <node>').replaceAll(/[ \t]+$/gm, '')
  })
}

async function commands(): Promise<readonly (readonly [string, Command.Cached])[]> {
  const {manifest} = await surface()
  return Object.entries(manifest.commands).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

describe('the surface that people and scripts rely on', () => {
  it('has this tree of commands', async () => {
    const lines = (await commands()).map(([id, {args, summary}]) => {
      const names = Object.values(args).map(({name, required}) =>
        required === true ? name.toUpperCase() : `[${name.toUpperCase()}]`,
      )
      return `${[...id.split(':'), ...names].join(' ').padEnd(32)} ${summary ?? ''}`
    })
    matchesGolden('cli/commands.txt', `${lines.join('\n')}\n`)
  })

  it('has these flags', async () => {
    const lines = (await commands()).flatMap(([id, {flags}]) =>
      Object.values(flags).map((flag) => {
        const kind =
          flag.type === 'boolean'
            ? 'switch'
            : [
                flag.multiple ? 'repeated' : 'value',
                ...(flag.options === undefined ? [] : [flag.options.join('|')]),
              ].join(' ')
        return [
          id.replaceAll(':', ' '),
          `--${flag.name}`,
          flag.char === undefined ? '' : `-${flag.char}`,
          flag.env ?? '',
          kind,
        ].join('\t')
      }),
    )
    matchesGolden('cli/flags.tsv', `${lines.join('\n')}\n`)
  })

  it('has these exit codes', () => {
    const blocks = exitTable.map(({code, name, meaning, situations}) =>
      [`${String(code).padStart(3)} ${name}: ${meaning}`, ...situations.map((situation) => `      ${situation}`)].join(
        '\n',
      ),
    )
    matchesGolden('cli/exit-codes.txt', `${blocks.join('\n')}\n`)
  })

  it('has this help', async () => matchesGolden('cli/help/pi-aws.txt', await helpOf([])))

  it('has this help for each command, in lines of 80 columns', async () => {
    for (const [id] of await commands()) {
      const text = await helpOf(id.split(':'))
      assert.match(text, /USAGE\n {2}\$ pi-aws/, id)
      // A word that is longer than its column cannot be broken.
      const wide = text.split('\n').filter((line) => line.length > width)
      assert.deepEqual(wide, [], id)
      matchesGolden(`cli/help/${id.replaceAll(':', '-')}.txt`, text)
    }
  })

  it('has help that fits a screen of 50 lines, which names the rest and where it is told', async () => {
    for (const [id] of await commands()) {
      const text = await helpOf(id.split(':'))
      const lines = text.trimEnd().split('\n').length
      assert.ok(lines <= 50, `${id}: ${lines} lines`)
      assert.ok(text.includes(`pi-aws ${id.replaceAll(':', ' ')} --help --verbose`), id)
    }
    assert.ok((await helpOf([])).trimEnd().split('\n').length <= 50)
  })

  it('has the whole help with --verbose: every flag, its variable, and the exit codes', async () => {
    for (const [id, {flags}] of await commands()) {
      const text = await helpOf([...id.split(':'), '--verbose'])
      for (const {name, env} of Object.values(flags)) {
        assert.ok(text.replaceAll('--[no-]', '--').includes(`--${name}`), `${id} --${name}`)
        assert.ok(env !== undefined && text.replaceAll(/\s/g, '').includes(env), `${id} --${name} ${env ?? ''}`)
      }
      for (const {code, meaning} of exitTable) assert.ok(text.includes(`${String(code).padStart(3)}  ${meaning}`), id)
    }
    matchesGolden('cli/help-verbose/deploy.txt', await helpOf(['deploy', '--verbose']))
  })

  it('has help for each topic, which lists its commands', async () => {
    const {config, manifest} = await surface()
    const topics = new Set(
      Object.keys(manifest.commands)
        .filter((id) => id.includes(':'))
        .map((id) => id.split(':')[0] ?? ''),
    )
    for (const topic of topics) {
      const text = await helpOf([topic])
      for (const id of config.commandIDs.filter((each) => each.startsWith(`${topic}:`)))
        assert(text.includes(id.replaceAll(':', ' ')), `${topic} does not list ${id}`)
    }
  })

  it('is never wider than 100 columns', async () => {
    const {config} = await surface()
    const help = new PiHelp(config, {maxWidth: 300}) as unknown as {readonly opts: {readonly maxWidth: number}}
    assert.equal(help.opts.maxWidth, 100)
  })
})
