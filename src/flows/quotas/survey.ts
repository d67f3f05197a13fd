import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {resourcesOf} from '../../domain/datasheet/resources.ts'
import type {ExpandedResource} from '../../domain/expansion.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {type Beside, type Demand, demandOf} from '../../domain/quotas/demand.ts'
import type {Standing} from '../../domain/quotas/standing.ts'
import {byUrgency, judge, type QuotaFinding} from '../../domain/quotas/judge.ts'
import type {Part} from '../../domain/parts.ts'
import type {Amounts, QuotaRow} from '../../domain/quotas/model.ts'
import type {QuotaMode} from '../../domain/quotas/modes.ts'
import {quotaRows} from '../../domain/quotas/rows.ts'
import {parsedTemplates} from '../deploy/templates.ts'
import type {Landscape} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import {Asked} from './asked.ts'
import {factsOf} from './facts.ts'
import {currentParameters, standingOf} from './standing.ts'

export type QuotaPorts = Pick<Ports, 'stacks' | 'networks' | 'packageFiles' | 'serviceQuotas' | 'inventory'>

export interface QuotaSubject {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  readonly landscape: Landscape
}

/** What is known, or decided, before a survey. */
interface Known {
  /** Only what these add is weighed; all when empty. */
  readonly parts?: readonly Part[]
  /** Zones of the region in the order of their use, where they were asked for already. */
  readonly zones?: readonly string[]
  /** What a restore makes; everything unless told. */
  readonly beside?: Beside
  /** What other environments will take. */
  readonly planned?: ((row: QuotaRow) => Amounts) | undefined
}

/** What quotas are weighed with: the environment as its templates make it, and what stands of it. */
export class QuotaSurvey {
  readonly #resources: readonly ExpandedResource[]
  readonly #standing: Standing
  readonly #asked: Asked
  readonly #known: Known

  private constructor(resources: readonly ExpandedResource[], standing: Standing, asked: Asked, known: Known) {
    this.#resources = resources
    this.#standing = standing
    this.#asked = asked
    this.#known = known
  }

  static async of(
    ports: QuotaPorts,
    {environment, configuration, landscape}: QuotaSubject,
    known: Known = {},
  ): Promise<QuotaSurvey> {
    const asked = new Asked(ports)
    const [files, zones, standing] = await Promise.all([
      ports.packageFiles.templates(),
      known.zones ?? ports.networks.zones(),
      standingOf(ports.stacks, asked, landscape),
    ])
    const current = currentParameters(landscape)
    return new QuotaSurvey(
      resourcesOf(environment, configuration, parsedTemplates(files), {current, zones}),
      standing,
      asked,
      known,
    )
  }

  demand(mode: QuotaMode): Demand {
    return demandOf(mode, this.#resources, this.#standing, this.#known.parts, this.#known.beside)
  }

  /** Weighs the quotas that a mode meets, all at once, the worst first. */
  async weigh(mode: QuotaMode, wanted: (row: QuotaRow, demand: Demand) => boolean): Promise<readonly QuotaFinding[]> {
    const demand = this.demand(mode)
    const rows = quotaRows.filter((row) => wanted(row, demand))
    const findings = await Promise.all(
      rows.map(async (row) => {
        const facts = await factsOf(row, demand, this.#asked)
        const planned = this.#known.planned?.(row)
        return judge(row, demand, planned === undefined ? facts : {...facts, planned})
      }),
    )
    return findings.toSorted(byUrgency)
  }
}
