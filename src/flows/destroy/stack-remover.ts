import {type Part} from '../../domain/parts.ts'
import {statefulTypes} from '../../domain/change-set.ts'
import type {ParameterChoice} from '../../domain/parameters.ts'
import {inProgress} from '../../domain/stack-status.ts'
import type {TemplateSet} from '../deploy/templates.ts'
import type {Operation} from '../ledger/operation.ts'
import type {StackDescription} from '../ports.ts'
import type {Run} from '../run.ts'
import {changeStack} from '../stack/change-stack.ts'
import {follow} from '../stack/follow.ts'
import {unprotect} from '../stack/protect.ts'
import {deleteAndFollow} from '../stack/remove-shell.ts'
import {reported} from '../steps.ts'
import type {DestroyPorts} from './destroy.ts'

interface RemoverContext {
  readonly ports: DestroyPorts
  readonly run: Run
  readonly operation: Operation
  readonly roleArn: string | undefined
}

/** Changes and deletes stacks of an environment that is taken down, each as a journaled step. */
export class StackRemover {
  readonly context: RemoverContext

  constructor(context: RemoverContext) {
    this.context = context
  }

  /** A journaled step that tells in a few words what came of it. */
  async step(step: string, title: string, part: Part, work: () => Promise<string>): Promise<void> {
    const {ports, run, operation} = this.context
    await reported({clock: ports.clock, report: run.report}, {step, title, part}, async () => {
      const detail = await operation.record(step, work, (value) => value)
      return {value: undefined, outcome: 'done', detail}
    })
  }

  /** Deletes a stack, whatever state it is in. */
  async remove(stack: StackDescription, part: Part): Promise<void> {
    const {ports, operation, roleArn, run} = this.context
    await this.step(`remove-${stack.name}`, `Remove ${stack.name}`, part, async () => {
      const request = {part, stackId: stack.id, stackName: stack.name, expected: 0, stop: operation.stop}
      const now = inProgress(stack.status) ? (await follow(ports, request, run.report)).stack : stack
      if (now.status === 'DELETE_COMPLETE') return 'gone'
      await unprotect(ports.stacks, now)
      await deleteAndFollow(ports, {part, stack: now, token: operation.token(`rm-${part}`), roleArn, stop: operation.stop}, run.report)
      return 'gone'
    })
  }

  /** Updates a stack with its own template and some parameters changed; what the change set says of data is meant. */
  async change(
    stack: StackDescription,
    part: Part,
    templates: TemplateSet,
    overrides: Readonly<Record<string, string>>,
    title: string,
  ): Promise<void> {
    const {ports, operation, roleArn, run} = this.context
    const step = `change-${stack.name}`
    await this.step(step, title, part, async () => {
      await unprotect(ports.stacks, stack)
      const body = await ports.stacks.template(stack.id)
      const removable = Object.entries(templates.models[part].Resources).filter(([, resource]) => statefulTypes.includes(resource.Type))
      const result = await changeStack(
        ports,
        {
          part,
          name: stack.name,
          template: {body},
          tags: stack.tags,
          parameters: (current) => choices(current ?? stack, overrides),
        },
        {
          changeSetName: `pi-${operation.token(step)}`,
          description: `pi-aws destroy, operation ${operation.opId}`,
          token: operation.token(step),
          allowed: removable.map(([logicalId]) => logicalId),
          wait: true,
          continueRollback: true,
          roleArn,
          stop: operation.stop,
          beforeExecute: async () => operation.checkpoint(),
        },
        run.report,
      )
      return result.outcome
    })
  }
}

function choices(stack: StackDescription, overrides: Readonly<Record<string, string>>): Record<string, ParameterChoice> {
  return Object.fromEntries(
    Object.keys(stack.parameters).map((name) => {
      const value = overrides[name]
      return [name, value === undefined ? {previous: true} : {value}]
    }),
  )
}
