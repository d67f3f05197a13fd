import {Mailbox} from '../../../src/flows/logs/mailbox.ts'
import type {LiveTail, LiveUpdate} from '../../../src/flows/telemetry/ports.ts'
import type {Answers} from './answers.ts'

/** A session of Live Tail, as a test drives it. */
export class FakeSession {
  readonly groups: readonly string[]
  readonly filter: string | undefined
  readonly #updates = new Mailbox<LiveUpdate>()

  constructor(groups: readonly string[], filter: string | undefined) {
    this.groups = groups
    this.filter = filter
  }

  show(events: LiveUpdate['events'], sampled = false): void {
    this.#updates.push({events, sampled})
  }

  end(failure?: Error): void {
    this.#updates.end(failure)
  }

  async *updates(): AsyncGenerator<LiveUpdate> {
    for (let some = await this.#updates.take(); some !== undefined; some = await this.#updates.take()) yield* some
  }
}

/** Live Tail of an account. */
export class FakeLiveTail {
  /** Every session, in the order of their opening. */
  readonly sessions: FakeSession[] = []
  /** What openings are answered with instead, the next one first; undefined opens it. */
  readonly refusals: (Error | undefined)[] = []
  /** Sees each session as it is opened. */
  onOpen: ((session: FakeSession, number: number) => void) | undefined
  readonly port: Answers<LiveTail> = {
    open: (groups, filter) => {
      const refusal = this.refusals.shift()
      if (refusal !== undefined) throw refusal
      const session = new FakeSession(groups, filter)
      this.sessions.push(session)
      this.onOpen?.(session, this.sessions.length)
      return session.updates()
    },
  }
}
