import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {cancellable} from './cancel.ts'
import type {LocalPorts} from './ports.ts'

/** What the pinned packages take on disk; seen with ministack 1.5.33. The download itself is smaller. */
export const environmentMegabytes = 215

/**
 * The interpreter in which ministack is installed. Made when there is none, after its size was told.
 * @throws NotFoundError PYTHON_MISSING, FailedError PYTHON_ENVIRONMENT_FAILED, CancelledError
 */
export async function preparePython({clock, python}: Pick<LocalPorts, 'clock' | 'python'>, run: Run): Promise<string> {
  const ready = await python.ready()
  if (ready !== undefined) return ready
  const {report, pause} = run
  const plan = await python.plan()
  report({
    type: 'note',
    message:
      `The embedded AWS needs Python packages once: ${plan.packages} of them, about ${environmentMegabytes} MB, ` +
      `installed by ${plan.tool} for Python ${plan.version} into ${plan.dir}.`,
  })
  return reported({clock, report}, {step: 'local.python', title: 'Install Python packages'}, async () => {
    const progress = (message: string) => report({type: 'note', message})
    const value = await cancellable(pause, () => python.make(plan, progress, pause))
    return {value, outcome: 'done'}
  })
}
