import assert from 'node:assert/strict'
import {createReporter, type Reporter} from '../../../src/ui/reporters/index.ts'
import {FakeTerminal, screenOf} from '../../helpers/fake-terminal.ts'
import {matchesGolden} from '../../helpers/golden.ts'
import {recordedDeploy, recordedStart} from '../../helpers/recorded-deploy.ts'

const traits = {isTTY: true, color: false, unicode: true, width: 80, height: 24}

interface Scene {
  readonly reporter: Reporter
  readonly terminal: FakeTerminal
  readonly stdout: FakeTerminal
  setTime(milliseconds: number): void
}

const opened: Reporter[] = []

function scene(color = false): Scene {
  const terminal = new FakeTerminal({columns: 80, rows: 24})
  const stdout = new FakeTerminal()
  let clock = recordedStart
  const reporter = createReporter('tasks', {stdout, stderr: terminal, traits: {...traits, color}}, {now: () => clock})
  opened.push(reporter)
  return {reporter, terminal, stdout, setTime: (milliseconds) => void (clock = recordedStart + milliseconds)}
}

const started = {type: 'step.started', step: 'network.deploy', title: 'Deploy the stack', part: 'network'} as const
const finished = {...started, type: 'step.finished', outcome: 'done', durationMs: 5000} as const

describe('the tasks reporter', () => {
  // A list that a failed test left open would keep the process alive.
  afterEach(async () => {
    for (const reporter of opened.splice(0)) await reporter.finish()
  })

  it('leaves the whole story on the terminal, and the cursor with it', async () => {
    const {reporter, terminal, stdout, setTime} = scene()
    for (const {at, event} of recordedDeploy) {
      setTime(at)
      reporter.report(event)
      // Lets the list open in the middle of the events, so that frames are really painted over.
      if (event.type === 'step.finished' && event.step === 'preflight') await terminal.shows(/names, ranges/)
    }
    await reporter.finish()
    assert.equal(stdout.text, '')
    assert.equal(terminal.text.lastIndexOf('\u001b[?25h') > terminal.text.lastIndexOf('\u001b[?25l'), true)
    matchesGolden('ui/tasks-end-80.txt', `${screenOf(terminal.text).join('\n').trimEnd()}\n`)
  })

  it('says nothing when nothing happened', async () => {
    const {reporter, terminal} = scene()
    await reporter.finish()
    assert.equal(terminal.text, '')
  })

  it('steps aside for a question and comes back with what still runs', async () => {
    const {reporter, terminal} = scene()
    reporter.report({type: 'note', message: 'before'})
    reporter.report({...started, step: 'files.deploy', part: 'files'})
    reporter.report(started)
    reporter.report(finished)
    await terminal.shows(/before/)
    await reporter.aside(async () => {
      reporter.report({type: 'note', message: 'meanwhile'})
      terminal.write('the question\n')
      await terminal.shows(/the question/)
    })
    await reporter.finish()
    const screen = screenOf(terminal.text).filter((line) => line !== '')
    const told = screen.map((line) => /before|meanwhile|question|network|files/.exec(line)?.[0])
    assert.equal(screen.filter((line) => line.includes('not finished')).length, 1)
    assert.deepEqual(told, ['network', 'before', 'question', 'files', 'meanwhile'])
  })

  it('does not come back between two questions', async () => {
    const {reporter, terminal} = scene()
    reporter.report(started)
    await terminal.shows(/network/)
    await reporter.aside(() => Promise.resolve())
    const between = terminal.text.length
    await reporter.aside(() => Promise.resolve())
    assert.equal(terminal.text.length, between)
    await reporter.finish()
  })

  it('comes back after a question without waiting for an event', async () => {
    const {reporter, terminal} = scene()
    reporter.report(started)
    await terminal.shows(/network/)
    await reporter.aside(() => Promise.resolve())
    await terminal.shows(/network.*\n[^]*network/)
    await reporter.finish()
  })

  it('holds back what others write while the list is painted', async () => {
    const {reporter, terminal} = scene()
    reporter.report(started)
    await terminal.shows(/network/)
    terminal.write('a foreign line\n')
    assert.doesNotMatch(terminal.text, /foreign/)
    reporter.report(finished)
    await reporter.finish()
    const screen = screenOf(terminal.text)
    assert.ok(
      screen.findIndex((line) => line.includes('foreign')) > screen.findIndex((line) => line.includes('network')),
    )
  })

  it('wipes what a narrower terminal broken anew', async () => {
    const {reporter, terminal} = scene()
    reporter.report(started)
    await terminal.shows(/network/)
    const before = terminal.text.length
    terminal.columns = 40
    terminal.emit('resize')
    // The one row of 79 columns takes two of 40: up two, wipe, down one.
    assert.equal(terminal.text.slice(before), '\r\u001b[2A\u001b[J\n')
    terminal.columns = 120
    terminal.emit('resize')
    assert.equal(terminal.text.slice(before), '\r\u001b[2A\u001b[J\n')
    await reporter.finish()
    assert.equal(terminal.listenerCount('resize'), 0)
  })

  it('gives the cursor back when the process ends in the middle', async () => {
    const {reporter, terminal} = scene()
    const before = process.listeners('exit')
    reporter.report(started)
    await terminal.shows(/network/)
    const [restore] = process.listeners('exit').filter((listener) => !before.includes(listener))
    const end = terminal.text.length
    restore?.(130)
    assert.equal(terminal.text.slice(end), '\u001b[?25h')
    await reporter.finish()
  })

  it('writes a warning that comes after the end', async () => {
    const {reporter, terminal} = scene()
    await reporter.finish()
    reporter.report({type: 'note', message: 'late note'})
    reporter.report({type: 'warning', code: 'LATE', message: 'late warning'})
    assert.equal(terminal.text, '! late warning [LATE]\n')
  })

  it('paints no sequence of an event, with colour or without', async () => {
    for (const color of [false, true]) {
      const {reporter, terminal} = scene(color)
      reporter.report({...started, title: 'evil \u001b[8m\u001b]0;title\u0007 title\n\u001b[1Aforged'})
      reporter.report({type: 'warning', code: 'X\u001b[5m', message: '\u009b31mred\u0007'})
      await reporter.finish()
      assert.doesNotMatch(terminal.text, /\u001b\[8m|\u001b\]|\u0007|\u001b\[5m|\u009b/)
      assert.match(terminal.text, /evil title forged/)
    }
  })
})
