import * as z from 'zod'
import {canonicalJson, sha256} from './content.ts'

/** What a plan was made from. Equal inputs give equal plans; a changed one makes the plan stale. */
export interface PlanInputs {
  readonly environment: string
  readonly region: string
  /** Hash of the configuration. */
  readonly configuration: string
  /** Hash of the template set. */
  readonly templates: string
  readonly parts: readonly string[]
  /** Each stack as it was: id, status and the time of its last change. */
  readonly stacks: readonly {readonly id: string; readonly status: string; readonly updatedAt: string}[]
}

/** Fingerprint of a plan's inputs. */
export function fingerprint(inputs: PlanInputs): string {
  return sha256(
    canonicalJson({
      ...inputs,
      parts: [...new Set(inputs.parts)].sort(),
      stacks: inputs.stacks.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    }),
  )
}

/** The file of `plan --out`. */
export const planFileSchema = z.object({
  schemaVersion: z.literal(1),
  environment: z.string(),
  region: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  madeAt: z.string(),
  parts: z.array(z.string()),
})
export type PlanFile = z.infer<typeof planFileSchema>
