import {fstatSync} from 'node:fs'
import {commandBreaker} from '../ui/format/workflow-commands.ts'

type Write = (text: string) => void

let toRunner: Write = (text) => void process.stderr.write(text)

/**
 * Lets nothing that this process prints command the runner of a pipeline: messages of containers, answers of AWS and names
 * of files are the words of others. What goes into a file is left as it is, since no runner reads it there.
 */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (isFile(stream.fd)) continue
    const broken = commandBreaker()
    const write = stream.write.bind(stream) as (text: unknown, ...rest: unknown[]) => boolean
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) =>
      write(broken(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()), ...rest)
    if (stream === process.stderr) toRunner = write
  }
}

/** Writes a command of our own, whose foreign words are escaped already, as a line of stderr. */
export function commandRunner(line: string): void {
  toRunner(line)
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    return false
  }
}
