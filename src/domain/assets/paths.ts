/** Kinds of assets: the folders that an asset folder and a generation hold at their first level. */
export const categories = ['themes', 'images', 'svg', 'excel-data', 'custom_jdbc', 'locale'] as const
export type Category = (typeof categories)[number]

export function isCategory(text: string): text is Category {
  return (categories as readonly string[]).includes(text)
}

/** Bytes in one name (EFS user guide, quotas for file systems) and in a key (S3 user guide, object keys). */
const nameLimit = 255
const keyLimit = 1024
/** 10,000 parts (S3 user guide, multipart limits) of the largest part that we hold in memory. */
export const fileSizeLimit = 10_000 * 32 * 1024 * 1024

/** Key of an asset in the assets bucket: the raw path, `<category>/...`, behind a prefix. */
export function assetKey(path: string): string {
  return `assets/${path}`
}

const encoder = new TextEncoder()

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length
}

/**
 * Why a path (`<category>/...`) can be stored neither in S3 nor in EFS, or undefined when it can.
 * @param path names joined by `/`
 */
export function pathRefusal(path: string): string | undefined {
  if (!path.isWellFormed()) return 'its name is no valid Unicode'
  if (path.includes('\0')) return 'its name holds a NUL character'
  for (const name of path.split('/')) {
    if (name === '') return 'a name in it is empty'
    if (name === '.' || name === '..') return `"${name}" stands in it`
    const bytes = byteLength(name)
    if (bytes > nameLimit) return `a name in it has ${bytes} bytes, of ${nameLimit} that EFS takes`
  }
  const bytes = byteLength(assetKey(path))
  return bytes > keyLimit ? `its key has ${bytes} bytes, of ${keyLimit} that S3 takes` : undefined
}

/** Orders by the bytes of UTF-8: unlike `<`, which compares UTF-16 and puts emoji before some of what comes before them. */
export function compareByBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return weight(left) - weight(right)
  }
  return a.length - b.length
}

/** UTF-16 units in the order of the code points they begin: surrogates stand for what comes after U+FFFF. */
function weight(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** All folders above a path, nearest first: `a/b`, `a` for `a/b/c`. */
export function foldersAbove(path: string): readonly string[] {
  const above: string[] = []
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) above.push(path.slice(0, at))
  return above
}

export function categoryOf(path: string): string {
  const end = path.indexOf('/')
  return end === -1 ? path : path.slice(0, end)
}
