/**
 * What a runner of GitHub Actions takes for a command: two colons at the beginning of a line, behind blanks or not, and the
 * older `##[` anywhere in it (its sources: ActionCommand.cs).
 */
const [begins, anywhere] = [/^((?:(?![\r\n])[\p{Z}\p{C}])*:):/gmu, /##\[/g]
/** A line of which nothing but blanks, and perhaps a colon, is known. */
const unbegun = /^[\p{Z}\p{C}]*(:?)$/u

/**
 * Makes a function that breaks such commands in text that comes in pieces. One sign of each is written as JSON escapes it
 * (`:\u003a`, `##\u005b`), so that JSON says the same as before, and people still see what it was.
 */
export function commandBreaker(): (piece: string) => string {
  // Stands for what the line holds so far: '' or ':' where it has not begun, else `x` and its last two signs.
  let before = ''
  return (piece) => {
    const whole = before + piece
    // The sign that changes is the last of each command, so that what was written already stays as it is.
    const broken = whole.replace(begins, '$1\\u003a').replace(anywhere, '##\\u005b').slice(before.length)
    const line = whole.slice(Math.max(whole.lastIndexOf('\n'), whole.lastIndexOf('\r')) + 1)
    before = unbegun.exec(line)?.[1] ?? `x${line.slice(-2)}`
    return broken
  }
}
