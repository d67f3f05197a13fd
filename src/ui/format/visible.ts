import {stripVTControlCharacters} from 'node:util'

/**
 * Control characters that stay behind once escape sequences are gone, and characters that reorder, hide or break what
 * surrounds them: C0, DEL, C1, zero-width signs, bidirectional overrides and isolates, line and paragraph separators.
 */
const treacherous = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

function harmless(text: string): string {
  return stripVTControlCharacters(text.toWellFormed())
}

/**
 * Text of unknown origin as one line that cannot move the cursor, colour or forge a line: escape sequences are removed,
 * blanks of any kind become one space, every other control character is written out (`\x07`).
 */
export function oneLine(text: string): string {
  return harmless(text)
    .replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029 ]+/g, ' ')
    .replaceAll(treacherous, escapeCharacter)
    .trim()
}

/** The same for text whose lines are wanted: each line made harmless, blank lines at the ends removed. */
export function visibleLines(text: string): readonly string[] {
  const lines = harmless(text)
    .split(/\r\n|\n/)
    .map((line) => line.replaceAll('\t', '  ').replaceAll(treacherous, escapeCharacter).trimEnd())
  while (lines.length > 1 && lines.at(-1) === '') lines.pop()
  while (lines.length > 1 && lines[0] === '') lines.shift()
  return lines
}

/** One line of JSON that is safe on a terminal too: what JSON leaves unescaped (DEL, C1, bidi) is written as `\uXXXX`. */
export function jsonLine(value: unknown): string {
  const escaped = JSON.stringify(value).replaceAll(treacherous, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
  return `${escaped}\n`
}
