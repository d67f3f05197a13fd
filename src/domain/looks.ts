/**
 * How long to wait before the next look at something that AWS does by itself (ms): a tenth of what it has taken so far,
 * within limits, so that waiting for it never takes much longer than it does, and what takes hours is seldom asked for.
 * @param waited ms since it began
 */
export function nextLook(waited: number, least = 1000, most = 15_000): number {
  return Math.min(Math.max(waited / 10, least), most)
}
