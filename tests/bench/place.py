# SPDX-License-Identifier: MIT
"""Where the tools write: an ext4 of the benchmark's own, on a loop device, in a mount namespace.

The host's file system would decide too much: ext4 without a journal, for instance, does not
take the inodes of files that were removed a minute ago, and searches for others for seconds.
With the namespace go the mounts, however this program ends.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

SIZE = 16 << 30
BYTES_PER_INODE = 8192
INSIDE = "UNR_BENCH_INSIDE"


def enter_namespace():
    """Runs this program again in a mount namespace, as root; else goes on as it is."""
    if os.geteuid() != 0 or os.environ.get(INSIDE) == "1":
        return
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private",
                          sys.executable] + sys.argv)


def _run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


def _mounts_below(directory):
    """What is mounted there, the innermost first."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        places = [line.split()[4] for line in file]
    return [place for place in reversed(places) if place.startswith(directory + "/")]


class Place(contextlib.AbstractContextManager):
    """`with Place(parent) as place: place.fresh()`; @parent is for its image.  All goes at the end."""

    def __init__(self, parent):
        self._image = os.path.join(parent, "disk.%d" % os.getpid())
        self._mounted = False
        # A short path: the names of sockets below it may have 108 characters.
        self.path = tempfile.mkdtemp(prefix="unr-bench-", dir="/var/tmp")

    def __enter__(self):
        if os.geteuid() == 0:
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                self._mount()
        os.chmod(self.path, 0o711)
        return self

    def _mount(self):
        with open(self._image, "wb") as file:
            file.truncate(SIZE)
        _run("mkfs.ext4", "-q", "-F", "-i", str(BYTES_PER_INODE), "-E",
             "lazy_itable_init=0,lazy_journal_init=0", self._image)
        _run("mount", "-o", "loop", self._image, self.path)
        self._mounted = True

    def __exit__(self, *_):
        self.clear()
        if self._mounted:
            subprocess.run(["umount", "-l", self.path], check=False)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._image)
        shutil.rmtree(self.path, ignore_errors=True)

    def file_system(self):
        """Its kind, and whether it is of the benchmark's own."""
        found = subprocess.run(["stat", "-f", "-c", "%T", self.path], check=False,
                               stdout=subprocess.PIPE, text=True).stdout.strip()
        if not self._mounted:
            return found + " (the host's own, as no loop device can be mounted)"
        return "ext4 with a journal, on a loop device"

    def fresh(self):
        """An empty directory for one run; clear() first."""
        work = os.path.join(self.path, "work")
        os.mkdir(work, 0o755)
        return work

    def clear(self):
        """Removes the directory of the last run, and what is mounted in it."""
        work = os.path.join(self.path, "work")
        for mount in _mounts_below(work):
            subprocess.run(["umount", "-l", mount], check=False)
        subprocess.run(["rm", "-rf", "--one-file-system", "--", work], check=False)
