import * as z from 'zod'
import {FailedError, PiError} from '../../domain/errors.ts'
import {wakeFunction} from '../deploy/prepare-files.ts'
import type {Clock, Functions} from '../ports.ts'

/** Counts and hash of a tree, as the function found it. */
export const treeSchema = z.object({
  files: z.number().int(),
  directories: z.number().int(),
  bytes: z.number().int(),
  treeHash: z.string(),
  uid: z.number().int(),
  gid: z.number().int(),
})
export type Tree = z.infer<typeof treeSchema>

/** A tree compared with the list that lies in it. */
export const examinedSchema = z.object({
  tree: treeSchema,
  same: z.number().int(),
  changed: z.number().int(),
  missing: z.number().int(),
  extra: z.number().int(),
  /** The first paths that differ. */
  differences: z.array(z.string()),
})
export type Examined = z.infer<typeof examinedSchema>

const rootsSchema = z.object({
  generations: z.array(z.object({generation: z.number(), complete: z.boolean(), active: z.boolean()})),
  restored: z.array(z.object({path: z.string(), canaries: z.array(z.string())})),
  frozen: z.array(z.object({name: z.string(), complete: z.boolean()})).default([]),
  others: z.array(z.string()),
  freeBytes: z.number(),
})
export type TreeRoots = z.infer<typeof rootsSchema>

const answerSchema = z.looseObject({
  ok: z.boolean(),
  error: z.object({code: z.string(), message: z.string()}).optional(),
  state: z.enum(['continues', 'complete']).optional(),
  cursor: z.string().optional(),
})
type Answer = z.infer<typeof answerSchema>
type Request = {readonly operation: string} & Readonly<Record<string, unknown>>

/** How often a call that was lost or met a busy function is made again, and how long to wait before it (ms). */
const pauses = [1000, 2000, 4000, 8000]
/** What passes by itself. Every operation here may be asked for twice. */
const passing = ['SIDELOAD_BUSY', 'FUNCTION_FAILED', 'FUNCTION_NOT_READY', 'NETWORK_UNREACHABLE', 'THROTTLED']
/** Slices of one operation, each a minute at most: more than that is a loop. */
const sliceLimit = 10_000

/** The side-load function, as far as whole trees go. */
export class TreeFunction {
  readonly #ports: {readonly functions: Functions; readonly clock: Clock}
  readonly #name: string
  readonly #stop: AbortSignal
  readonly #between: () => void

  /** @param between looks before each further slice whether to go on */
  constructor(
    ports: {readonly functions: Functions; readonly clock: Clock},
    functionName: string,
    {stop, between}: {readonly stop: AbortSignal; readonly between: () => void},
  ) {
    this.#ports = ports
    this.#name = functionName
    this.#stop = stop
    this.#between = between
  }

  /** @throws FailedError FUNCTION_ASLEEP, FUNCTION_UNHEALTHY */
  async wake(): Promise<void> {
    await wakeFunction(this.#ports, this.#name, this.#stop)
  }

  /** Copies a generation, hashing it in passing, into a tree of its own that nobody writes to. */
  async freeze(generation: number, snapshot: string, name: string): Promise<Tree> {
    return treeSchema.parse(await this.#slices({operation: 'freeze', generation, snapshot, name}))
  }

  /** Counts and hashes a generation where it is, and puts list and canary into it. */
  async seal(generation: number, snapshot: string): Promise<Tree> {
    return treeSchema.parse(await this.#slices({operation: 'seal', generation, snapshot}))
  }

  /** Takes list and canary of a set out of a generation again; what is gone already is fine. */
  async unseal(generation: number, snapshot: string): Promise<void> {
    await this.#ask({operation: 'unseal', generation, snapshot})
  }

  /** Compares a tree with the list that lies in it. */
  async examine(path: string, snapshot: string): Promise<Examined> {
    return examinedSchema.parse(await this.#slices({operation: 'examine', path, snapshot}))
  }

  /** Makes a generation of a restored tree. */
  async promote(from: string, generation: number, snapshot: string): Promise<void> {
    await this.#slices({operation: 'promote', from, generation, canary: snapshot})
  }

  /** Removes a tree that the platform does not run on; one that is gone already is fine. */
  async discard(path: string): Promise<void> {
    await this.#slices({operation: 'discard', path})
  }

  /** Tells the function which generation events are loaded into. */
  async activate(generation: number): Promise<void> {
    await this.#ask({operation: 'activate', generation})
  }

  async roots(): Promise<TreeRoots> {
    return rootsSchema.parse(await this.#ask({operation: 'roots'}))
  }

  async #slices(request: Request): Promise<Answer> {
    let cursor = ''
    for (let slice = 0; slice < sliceLimit; slice++) {
      const answer = await this.#ask({...request, cursor})
      if (answer.state !== 'continues') return answer
      cursor = answer.cursor ?? ''
      this.#between()
    }
    throw new FailedError(`The side-load function does not come to an end with ${request.operation}.`, {
      code: 'FUNCTION_ENDLESS',
    })
  }

  async #ask(request: Request): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const pause = pauses[attempt]
      try {
        const answer = answerSchema.parse(await this.#ports.functions.invoke(this.#name, request))
        if (answer.ok) return answer
        const {code = 'FAILED', message = 'it gave no reason'} = answer.error ?? {}
        throw new FailedError(`The side-load function refuses ${request.operation}: ${message}.`, {
          code: `SIDELOAD_${code}`,
        })
      } catch (error) {
        if (pause === undefined || !(error instanceof PiError) || !passing.includes(error.code)) throw error
        if (error.code === 'FUNCTION_NOT_READY') await this.wake()
      }
      await this.#ports.clock.sleep(pause, this.#stop)
    }
  }
}
