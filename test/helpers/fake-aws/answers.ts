/** A port whose methods answer at once: the process that uses it makes promises of them. */
export type Answers<P> = {
  readonly [K in keyof P]: P[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : P[K]
}
