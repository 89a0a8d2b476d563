# SPDX-License-Identifier: MIT
"""Memory of a process and all that it starts, from a control group: version 2, or 1.

The kernel keeps a peak of the sum only, page cache included, so the parts are read every two
milliseconds. They are told apart, because they are not one another's like: memory of processes;
objects of the kernel (inodes, directory entries); page cache, to which a tmpfs counts.
"""

import contextlib
import os
import threading

SECONDS = 0.002
# The parts in memory.stat, by version.
PARTS = {2: {"processes": ("anon",), "kernel": ("kernel",), "files": ("file",)},
         1: {"processes": ("rss",), "files": ("cache",)}}
V1_KERNEL = "memory.kmem.usage_in_bytes"


def _own(controller):
    """This process's group in a hierarchy of version 1 (a controller's name), or 2 ("")."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if controller in controllers.split(","):
                return path.lstrip("/")
    return None


def _mount_of(kind, option):
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            tail = fields[fields.index("-") + 1:]
            if tail[0] == kind and (option is None or option in tail[2].split(",")):
                return fields[4]
    return None


def _read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def _parent():
    """(version, directory) of the group in which groups can be made, or None."""
    with contextlib.suppress(OSError):
        top, own = _mount_of("cgroup2", None), _own("")
        while top and own is not None:
            directory = os.path.join(top, own)
            if "memory" in _read(os.path.join(directory, "cgroup.subtree_control")).split():
                return 2, directory
            if not own:
                break
            own = os.path.dirname(own)
    top, own = _mount_of("cgroup", "memory"), _own("memory")
    if top and own is not None and os.path.isdir(os.path.join(top, own)):
        return 1, os.path.join(top, own)
    return None


class Group(contextlib.AbstractContextManager):
    """A group; raises OSError where there can be none."""

    def __init__(self, name):
        found = _parent()
        if found is None:
            raise OSError("no memory controller to be had")
        self._version, parent = found
        self._own = parent if self._version == 1 else os.path.join(
            _mount_of("cgroup2", None), _own(""))
        self._directory = os.path.join(parent, "userns-repro-bench-%s-%d" % (name, os.getpid()))
        os.mkdir(self._directory)

    def __exit__(self, *_):
        # Not before the last process has gone; one that stays keeps an empty directory.
        with contextlib.suppress(OSError):
            os.rmdir(self._directory)

    def entering(self, command):
        """The command, which enters the group before it starts."""
        return ["sh", "-c", 'echo $$ >"$0" && exec "$@"', self._procs(self._directory)] + command

    def _procs(self, directory):
        return os.path.join(directory, "cgroup.procs")

    @contextlib.contextmanager
    def entered(self):
        """This process is in the group meanwhile; what it starts then stays there."""
        with open(self._procs(self._directory), "w", encoding="ascii") as file:
            file.write("0")
        try:
            yield self
        finally:
            with open(self._procs(self._own), "w", encoding="ascii") as file:
                file.write("0")

    def parts(self):
        """Bytes by part, now."""
        lines = _read(os.path.join(self._directory, "memory.stat")).splitlines()
        values = {key: int(value) for key, value in (line.split() for line in lines)}
        found = {part: sum(values.get(key, 0) for key in keys)
                 for part, keys in PARTS[self._version].items()}
        if self._version == 1:
            with contextlib.suppress(OSError):
                found["kernel"] = int(_read(os.path.join(self._directory, V1_KERNEL)))
        return found


class Peaks(contextlib.AbstractContextManager):
    """`with Peaks(groups) as peaks: ...; peaks.found`: the most of each part, all groups together.

    What processes have is given whole; of the other parts, what was added meanwhile.
    """

    def __init__(self, groups):
        self._groups = groups
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._start = self._now()
        self.found = {}

    def _now(self):
        total = {}
        for group in self._groups:
            for part, value in group.parts().items():
                total[part] = total.get(part, 0) + value
        return total

    def _watch(self):
        while not self._stop.wait(SECONDS):
            for part, value in self._now().items():
                value -= 0 if part == "processes" else self._start.get(part, 0)
                self.found[part] = max(self.found.get(part, 0), value)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
