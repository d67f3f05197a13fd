import type {ParameterChoice} from '../../domain/parameters.ts'
import type {Part} from '../../domain/parts.ts'
import {parseTemplate} from '../../domain/template.ts'
import type {Operation} from '../ledger/operation.ts'
import type {StackDescription} from '../ports.ts'
import type {Run} from '../run.ts'
import {changeStack} from '../stack/change-stack.ts'
import {changeStep} from '../stack/forgotten-change-sets.ts'
import type {FollowPorts} from '../stack/follow.ts'
import {protect, unprotect} from '../stack/protect.ts'
import {deleteAndFollow} from '../stack/remove-shell.ts'
import {reported} from '../steps.ts'
import type {DestroyPorts} from './options.ts'

interface RemoverContext {
  readonly ports: DestroyPorts
  readonly run: Run
  readonly operation: Operation
  readonly roleArn: string | undefined
  /** Whether a stack operation that runs is waited for. */
  readonly wait: boolean
}

/** Changes and deletes stacks of an environment that is taken down, each as a journaled step. */
export class StackRemover {
  readonly #context: RemoverContext

  constructor(context: RemoverContext) {
    this.#context = context
  }

  /** A journaled step that tells in a few words what came of it. */
  async step(step: string, title: string, part: Part, work: () => Promise<string>): Promise<void> {
    const {ports, run, operation} = this.#context
    await reported({clock: ports.clock, report: run.report}, {step, title, part}, async () => {
      const detail = await operation.record(step, work, (value) => value)
      return {value: undefined, outcome: 'done', detail}
    })
  }

  /** Deletes a stack that nothing works on, whatever state it is in. */
  async remove(stack: StackDescription, part: Part): Promise<void> {
    const {ports, operation, roleArn, run, wait} = this.#context
    await this.step(`remove-${stack.name}`, `Remove ${stack.name}`, part, async () => {
      const request = {part, stack, token: operation.token(`rm-${stack.name}`), roleArn, wait, stop: operation.stop}
      await unprotectAndDelete(ports, request, run)
      return 'gone'
    })
  }

  /** Protects a stack that stays as it was protected before. */
  async guard(stack: StackDescription): Promise<void> {
    const {stacks} = this.#context.ports
    const now = await stacks.describe(stack.id)
    if (now !== undefined) await protect(stacks, now)
  }

  /** Updates a stack with its own template and some parameters changed. Only mount targets may go: they hold no data. */
  async change(
    stack: StackDescription,
    part: Part,
    overrides: Readonly<Record<string, string>>,
    title: string,
  ): Promise<void> {
    const {ports, operation, roleArn, run, wait} = this.#context
    const step = changeStep(stack.name)
    await this.step(step, title, part, async () => {
      const body = await ports.stacks.template(stack.id)
      const mountTargets = Object.entries(parseTemplate(body).Resources).filter(
        ([, {Type}]) => Type === 'AWS::EFS::MountTarget',
      )
      const result = await changeStack(
        ports,
        {part, name: stack.name, template: {body}, tags: stack.tags, parameters: () => choices(stack, overrides)},
        {
          changeSetName: `pi-${operation.token(step)}`,
          description: `pi-aws destroy, operation ${operation.opId}`,
          token: operation.token(step),
          allowed: mountTargets.map(([logicalId]) => logicalId),
          wait,
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

type Removal = Parameters<typeof deleteAndFollow>[1]

/** Lifts a stack's protections as they are now, and deletes it. */
export async function unprotectAndDelete(ports: FollowPorts, request: Removal, run: Run): Promise<void> {
  const now = await ports.stacks.describe(request.stack.id)
  if (now === undefined || now.status === 'DELETE_COMPLETE') return
  await unprotect(ports.stacks, now)
  await deleteAndFollow(ports, {...request, stack: now}, run.report)
}

function choices(
  stack: StackDescription,
  overrides: Readonly<Record<string, string>>,
): Record<string, ParameterChoice> {
  return Object.fromEntries(
    Object.keys(stack.parameters).map((name) => {
      const value = overrides[name]
      return [name, value === undefined ? {previous: true} : {value}]
    }),
  )
}
