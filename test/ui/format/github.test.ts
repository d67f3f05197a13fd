import assert from 'node:assert/strict'
import {exitTable} from '../../../src/domain/exit-codes.ts'
import {annotation, levelOf, meaningOf, summarySection} from '../../../src/ui/format/github.ts'

describe('lines for a runner of GitHub', () => {
  it('are one line each, whatever the message and the title hold', () => {
    assert.equal(
      annotation('error', 'pi-aws A:B,C', '50 % of it\r\n::set-env name=x::y'),
      '::error title=pi-aws A%3AB%2CC::50 %25 of it%0D%0A::set-env name=x::y\n',
    )
    assert.equal(annotation('notice', 'x', 'a: b, c'), '::notice title=x::a: b, c\n')
  })

  it('are as loud as the end of the command', () => {
    const levels = exitTable.filter(({code}) => code !== 0).map(({code}) => `${code} ${levelOf(code)}`)
    assert.deepEqual(levels, [
      ...['1 error', '2 error', '3 error', '4 error', '5 error', '8 notice', '11 error', '12 error'],
      ...['13 warning', '14 error', '15 error', '130 warning'],
    ])
    for (const {code, meaning} of exitTable) assert.equal(meaningOf(code), meaning)
  })

  it('make a section whose page cannot leave its fence', () => {
    const section = summarySection({title: 'pi-aws plan prod', exitCode: 3, page: '\n```\n# Title\n````x\n'})
    assert.equal(
      section,
      '### pi-aws plan prod: a check answered no (exit code 3)\n\n`````text\n```\n# Title\n````x\n`````\n\n',
    )
    assert.match(summarySection({title: 't', exitCode: 0, page: 'x'}), /^### t: done\n\n```text\nx\n```\n\n$/)
  })

  it('leave out what is longer than a summary may be', () => {
    const section = summarySection({title: 't', exitCode: 0, page: 'x'.repeat(100_000)})
    assert.ok(section.length < 61_000)
    assert.match(section, /\n\(cut: the log of the step has all\)\n/)
  })
})
