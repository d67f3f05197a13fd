/**
 * Lets all come to their end, then gives back what they gave or throws what the first one threw: nothing that was begun
 * is left unwatched.
 */
export async function together<T extends readonly Promise<unknown>[]>(
  ...works: T
): Promise<{-readonly [K in keyof T]: Awaited<T[K]>}> {
  const results = await Promise.allSettled(works)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  }) as {-readonly [K in keyof T]: Awaited<T[K]>}
}
