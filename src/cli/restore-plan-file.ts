import {readFile, writeFile} from 'node:fs/promises'
import * as z from 'zod'
import {NotFoundError, UsageError} from '../domain/errors.ts'
import type {RestorePlanResult} from '../flows/restore/plan.ts'

const planSchema = z.looseObject({
  schemaVersion: z.literal(1),
  kind: z.literal('restore'),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
})

/** The fingerprint in a file of `restore plan --out`. @throws NotFoundError PLAN_NOT_FOUND; UsageError BROKEN_PLAN */
export async function readRestorePlan(path: string): Promise<string> {
  try {
    return planSchema.parse(JSON.parse(await readFile(path, 'utf8'))).fingerprint
  } catch (error) {
    const suggestions = [`pi-aws restore plan latest --out ${path}`]
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new NotFoundError(`Plan not found: there is no ${path}.`, {code: 'PLAN_NOT_FOUND', suggestions})
    throw new UsageError(`Broken plan: ${path} is not a plan of a restore that pi-aws wrote.`, {
      code: 'BROKEN_PLAN',
      suggestions,
      cause: error,
    })
  }
}

export async function writeRestorePlan(path: string, plan: RestorePlanResult): Promise<void> {
  const {environment, snapshot, fingerprint} = plan
  const file = {schemaVersion: 1, kind: 'restore', environment, snapshot, fingerprint}
  await writeFile(path, `${JSON.stringify(file, null, 2)}\n`)
}
