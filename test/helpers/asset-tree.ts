import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

/** Names that tools like to break, by what is hard about them. All of them differ, and EFS takes all of them. */
export const hardNames: readonly (readonly [why: string, name: string])[] = [
  ['a space', 'my logo.png'],
  ['spaces at both ends', ' edge '],
  ['a plus', 'a+b.css'],
  ['a percent sign', '100%.txt'],
  ['what looks encoded', 'a%20b%2Fc.txt'],
  ['a hash', 'color#fff.css'],
  ['a question mark', 'what?.txt'],
  ['an ampersand and equals', 'a=1&b=2.txt'],
  ['single quotes', "it's.txt"],
  ['double quotes', 'say "hi".txt'],
  ['a backslash', 'back\\slash.txt'],
  ['a composed umlaut', 'K\u00f6ln.svg'],
  ['the same umlaut in two characters', 'Ko\u0308ln.svg'],
  ['emoji', '\u{1f680} \u{1f469}\u200d\u{1f4bb}.png'],
  ['other scripts', '\u65e5\u672c\u8a9e \u0627\u0644\u0639\u0631\u0628\u064a\u0629.txt'],
  ['upper case', 'README.txt'],
  ['its twin in lower case', 'readme.txt'],
  ['a leading dot', '.hidden'],
  ['a leading dash', '-rf'],
  ['a tilde', '~user'],
  ['a trailing dot', 'end.'],
  ['a line end', 'two\nlines.txt'],
  ['a tab', 'a\tb.txt'],
  ['angle brackets', '<b>&amp;.txt'],
  ['asterisk and brackets', '*[a-z]{x}.txt'],
  ['a colon, a comma and a semicolon', 'c:d,e;f.txt'],
  ['the character for broken text', 'broken \ufffd.txt'],
  ['255 bytes', `${'\u00e4'.repeat(125)}x.txt`],
]

export interface TreeFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Small files under hard names, in folders of hard names too, ten levels deep, and one empty file. */
export function hardFiles(): readonly TreeFile[] {
  const text = (words: string): Uint8Array => new TextEncoder().encode(words)
  return [
    ...hardNames.map(([why, name]) => ({path: `images/${name}`, bytes: text(why)})),
    ...hardNames.slice(0, 8).map(([why, name]) => ({path: `themes/${name} folder/${name}`, bytes: text(why)})),
    {path: `svg/${Array.from({length: 10}, (_, level) => `level ${level}`).join('/')}/deep.svg`, bytes: text('<svg/>')},
    {path: 'locale/empty.properties', bytes: new Uint8Array()},
    {path: 'locale/.keep', bytes: new Uint8Array()},
  ]
}

/** Folders that hold nothing. */
export const emptyFolders = ['excel-data/empty folder', 'custom_jdbc/a+b %/nested empty']

const kibibyte = 1024

/** Bytes that look random and are the same each time: a generator by Marsaglia (xorshift, 32 bits). */
function noise(seed: number, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(size + 4)
  let state = (seed * 2_654_435_761) | 1
  for (let at = 0; at < size; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeInt32LE(state, at)
  }
  return bytes.subarray(0, size)
}

/**
 * The tree by which uploads are measured: of every 100 files 75 have 4-64 KiB, 24 have 64-256 KiB and one has 2-4 MiB, so
 * that 2,000 files are about 183 MiB.
 */
export function* measuredFiles(count: number): Generator<TreeFile> {
  for (let index = 0; index < count; index++) {
    const share = ((index * 7919) % 1000) / 1000
    const place = index % 100
    const [from, to] = place < 75 ? [4, 64] : place < 99 ? [64, 256] : [2048, 4096]
    const size = Math.round((from + (to - from) * share) * kibibyte)
    yield {path: `images/set ${Math.floor(index / 100)}/picture ${index}.png`, bytes: noise(index + 1, size)}
  }
}

export function writeFiles(root: string, files: Iterable<TreeFile>): number {
  let bytes = 0
  for (const file of files) {
    const place = join(root, file.path)
    mkdirSync(dirname(place), {recursive: true})
    writeFileSync(place, file.bytes)
    bytes += file.bytes.byteLength
  }
  return bytes
}

/** The whole of it: measured files, hard names, empty folders. @returns bytes */
export function writeTree(root: string, count: number): number {
  for (const folder of emptyFolders) mkdirSync(join(root, folder), {recursive: true})
  return writeFiles(root, hardFiles()) + writeFiles(root, measuredFiles(count))
}

if (import.meta.main) {
  const [root = '', count = '2000'] = process.argv.slice(2)
  const bytes = writeTree(root, Number(count))
  process.stdout.write(`${root}: ${count} files and the hard names, ${(bytes / kibibyte / kibibyte).toFixed(1)} MiB\n`)
}
