# SPDX-License-Identifier: MIT
"""Real daemons as tests run them: what starting, finding and clearing up after them has in common."""

import collections
import fcntl
import os
import re
import subprocess
import threading
import time

# How long a new directory may be without its lock.
YOUNG_SECONDS = 60
REGISTRY = "docker-registry"


def only_child(pid):
    """The child of a process that has one, or None."""
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
            children = file.read().split()
    except OSError:
        return None
    return int(children[0]) if children else None


def remove_tree(directory):
    """rm(1), as layers can be deeper than Python's own way may recurse."""
    subprocess.run(["rm", "-rf", "--one-file-system", "--", directory], check=False)


def sweep(parent, prefix):
    """Removes directories of that prefix whose owner was killed: their lock is free."""
    for entry in os.scandir(parent):
        if not entry.name.startswith(prefix):
            continue
        try:
            # A young one may be between its making and its locking.
            if time.time() - entry.stat().st_mtime < YOUNG_SECONDS:
                continue
            with open(os.path.join(entry.path, "lock")) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_tree(entry.path)
        except OSError:
            continue


class RegistryProcess:
    """A docker-registry with the file @config, which has it listen on 127.0.0.1 at any port."""

    def __init__(self, config):
        # Without a proxy's settings: nothing here leaves the machine.
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", REGISTRY, "serve", config],
            env={"PATH": os.environ["PATH"], "OTEL_TRACES_EXPORTER": "none"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._drain = None
        try:
            self.port = self._wait_for_port()
        except BaseException:
            self.stop()
            raise

    def _wait_for_port(self):
        said = b""
        for line in self._process.stdout:
            said += line
            found = re.search(rb"listening on 127\.0\.0\.1:(\d+)", line)
            if found:
                # Its log has to go somewhere, or it stops when the pipe is full.
                self._drain = threading.Thread(target=collections.deque,
                                               args=(self._process.stdout, 0), daemon=True)
                self._drain.start()
                return int(found.group(1))
        raise RuntimeError("%s ended at once:\n%s" % (REGISTRY, said.decode(errors="replace")))

    def stop(self):
        """Ends it."""
        self._process.kill()
        self._process.wait()
        if self._drain:
            self._drain.join()
        self._process.stdout.close()
