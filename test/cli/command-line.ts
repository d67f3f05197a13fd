import assert from 'node:assert/strict'
import path from 'node:path'
import type {Config} from '@oclif/core'
import {loadSurface} from '../../scripts/surface.ts'

export const root = path.resolve(import.meta.dirname, '../..')

let loaded: ReturnType<typeof loadSurface> | undefined

/** The command line as src/ defines it, read once for all tests. */
export function surface(): ReturnType<typeof loadSurface> {
  loaded ??= loadSurface(root)
  return loaded
}

interface Parsed {
  readonly args: Readonly<Record<string, unknown>>
  readonly flags: Readonly<Record<string, unknown>>
  readonly metadata: {readonly flags: Readonly<Record<string, {readonly setFromDefault?: boolean} | undefined>>}
}

/** A command as a test sees it: something that parses. */
type CommandClass = new (argv: string[], config: Config) => {parse(of: CommandClass): Promise<Parsed>}

/** What a command line means, without running it: the first words name the command. */
export async function parseLine(line: readonly string[]): Promise<Parsed> {
  const {config} = await surface()
  const {id, words} = named(config, line)
  const Class = (await config.findCommand(id, {must: true}).load()) as unknown as CommandClass
  const command = new Class([...line.slice(words)], config)
  const {args, flags, metadata} = await command.parse(Class)
  return {args, flags, metadata}
}

function named(config: Config, line: readonly string[]): {readonly id: string; readonly words: number} {
  for (const words of [2, 1]) {
    const id = line.slice(0, words).join(':')
    if (config.commandIDs.includes(id)) return {id, words}
  }
  return assert.fail(`there is no command in: ${line.join(' ')}`)
}

/** Runs something with other environment variables; those of the caller come back afterwards. */
export async function withVariables<T>(
  variables: Readonly<Record<string, string | undefined>>,
  work: () => Promise<T>,
): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  const put = (name: string, value: string | undefined): void => {
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
  }
  for (const [name, value] of Object.entries(variables)) put(name, value)
  try {
    return await work()
  } finally {
    for (const [name, value] of before) put(name, value)
  }
}

/** Runs something and gives what it wrote, nothing of it on the real streams. */
export async function written(work: () => Promise<void>): Promise<{readonly stdout: string; readonly stderr: string}> {
  const texts = {stdout: '', stderr: ''}
  const streams = ['stdout', 'stderr'] as const
  const originals = streams.map((name) => process[name].write.bind(process[name]))
  for (const name of streams) {
    process[name].write = (text: string | Uint8Array): boolean => {
      texts[name] += String(text)
      return true
    }
  }
  try {
    await work()
  } finally {
    for (const [index, name] of streams.entries()) process[name].write = originals[index]!
  }
  return texts
}
