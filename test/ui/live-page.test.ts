import assert from 'node:assert/strict'
import {livePage} from '../../src/ui/live-page.ts'
import {FakeTerminal, screenOf} from '../helpers/fake-terminal.ts'

describe('a page that is written over', () => {
  it('shows the newest text in the place of the one before, longer or shorter', () => {
    const terminal = new FakeTerminal({columns: 40, rows: 10})
    const page = livePage(terminal)
    page.show('one\ntwo\nthree\n')
    page.show('1\n2\n3\n4\n')
    page.show('eins\n')
    page.close()
    assert.deepEqual(
      screenOf(terminal.text).filter((row) => row !== ''),
      ['eins'],
    )
    assert.ok(terminal.text.endsWith('\u001b[?25h'), 'the cursor is back')
  })

  it('never blanks what it is about to write: each page is one write without an erased line before its text', () => {
    const terminal = new FakeTerminal({columns: 40, rows: 10})
    const page = livePage(terminal)
    page.show('a\nb')
    const before = terminal.text.length
    page.show('c\nd')
    const painted = terminal.text.slice(before)
    assert.equal(painted, '\u001b[?2026h\r\u001b[2Ac\u001b[K\nd\u001b[K\n\u001b[J\u001b[?2026l')
    page.close()
  })

  it('stays within the height of the terminal, broken lines counted', () => {
    const terminal = new FakeTerminal({columns: 10, rows: 5})
    const page = livePage(terminal)
    page.show(`${'x'.repeat(25)}\nsecond\nthird`)
    page.show('end')
    page.close()
    assert.ok(!terminal.text.includes('third'))
    assert.ok(terminal.text.includes('\u001b[4A'), 'goes up by the rows that were taken')
  })
})
