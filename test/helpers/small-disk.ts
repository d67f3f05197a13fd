import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'

/** A file system of its own with a size, until it is disposed of. */
export interface SmallDisk extends Disposable {
  readonly path: string
  grow(kibibytes: number): void
}

/** Mounts a file system in memory; undefined where that is not allowed (no Linux, not root), and the reason is told. */
export function smallDisk(path: string, kibibytes: number): SmallDisk | undefined {
  mkdirSync(path, {recursive: true})
  const mount = (...args: string[]) => execFileSync('mount', [...args, path], {stdio: ['ignore', 'ignore', 'pipe']})
  try {
    mount('-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs')
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n').at(-2) : String(error)
    process.stdout.write(`    UNKNOWN: no small disk can be mounted here: ${why}\n`)
    return undefined
  }
  return {
    path,
    grow: (to) => void mount('-o', `remount,size=${to}k`),
    [Symbol.dispose]: () => void execFileSync('umount', [path]),
  }
}
