/** Compares two `x.y.z` versions: negative when `a` is older. What cannot be read counts as 0.0.0. */
export function compareVersions(a: string, b: string): number {
  const read = (text: string) => (/^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1) ?? ['0', '0', '0']).map(Number)
  const [left, right] = [read(a), read(b)]
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
