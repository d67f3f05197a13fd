import {readFile, writeFile} from 'node:fs/promises'
import {NotFoundError, UsageError} from '../domain/errors.ts'
import {isPart, type Part} from '../domain/parts.ts'
import {type PlanFile, planFileSchema} from '../domain/plan.ts'

/** @throws NotFoundError PLAN_NOT_FOUND; UsageError BROKEN_PLAN */
export async function readPlanFile(
  path: string,
): Promise<{readonly fingerprint: string; readonly parts: readonly Part[]}> {
  try {
    const plan = planFileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    return {fingerprint: plan.fingerprint, parts: plan.parts.filter(isPart)}
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new NotFoundError(`Plan not found: there is no ${path}.`, {
        code: 'PLAN_NOT_FOUND',
        suggestions: [`pi-aws plan --out ${path}`],
      })
    }
    throw new UsageError(`Broken plan: ${path} is not a plan that pi-aws wrote.`, {
      code: 'BROKEN_PLAN',
      suggestions: [`pi-aws plan --out ${path}`],
      cause: error,
    })
  }
}

export async function writePlanFile(path: string, plan: PlanFile): Promise<void> {
  await writeFile(path, `${JSON.stringify(plan, null, 2)}\n`)
}
