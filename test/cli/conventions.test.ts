import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {globSync} from 'node:fs'
import path from 'node:path'
import type {Command} from '@oclif/core'
import {root, surface} from './command-line.ts'

interface Use {
  readonly id: string
  readonly flag: Command.Flag.Cached
}

async function uses(): Promise<readonly Use[]> {
  const {manifest} = await surface()
  const all = Object.entries(manifest.commands).flatMap(([id, {flags}]) =>
    Object.values(flags).map((flag) => ({id, flag})),
  )
  assert(all.length > 150, `only ${all.length} flags were found`)
  return all
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

/** What a flag means: everything of it but the words that differ by command. */
function meaning({flag}: Use): string {
  const {type, char, env, description} = flag
  return JSON.stringify({type, char, env, description, fallback: flag.default as unknown})
}

describe('flags', () => {
  it('all have a variable, PI_AWS_<FLAG> or, for a word of one topic, PI_AWS_<TOPIC>_<FLAG>', async () => {
    const odd = (await uses()).filter(({id, flag}) => {
      const [topic = ''] = id.split(':')
      return flag.env !== `PI_AWS_${upper(flag.name)}` && flag.env !== `PI_AWS_${upper(topic)}_${upper(flag.name)}`
    })
    assert.deepEqual(
      odd.map(({id, flag}) => `${id} --${flag.name}: ${flag.env ?? 'none'}`),
      [],
    )
  })

  it('mean one thing everywhere, but inside of a topic that gives the word its own variable', async () => {
    const byName = Map.groupBy(await uses(), ({flag}) => `${flag.name} ${flag.env ?? ''}`)
    const double = [...byName].filter(([, same]) => new Set(same.map(meaning)).size > 1).map(([name]) => name)
    assert.deepEqual(double, [])
  })

  it('that share a variable share its meaning', async () => {
    const byVariable = Map.groupBy(await uses(), ({flag}) => flag.env ?? '')
    const kinds = ([, same]: readonly [string, readonly Use[]]): number =>
      new Set(same.map(({flag}) => `${flag.type} ${flag.description ?? ''}`)).size
    assert.deepEqual(
      [...byVariable].filter((entry) => kinds(entry) > 1).map(([name]) => name),
      [],
    )
  })

  it('have one short form each, and no short form twice', async () => {
    const shorts = Map.groupBy(
      (await uses()).filter(({flag}) => flag.char !== undefined),
      ({flag}) => flag.char ?? '',
    )
    for (const [char, same] of shorts)
      assert.deepEqual([...new Set(same.map(({flag}) => flag.name))].length, 1, `-${char}`)
  })

  it('are described in a sentence without a full stop', async () => {
    for (const {id, flag} of await uses()) assert.match(flag.description ?? '', /^[A-Z].*[^.]$/, `${id} --${flag.name}`)
  })
})

describe('commands', () => {
  it('all have a summary without a full stop, an example that names them, and the output flags', async () => {
    const {manifest} = await surface()
    for (const [id, {summary, examples, flags}] of Object.entries(manifest.commands)) {
      assert.match(summary ?? '', /^[A-Z].*[^.]$/, id)
      const lines = (Array.isArray(examples) ? examples : []).map((one) =>
        typeof one === 'string' ? one : one.command,
      )
      assert(
        lines.some((line) => line.includes(`<%= config.bin %> ${id.replaceAll(':', ' ')}`)),
        `${id} has no example`,
      )
      for (const name of ['output', 'json', 'verbose']) assert(name in flags, `${id} has no --${name}`)
    }
  })

  it('ask a person only where a flag would do as well', () => {
    const files = globSync('src/commands/**/*.ts', {cwd: root})
    assert(files.length > 15)
    for (const file of files) {
      const text = readFileSync(path.join(root, file), 'utf8')
      assert.doesNotMatch(
        text,
        /ports\.ask\.(text|secret|confirm)/,
        `${file} asks without naming a flag: use askUnlessSilent`,
      )
    }
  })
})

describe('next steps', () => {
  it('that begin with a command end with it: flags are put behind, where words would swallow them', () => {
    // A comma, or a verb of the kind with which such sentences went on.
    const prose =
      /["'`]pi-aws (?!local |sets )[a-z][^"'`\n:]*(?:, (?!operation )[a-z]| (?:writes|brings|shows|removes|tries) )/
    const files = globSync('src/**/*.ts', {cwd: root})
    const odd = files.filter((file) => prose.test(readFileSync(path.join(root, file), 'utf8')))
    assert.ok(files.length > 300)
    assert.deepEqual(odd, [])
  })
})
