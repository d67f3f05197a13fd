import assert from 'node:assert/strict'
import {completed} from '../../../src/ui/format/next-step.ts'

describe('a next step', () => {
  for (const [step, shown] of [
    ['pi-aws status prod', 'pi-aws status prod --local'],
    ['Or choose one: pi-aws env use NAME', 'Or choose one: pi-aws env use NAME --local'],
    ['pi-aws exec dashboard -- COMMAND', 'pi-aws exec dashboard --local -- COMMAND'],
    ['pi-aws local start', 'pi-aws local start'],
    ['pi-aws deploy --help', 'pi-aws deploy --help'],
    ['Add --follow to wait for it', 'Add --follow to wait for it'],
  ] as const) {
    it(`has the flags where a command takes them: ${step}`, () => {
      assert.equal(completed(step, '--local'), shown)
      assert.equal(completed(step, ''), step)
    })
  }
})
