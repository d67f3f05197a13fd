import {AccessError, PiError} from '../../domain/errors.ts'
import type {Answer} from '../../domain/quotas/judge.ts'
import type {LimitCall, OwnLimit, Thing, ThingList} from '../../domain/quotas/model.ts'
import type {Inventory, QuotaAddress, QuotaValue, ServiceQuotas, UsageMetric} from './ports.ts'

/** Asks each question once, however many quotas hang on its answer, and turns failures into answers. */
export class Asked {
  readonly #quotas: ServiceQuotas
  readonly #inventory: Inventory
  readonly #answers = new Map<string, Promise<Answer<unknown>>>()

  constructor(ports: {readonly serviceQuotas: ServiceQuotas; readonly inventory: Inventory}) {
    this.#quotas = ports.serviceQuotas
    this.#inventory = ports.inventory
  }

  list(what: ThingList, parents: readonly string[]): Promise<Answer<readonly Thing[]>> {
    return this.#once(`list ${what} ${parents.join(' ')}`, () => this.#inventory.list(what, parents))
  }

  /** As `list`; nothing where it could not be asked. */
  async things(what: ThingList, parents: readonly string[]): Promise<readonly Thing[]> {
    const answer = await this.list(what, parents)
    return 'value' in answer ? answer.value : []
  }

  own(call: LimitCall): Promise<Answer<Readonly<Record<string, OwnLimit>>>> {
    return this.#once(`own ${call}`, () => this.#inventory.ownLimits(call))
  }

  applied(of: QuotaAddress): Promise<Answer<readonly QuotaValue[]>> {
    return this.#once(`applied ${of.service}`, () => this.#quotas.applied(of))
  }

  defaults(of: QuotaAddress): Promise<Answer<readonly QuotaValue[]>> {
    return this.#once(`defaults ${of.service}`, () => this.#quotas.defaults(of))
  }

  highest(metric: UsageMetric): Promise<Answer<number | undefined>> {
    return this.#once(`metric ${JSON.stringify(metric)}`, () => this.#inventory.highest(metric))
  }

  #once<T>(question: string, ask: () => Promise<T>): Promise<Answer<T>> {
    const known = this.#answers.get(question)
    if (known !== undefined) return known as Promise<Answer<T>>
    const answer = answered(ask)
    this.#answers.set(question, answer)
    return answer
  }
}

/** Without credentials nothing can be asked at all: that is no answer but an end. */
async function answered<T>(ask: () => Promise<T>): Promise<Answer<T>> {
  try {
    return {value: await ask()}
  } catch (error) {
    if (!(error instanceof PiError)) throw error
    if (error instanceof AccessError && error.code.startsWith('CREDENTIALS')) throw error
    return {failure: error.message.replace(/\.$/, '')}
  }
}
