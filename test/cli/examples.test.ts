import assert from 'node:assert/strict'
import {parseLine, surface} from './command-line.ts'

/** The commands of pi-aws in a line as a shell reads it, each as its words. */
function commandsIn(line: string): readonly (readonly string[])[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[|<>()]|\$\(|[^\s|<>()]+/g) ?? []
  const commands: string[][] = []
  let current: string[] | undefined
  for (const word of words) {
    if (word === 'pi-aws') commands.push((current = []))
    else if (/^[|<>()]$|^\$\($/.test(word)) current = undefined
    else current?.push(word.replaceAll(/^["']|["']$/g, ''))
  }
  return commands
}

describe('the examples of help', () => {
  it('are read as a shell would read them', () => {
    assert.deepEqual(commandsIn(`cat x | pi-aws licence set prod --file -`), [
      ['licence', 'set', 'prod', '--file', '-'],
    ])
    assert.deepEqual(commandsIn(`pi-aws logs --grep "a|b c" > x`), [['logs', '--grep', 'a|b c']])
    assert.deepEqual(commandsIn(`eval $(pi-aws autocomplete bash)`), [['autocomplete', 'bash']])
  })

  it('are command lines of their command, every flag and value of them', async () => {
    const {manifest} = await surface()
    let seen = 0
    for (const [id, {examples}] of Object.entries(manifest.commands)) {
      for (const one of Array.isArray(examples) ? examples : []) {
        const line = (typeof one === 'string' ? one : one.command).replaceAll('<%= config.bin %>', 'pi-aws')
        const commands = commandsIn(line.replace(/^eval "(.*)"$/, 'eval $1'))
        assert.ok(commands.length > 0, line)
        for (const words of commands) {
          assert.equal(words.slice(0, id.split(':').length).join(':'), id, line)
          await assert.doesNotReject(parseLine(words), line)
          seen += 1
        }
      }
    }
    assert.ok(seen > 100, `only ${seen} examples were found`)
  })
})
