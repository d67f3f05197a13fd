/** A word as a POSIX shell takes it for itself, and as who splits a line like one: the agent of ECS Exec in a container. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
