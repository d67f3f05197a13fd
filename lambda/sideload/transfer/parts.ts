import {SideloadError} from '../errors.ts'
import type {Budget} from '../slice/pool.ts'
import type {ObjectStore, Source} from '../store.ts'

/** Parts of one file that are asked for side by side. */
const ahead = 4

/** Part of an object; `release` gives its memory back. */
export interface Part {
  readonly bytes: Uint8Array
  readonly release: () => void
}

/**
 * The bytes of an object from `start` on, in order, in parts of which a few are fetched side by side.
 * @param size what the object must have; `part` is the size of a part
 * @throws SideloadError SIZE_DIFFERS and what the store throws
 */
export async function* partsOf(
  store: ObjectStore,
  source: Source,
  {start, size, part: partBytes}: {readonly start: number; readonly size: number; readonly part: number},
  budget: Budget,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const coming: Promise<Part>[] = []
  let next = start
  try {
    for (;;) {
      while (coming.length < ahead && next < size) {
        const to = Math.min(size, next + partBytes)
        const part = fetchPart(store, source, [next, to, size], budget, either)
        // Its failure is told when its turn comes, or to nobody.
        part.catch(() => undefined)
        coming.push(part)
        next = to
      }
      const part = coming.shift()
      if (part === undefined) return
      yield await part
    }
  } finally {
    stop.abort()
    for (const part of coming)
      void part.then(
        ({release}) => release(),
        () => undefined,
      )
  }
}

/** Bytes of an object, once there is memory for them. @throws SideloadError SIZE_DIFFERS and what the store throws */
export async function fetchPart(
  store: ObjectStore,
  source: Source,
  [from, to, size]: readonly [number, number, number],
  budget: Budget,
  signal: AbortSignal,
): Promise<Part> {
  const release = budget.takeNow(to - from) ?? (await budget.take(to - from))
  try {
    if (signal.aborted) throw new SideloadError('INTERRUPTED', 'the time ran out')
    const {bytes, total, release: giveBack} = await store.read(source, from, to, signal)
    if (total !== size) {
      throw new SideloadError('SIZE_DIFFERS', `the object has ${total} bytes and the manifest says ${size}`)
    }
    if (bytes.byteLength !== to - from) {
      throw new SideloadError('STORE_FAILED', `${bytes.byteLength} bytes came for the range from ${from} to ${to}`)
    }
    return {
      bytes,
      release: () => {
        giveBack?.()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}
