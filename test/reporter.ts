import {writeFileSync} from 'node:fs'
import {reporters, Runner, type MochaOptions} from 'mocha'

/** How long (ms) the process may live on after the last test before what keeps it alive is called a leak. */
const patience = 10_000

const {EVENT_RUN_END, EVENT_TEST_FAIL} = Runner.constants

/** How much of an error's text (characters) is kept for the end of the whole run. */
const kept = 1_500

/** Prints failures and one line of counts, and leaves counts and failures as JSON where $PI_AWS_TEST_RESULT says. */
export default class Counts extends reporters.Base {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options)
    const failed: string[] = []
    runner.on(EVENT_TEST_FAIL, (test, error: Error) => {
      reporters.Base.consoleLog('  failed: %s', test.fullTitle())
      failed.push(`${test.fullTitle()}\n${(error.stack ?? error.message).slice(0, kept)}`)
    })
    runner.on(EVENT_RUN_END, () => {
      this.epilogue()
      const file = process.env['PI_AWS_TEST_RESULT']
      const {passes, failures, pending} = this.stats
      const result = {passed: passes, failed: failures, skipped: pending, failures: failed}
      if (file !== undefined) writeFileSync(file, JSON.stringify(result))
      setTimeout(endLeaking, patience).unref()
    })
  }
}

/** Called only while something that a test left behind keeps the process alive. */
function endLeaking(): void {
  reporters.Base.consoleLog('A test left something behind: %s', process.getActiveResourcesInfo().join(', '))
  process.kill(process.pid)
}
