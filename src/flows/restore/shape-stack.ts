import type {ParameterChoice} from '../../domain/parameters.ts'
import type {Part} from '../../domain/parts.ts'
import type {Scribe} from '../ledger/once.ts'
import type {StackDescription} from '../ports.ts'
import {changeNames, changeStack, type StackTarget} from '../stack/change-stack.ts'
import {reported} from '../steps.ts'
import type {RestorePorts} from './options.ts'

/** Changes whole stacks by their parameters alone: what they are made from stays what it is. */
export class StackShaper {
  readonly #ports: RestorePorts
  readonly #scribe: Scribe
  readonly #roleArn: string | undefined

  constructor(ports: RestorePorts, scribe: Scribe, roleArn: string | undefined) {
    this.#ports = ports
    this.#scribe = scribe
    this.#roleArn = roleArn
  }

  /** Updates a stack with its own template and some parameters changed; those that it does not have are left out. */
  async change(
    step: {readonly step: string; readonly title: string; readonly part: Part},
    stack: StackDescription,
    parameters: Readonly<Record<string, string>>,
  ): Promise<StackDescription> {
    const body = await this.#ports.stacks.template(stack.id)
    return this.#shape(step, {
      part: step.part,
      name: stack.name,
      template: {body},
      tags: stack.tags,
      parameters: (current) => choices((current ?? stack).parameters, parameters),
    })
  }

  /** Makes a stack beside another one, from its template and with its parameters but for some. */
  async beside(
    step: {readonly step: string; readonly title: string; readonly part: Part},
    model: StackDescription,
    name: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<StackDescription> {
    const body = await this.#ports.stacks.template(model.id)
    return this.#shape(step, {
      part: step.part,
      name,
      template: {body},
      tags: model.tags,
      parameters: (current) =>
        current === undefined
          ? Object.fromEntries(
              Object.entries(model.parameters).map(([key, value]) => [key, {value: parameters[key] ?? value}]),
            )
          : choices(current.parameters, {}),
    })
  }

  /** A journaled change set. What is as it should be already is left alone, also after a crash. */
  #shape(
    step: {readonly step: string; readonly title: string; readonly part: Part},
    target: StackTarget,
  ): Promise<StackDescription> {
    const {operation, clock, run} = this.#scribe
    operation.checkpoint()
    return reported({clock, report: run.report}, step, async () => {
      const token = operation.token(step.step)
      const {stack, outcome} = await operation.record(
        step.step,
        () =>
          changeStack(
            this.#ports,
            target,
            {
              changeSetName: `pi-${token}`,
              description: `pi-aws ${operation.journal.head.kind}, operation ${operation.opId}`,
              token,
              allowed: [],
              wait: true,
              continueRollback: true,
              roleArn: this.#roleArn,
              stop: operation.stop,
              beforeExecute: async (changes) => {
                operation.checkpoint()
                await operation.journal.write(step.step, 'intent', {result: {changes: changeNames(changes)}})
              },
            },
            run.report,
          ),
        (value) => ({stackId: value.stack.id, outcome: value.outcome}),
      )
      return {value: stack, outcome: outcome === 'unchanged' ? 'unchanged' : 'done', detail: outcome}
    })
  }
}

function choices(
  current: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string>>,
): Record<string, ParameterChoice> {
  return Object.fromEntries(
    Object.keys(current).map((name) => {
      const value = changed[name]
      return [name, value === undefined ? {previous: true} : {value}]
    }),
  )
}
