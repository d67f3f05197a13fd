import type {Leftover} from '../../domain/leftovers.ts'
import type {Part} from '../../domain/parts.ts'
import {type Landscape, mergedOutputs, neededOutput, stackOf} from '../landscape.ts'
import {leavesOpen, type Operation} from '../ledger/operation.ts'
import type {StackDescription} from '../ports.ts'
import type {Run} from '../run.ts'
import {changeNames, changeStack, type StackChangeResult, type StackTarget} from '../stack/change-stack.ts'
import {protect} from '../stack/protect.ts'
import {reported, type Stepped} from '../steps.ts'
import type {DeployedPart, DeployOptions, DeployPorts, SecretValues} from './options.ts'
import {type Surroundings, targetOf} from './targets.ts'
import type {TemplateSet} from './templates.ts'

export interface DeployerContext {
  readonly ports: DeployPorts
  readonly run: Run
  readonly operation: Operation
  readonly options: DeployOptions
  readonly templates: TemplateSet
  readonly surroundings: Surroundings
  readonly landscape: Landscape
  /** What is to be written into the empty secrets. */
  readonly secretValues: SecretValues
}

/** Deploys single parts under one operation, and keeps what is known of the environment up to date. */
export class PartDeployer {
  #context: DeployerContext
  #landscape: Landscape
  #unchanged: ReadonlySet<Part> = new Set()
  #changed = false
  readonly #leftovers: Leftover[] = []

  constructor(context: DeployerContext) {
    this.#context = context
    this.#landscape = context.landscape
  }

  get context(): DeployerContext {
    return this.#context
  }

  /** Where the templates lie, once they are uploaded. */
  useTemplatesAt(url: string): void {
    this.#context = {...this.#context, surroundings: {...this.#context.surroundings, templatesUrl: url}}
  }

  /** Parts whose change sets were empty: they are not asked again as long as nothing before them changes. */
  foresaw(unchanged: ReadonlySet<Part>): void {
    this.#unchanged = unchanged
  }

  /** What a part's stack shall be, as things stand now. `quiesced` is given only when it is to change. */
  target(part: Part, quiesced?: boolean): StackTarget {
    return targetOf(
      part,
      {...this.context, landscape: this.#landscape, outputs: mergedOutputs(this.#landscape)},
      {...(quiesced === undefined ? {} : {quiesced}), containers: this.context.ports.containers},
    )
  }

  /** What the changes so far replaced and AWS could not remove. */
  get leftovers(): readonly Leftover[] {
    return this.#leftovers
  }

  get landscape(): Landscape {
    return this.#landscape
  }

  /** An output of any part that stands. */
  output(name: string): string | undefined {
    return mergedOutputs(this.#landscape)[name]
  }

  /** The same where there is no going on without it. */
  needed(name: string): string {
    return neededOutput(mergedOutputs(this.#landscape), name)
  }

  /** Runs a step of the operation between its reports, after a look whether to go on. */
  async step<T>(
    step: {readonly step: string; readonly title: string; readonly part?: Part},
    work: () => Promise<Stepped<T>>,
  ): Promise<T> {
    this.context.operation.checkpoint()
    return reported({clock: this.context.ports.clock, report: this.context.run.report}, step, work)
  }

  /** Takes one part's stack to its target and guards it. `phase` tells several changes of one stack apart. */
  async deploy(
    part: Part,
    title: string,
    more: {readonly phase?: string; readonly quiesced?: boolean} = {},
  ): Promise<DeployedPart> {
    const {ports, operation, options, run} = this.context
    const name = more.phase === undefined ? part : `${part}-${more.phase}`
    return this.step({step: name, title, part}, async () => {
      const target = this.target(part, more.quiesced)
      const journaled = {begun: false}
      const change = (): Promise<StackChangeResult> =>
        changeStack(
          ports,
          target,
          {
            changeSetName: `pi-${operation.token(name)}`,
            description: `pi-aws deploy, operation ${operation.opId}`,
            token: operation.token(name),
            allowed: options.allowed,
            wait: options.wait,
            continueRollback: options.continueRollback,
            ...(options.skipped === undefined ? {} : {skip: options.skipped.resources}),
            roleArn: options.cloudFormationRoleArn,
            stop: operation.stop,
            beforeExecute: async (changes) => {
              operation.checkpoint()
              journaled.begun = true
              await operation.journal.write(name, 'intent', {
                result: {stack: target.name, changes: changeNames(changes)},
              })
            },
          },
          run.report,
        ).catch(async (error: unknown) => {
          if (journaled.begun && !leavesOpen(error)) {
            await operation.journal.write(name, 'fail', {
              reason: error instanceof Error ? error.message : String(error),
            })
          }
          if (leavesOpen(error)) operation.checkpoint()
          throw error
        })
      const result = this.#foreseen(part, more.phase) ?? (await change())
      this.#remember(result.stack)
      const {leftovers = []} = result
      this.#leftovers.push(...leftovers)
      if (result.outcome !== 'unchanged') this.#changed = true
      const switched = await protect(ports.stacks, result.stack)
      if (journaled.begun || switched.length > 0) {
        await operation.journal.write(name, 'done', {
          result: {
            stackId: result.stack.id,
            outcome: result.outcome,
            protected: switched,
            ...(leftovers.length === 0 ? {} : {leftovers}),
          },
        })
      }
      const deployed: DeployedPart = {part, stack: result.stack.name, stackId: result.stack.id, status: result.outcome}
      return {value: deployed, outcome: result.outcome === 'unchanged' ? 'unchanged' : 'done', detail: result.outcome}
    })
  }

  /** The stack of a part as it is known now. */
  stack(part: Part): StackDescription | undefined {
    return stackOf(this.#landscape, part)
  }

  /** The answer of the look ahead where it still holds. */
  #foreseen(part: Part, phase: string | undefined): StackChangeResult | undefined {
    const stack = this.stack(part)
    if (phase !== undefined || this.#changed || stack === undefined || !this.#unchanged.has(part)) return undefined
    return {stack, outcome: 'unchanged'}
  }

  #remember(stack: StackDescription): void {
    const others = this.#landscape.stacks.filter((other) => other.name !== stack.name)
    this.#landscape = {...this.#landscape, stacks: [...others, stack]}
  }
}
