import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {canonicalJson, sha256} from '../../domain/content.ts'
import {RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Part} from '../../domain/parts.ts'
import {fingerprint} from '../../domain/plan.ts'
import type {Landscape} from '../landscape.ts'
import type {TemplateSet} from './templates.ts'

/** What a plan and the deploy that carries it out have in common. */
export interface PlannedWork {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  readonly parts: readonly Part[]
}

/** The fingerprint of what a deploy would start from now. */
export function fingerprintNow(work: PlannedWork, templates: TemplateSet, landscape: Landscape): string {
  return fingerprint({
    environment: work.environment,
    region: work.configuration.region,
    configuration: sha256(canonicalJson(work.configuration)),
    templates: templates.hash,
    parts: work.parts,
    stacks: landscape.stacks.map((stack) => ({
      id: stack.id,
      status: stack.status,
      updatedAt: stack.updatedAt ?? stack.createdAt,
    })),
  })
}

/** @throws RefusedError STALE_PLAN */
export function requireFreshPlan(
  planned: string,
  work: PlannedWork,
  templates: TemplateSet,
  landscape: Landscape,
): void {
  if (fingerprintNow(work, templates, landscape) === planned) return
  throw new RefusedError('Plan is stale: the configuration, the templates or a stack changed since it was made.', {
    code: 'STALE_PLAN',
    suggestions: [`pi-aws plan ${work.environment} --out FILE`, 'Look at the new plan, then deploy it'],
  })
}
