import {mkdir, readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Clock, Holder, Machine} from '../flows/ports.ts'
import {createFile} from './whole-file.ts'

/** A lock of this age (ms) is dead even if its process id is in use: nothing under it takes so long. */
const deadAfterMs = 10 * 60_000

interface Entry {
  readonly holder: Holder
  /** ISO 8601 UTC. */
  readonly at: string
}

async function numbersIn(dir: string): Promise<readonly number[]> {
  const names = await readdir(dir)
  return names.filter((name) => /^\d+$/.test(name)).map(Number)
}

/** The entry's holder, or undefined when it is free: released (empty) or lost half-way by the disk. */
async function readEntry(path: string): Promise<Entry | undefined> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as Entry | null) ?? undefined
  } catch {
    return undefined
  }
}

/**
 * A lock between processes in a folder of its own. Its files are numbered; the highest is the lock, and it is free when
 * empty or when its holder is gone. Whoever makes the next number has it, and making a file has one winner only, so a
 * dead lock is never taken over by two. The highest number is never removed, so a late comer sees that it was overtaken.
 */
export class FolderLock {
  readonly #dir: string
  readonly #machine: Machine
  readonly #clock: Clock

  constructor(dir: string, machine: Machine, clock: Clock) {
    this.#dir = dir
    this.#machine = machine
    this.#clock = clock
  }

  /** Takes the lock, or says who has it. Makes the folder when it is missing. */
  async tryTake(): Promise<{release(): Promise<void>} | {readonly holder: Holder}> {
    for (;;) {
      const top = await this.#top()
      const entry = await readEntry(this.#path(top))
      if (entry !== undefined && this.#mayLive(entry)) return {holder: entry.holder}
      const release = await this.#make(top + 1)
      if (release !== undefined) return {release}
    }
  }

  #path(number: number): string {
    return join(this.#dir, String(number))
  }

  async #top(): Promise<number> {
    try {
      return Math.max(0, ...(await numbersIn(this.#dir)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      await mkdir(this.#dir, {recursive: true, mode: 0o700})
      return 0
    }
  }

  #mayLive({holder, at}: Entry): boolean {
    return this.#clock.now().getTime() - Date.parse(at) < deadAfterMs && this.#machine.mayBeAlive(holder)
  }

  async #make(number: number): Promise<(() => Promise<void>) | undefined> {
    const entry: Entry = {holder: this.#machine.holder(), at: this.#clock.now().toISOString()}
    const handle = await createFile(this.#path(number), JSON.stringify(entry))
    if (handle === undefined) return undefined
    const numbers = await numbersIn(this.#dir)
    if (numbers.some((other) => other > number)) {
      await handle.close()
      await rm(this.#path(number), {force: true})
      return undefined
    }
    await Promise.all(numbers.filter((other) => other < number).map((other) => rm(this.#path(other), {force: true})))
    return async () => {
      // Through the open file and not by name: after a purge the name may be somebody else's lock.
      await handle.truncate(0)
      await handle.close()
    }
  }
}
