const lineBreak = 0x0a

/**
 * The lines of a text, one after the other: a list of a hundred thousand is never one text of many megabytes, nor that
 * many texts at once. What follows the last line break is a line where it is not empty.
 * @throws TypeError for bytes that are no UTF-8
 */
export function* linesOf(bytes: Uint8Array): Generator<string, undefined> {
  const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true})
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf(lineBreak, from)
    const to = found === -1 ? bytes.length : found
    yield decoder.decode(bytes.subarray(from, to))
    from = to + 1
  }
}

/** Whether a text was not cut off in a line. */
export function endsInLine(bytes: Uint8Array): boolean {
  return bytes.at(-1) === lineBreak
}
