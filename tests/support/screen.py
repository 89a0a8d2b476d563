# SPDX-License-Identifier: MIT
"""A terminal of so many lines and columns: what stands on it after a program has written.

It knows what the program and the docker client use, and fails on all else: carriage return, line
feed, cursor up and down, erasing of lines or of the rest of the screen, colours.  What has scrolled away stays readable
and cannot be written to any more, as on a real one.
"""
import fcntl
import os
import re
import struct
import subprocess
import termios

PIECE = re.compile(r"\033\[([\d;]*)([A-Za-z])|([\r\n])|([^\r\n\033]+)")


class Screen:
    """`Screen(24, 80).write(text).lines`"""

    def __init__(self, height=24, width=80):
        self.height, self.width = height, width
        self.lines, self._row, self._column = [""], 0, 0

    def write(self, text):
        """Does what the bytes ask for."""
        at = 0
        while at < len(text):
            piece = PIECE.match(text, at)
            assert piece, f"not understood: {text[at:at + 20]!r}"
            at = piece.end()
            number, letter, control, words = piece.groups()
            if letter:
                self._escape(number, letter)
            elif control == "\r":
                self._column = 0
            elif control:
                self._down()
            else:
                for char in words:
                    self._put(char)
        return self

    @property
    def text(self):
        """All lines, without blanks at their ends."""
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")

    def _escape(self, number, letter):
        if letter == "A":
            self._row = max(self._row - int(number or 1), len(self.lines) - self.height, 0)
        elif letter == "B":
            self._row = min(self._row + int(number or 1), len(self.lines) - 1)
        elif letter == "K" and number == "2":
            self.lines[self._row] = ""
        elif letter in "KJ" and not number:
            self.lines[self._row] = self.lines[self._row][:self._column]
            if letter == "J":
                # The lines are still there, with nothing in them.
                for row in range(self._row + 1, len(self.lines)):
                    self.lines[row] = ""
        else:
            assert letter == "m", f"not understood: {number}{letter}"

    def _down(self):
        self._row += 1
        if self._row == len(self.lines):
            self.lines.append("")

    def _put(self, char):
        if self._column == self.width:
            self._column = 0
            self._down()
        line = self.lines[self._row].ljust(self._column)
        self.lines[self._row] = line[:self._column] + char + line[self._column + 1:]
        self._column += 1


def run(command, height=24, width=80, stdout=True, stderr=True, resize=None, **options):
    """A command with these on a terminal; returns what it wrote there, and its exit status.

    @resize: (text, height, width): once the text was written, the terminal has another size.
    """
    leader, follower = os.openpty()
    fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=True,
                               stdout=follower if stdout else subprocess.DEVNULL,
                               stderr=follower if stderr else subprocess.DEVNULL, **options)
    os.close(follower)
    written = b""
    with open(leader, "rb", buffering=0) as terminal:
        while True:
            try:
                part = terminal.read(65536)
            except OSError: # EIO: the last follower is closed
                break
            if not part:
                break
            written += part
            if resize and resize[0] in written:
                fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", *resize[1:], 0, 0))
                resize = None
    return written.decode(), process.wait()
