"""Runs a command in a pseudo-terminal: stdin to its keyboard, its screen to stdout.

Arguments: columns, rows, command, arguments. Ends as the command ends. When stdin is closed the terminal is closed.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def main() -> int:
    columns, rows, *command = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    keyboard, pending = sys.stdin.fileno(), b""
    sources = [terminal, keyboard]
    while True:
        readable, writable, _ = select.select(sources, [terminal] if pending else [], [])
        if keyboard in readable:
            keys = os.read(keyboard, 65536)
            if not keys:
                os.close(terminal)
                break
            pending += keys
        if terminal in writable:
            pending = pending[os.write(terminal, pending[:256]) :]
        if terminal in readable:
            try:
                shown = os.read(terminal, 65536)
            except OSError:
                break
            if not shown:
                break
            os.write(sys.stdout.fileno(), shown)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) % 256


if __name__ == "__main__":
    sys.exit(main())
