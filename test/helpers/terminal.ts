import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {cleanEnvironment, packageRoot} from './e2e.ts'

/** Gives a program a terminal of 120 columns and 40 lines, and copies what goes in and out. */
const program = `
import fcntl, os, pty, select, struct, sys, termios
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
sources = [terminal, 0]
while True:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:
            data = b''
        if source == 0:
            if data:
                os.write(terminal, data)
            else:
                sources.remove(0)
        elif data:
            os.write(1, data)
        else:
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)
`

/** A command that runs on a terminal. */
export interface OnTerminal {
  /** Everything that was written to the terminal so far. */
  readonly screen: string
  /** As if typed. */
  type(text: string): void
  /** Waits until the terminal shows this; fails when the command ends before. */
  until(pattern: RegExp): Promise<void>
  /** Exit code. */
  readonly ended: Promise<number | null>
}

/** Starts a command of the package on a pseudo-terminal. */
export function startOnTerminal(home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): OnTerminal {
  // Behind the start of what makes the terminal: it may need another PATH than the command.
  const more = Object.entries(env).map(([name, value]) => `${name}=${value ?? ''}`)
  const command = ['env', ...more, process.execPath, join(packageRoot, 'bin', 'run.js'), ...args]
  const child = spawn('python3', ['-c', program, ...command], {
    cwd: home,
    env: {...cleanEnvironment(home), TERM: 'xterm-256color'},
  })
  let screen = ''
  const watchers = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      for (const look of watchers) look()
    })
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000)
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve(code)
      for (const look of watchers) look()
    })
  })
  return {
    get screen() {
      return screen
    },
    type: (text) => void child.stdin.write(text),
    ended,
    until(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(screen)) resolve()
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new assert.AssertionError({message: `It ended without ${pattern.source}:\n${screen}`}))
          else return
          watchers.delete(look)
        }
        watchers.add(look)
        look()
      })
    },
  }
}
