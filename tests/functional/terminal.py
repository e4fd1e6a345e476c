# SPDX-License-Identifier: BSD-3-Clause
"""A pseudo terminal with a program on it."""
import codecs
import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios

from netns import die_with_parent
from waiting import wait_until

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[0m\x1b[?25h\x1b[?1049l"
HOME, CLEAR_LINE, CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


class Terminal:
    """Runs a program with stdout, stderr or both on a terminal of so many rows and columns."""

    def __init__(self, arguments, rows=24, columns=200, stdout=True, stderr=True, **environment):
        self.leader, self.follower = pty.openpty()
        fcntl.ioctl(self.follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.settings = termios.tcgetattr(self.follower)
        self.text, self.decoder = "", codecs.getincrementaldecoder("utf-8")()
        names = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self.process = subprocess.Popen(
            [str(argument) for argument in arguments], stdin=subprocess.DEVNULL,
            stdout=self.follower if stdout else subprocess.PIPE,
            stderr=self.follower if stderr else subprocess.PIPE, preexec_fn=die_with_parent,
            # With a parent outside of its group: POSIX has an orphaned one not stopped by a terminal.
            process_group=0,
            env={**names, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})

    def read(self):
        """All that has been shown so far; a line ends in CR LF, whether the program or the terminal made the CR."""
        while select.select([self.leader], [], [], 0)[0]:
            self.text += self.decoder.decode(os.read(self.leader, 65536))
        self.text = self.text.replace("\r\r\n", "\r\n")
        return self.text

    def shows(self, condition, seconds=20):
        """Wait until what has been shown fulfils a condition."""
        return wait_until(lambda: condition(self.read()) and self.text, lambda: repr(self.read()), seconds)

    def ended(self, seconds=20):
        """The exit code, and all that was shown."""
        wait_until(lambda: (self.read() or True) and self.process.poll() is not None,
                   lambda: f"it goes on: {self.text!r}", seconds)
        return self.process.returncode, self.read()

    def close(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        os.close(self.leader)
        os.close(self.follower)


@contextlib.contextmanager
def on_terminal(*arguments, **options):
    terminal = Terminal(arguments, **options)
    try:
        yield terminal
    finally:
        terminal.close()
