# SPDX-License-Identifier: MIT
"""An ordinary user with subordinate ranges, who exists only here.

In mount and PID namespaces of their own, private copies lie over /etc/passwd, group, subuid
and subgid; the host's files are never touched, and with the namespaces go all processes and
mounts.  This file starts programs as that user and waits for them; it knows no engine.
"""

import contextlib
import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import daemons  # noqa: E402 (the path above comes first)

NAME, ID = "unr-judge", 54321
FIRST, COUNT = 300000, 65536
DIRECTORY_PREFIX = "userns-repro-judges-"
PRIVATE_FILES = ("passwd", "group", "subuid", "subgid")
NEEDED = ("unshare", "setpriv", "mount", "newuidmap", "newgidmap")
SECONDS = 60

# $0 is the directory; the other arguments are the user's command.
LAUNCH = """
set -e
for file in {files}; do
	mount --bind "$0/etc/$file" "/etc/$file"
done
[ -z "$UNR_CGROUP2" ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
cd "$0/home"
exec setpriv --reuid {id} --regid {id} --clear-groups "$@"
""".format(files=" ".join(PRIVATE_FILES), id=ID)


class JudgeError(Exception):
    """A judge could not be started or did not answer."""


def why_not(commands=()):
    """The reason why this cannot be done here, or None."""
    if os.geteuid() != 0:
        return "a user of the test's own needs root"
    for command in NEEDED + tuple(commands):
        if shutil.which(command) is None:
            return "no %s on PATH" % command
    for name in PRIVATE_FILES:
        if not os.path.isfile("/etc/" + name):
            return "no /etc/%s to hide behind a private copy" % name
    return None


class Somebody(contextlib.AbstractContextManager):
    """`with Somebody() as user: user.run([...])`; everything of the user goes at the end."""

    def __init__(self):
        self.directory = None
        self._lock = None
        self._daemon = None
        self._inner = None

    def __enter__(self):
        parent = os.environ.get("UNR_DOCKERD_DIR", "/var/tmp")
        daemons.sweep(parent, DIRECTORY_PREFIX)
        self.directory = tempfile.mkdtemp(prefix=DIRECTORY_PREFIX, dir=parent)
        self._lock = open(self.path("lock"), "w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.chmod(self.directory, 0o711)
        os.mkdir(self.path("etc"))
        os.mkdir(self.path("shared"))
        for name, mode in (("home", 0o711), ("run", 0o700)):
            os.mkdir(self.path(name), mode)
            os.chown(self.path(name), ID, ID)
        ranges = "%s:%d:%d\n" % (NAME, FIRST, COUNT)
        self._private("passwd", "%s:x:%d:%d::%s:/bin/sh\n" % (NAME, ID, ID, self.path("home")))
        self._private("group", "%s:x:%d:\n" % (NAME, ID))
        self._private("subuid", ranges)
        self._private("subgid", ranges)
        return self

    def __exit__(self, *_):
        self.stop()
        if os.environ.get("USERNS_REPRO_KEEP") != "1":
            daemons.remove_tree(self.directory)
        self._lock.close()

    def path(self, *parts):
        """A path in the user's directory: `home`, `run`, and `shared`, which root fills."""
        return os.path.join(self.directory, *parts)

    def _private(self, name, line):
        with open("/etc/" + name, encoding="utf-8", errors="surrogateescape") as file:
            kept = [old for old in file if not old.startswith(NAME + ":")]
        with open(self.path("etc", name), "w", encoding="utf-8",
                  errors="surrogateescape") as file:
            file.writelines(kept)
            file.write(line)
        os.chmod(self.path("etc", name), 0o644)

    def share(self, source):
        """A copy that the user can read and run; returns its path."""
        path = shutil.copy(source, self.path("shared"))
        os.chmod(path, 0o755)
        return path

    def _command(self, command):
        return ["setpriv", "--pdeathsig", "KILL",
                "unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                "--kill-child", "--mount-proc", "sh", "-c", LAUNCH, self.directory] + command

    def _environment(self, more):
        return dict({"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                     "HOME": self.path("home"), "XDG_RUNTIME_DIR": self.path("run"),
                     "USER": NAME, "LOGNAME": NAME, "LC_ALL": "C.UTF-8"}, **more)

    def run(self, command, **environment):
        """Runs one command to its end; returns what it wrote to both streams."""
        done = subprocess.run(self._command(command), env=self._environment(environment),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=10 * SECONDS, check=False)
        if done.returncode != 0:
            raise JudgeError("%s: status %d\n%s" % (command[:3], done.returncode,
                                                   done.stderr[-2000:].decode(errors="replace")))
        return done.stdout

    def run_each(self, script, arguments, **environment):
        """For each argument a shell script with it as $1: pairs of status and standard error.

        All in one set of namespaces: what one leaves behind, the next one finds.
        """
        results = os.path.join(self.path("home"), "results")
        loop = ('mkdir -p results; n=0; for argument; do n=$((n + 1)); status=0; '
                '(set -- "$argument"; %s) >"results/$n.out" 2>"results/$n" || status=$?; '
                'echo "$status" >"results/$n.status"; done' % script)
        shutil.rmtree(results, ignore_errors=True)
        self.run(["sh", "-c", loop, "sh"] + list(arguments), **environment)
        found = []
        for n in range(1, len(arguments) + 1):
            with open(os.path.join(results, "%d.status" % n)) as status, \
                    open(os.path.join(results, "%d" % n), "rb") as text, \
                    open(os.path.join(results, "%d.out" % n), "rb") as output:
                found.append((int(status.read()), text.read(), output.read()))
        return found

    def start(self, command, **environment):
        """Starts a daemon that tells systemd when it is ready, and waits for that."""
        address = self.path("run", "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, \
                open(self.path("log"), "wb") as log:
            ready.bind(address)
            os.chown(address, ID, ID)
            self._daemon = subprocess.Popen(
                self._command(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment(dict(environment, NOTIFY_SOCKET=address)),
                start_new_session=True)
            self._wait_until_ready(ready)
        self._inner = daemons.only_child(self._daemon.pid)

    def _wait_until_ready(self, ready):
        exited = os.pidfd_open(self._daemon.pid)
        deadline = time.monotonic() + SECONDS
        try:
            while True:
                readable = select.select([ready, exited], [], [],
                                         max(deadline - time.monotonic(), 0))[0]
                if ready in readable:
                    if b"READY=1" in ready.recv(4096):
                        return
                elif exited in readable:
                    raise JudgeError("the daemon ended at once:\n" + self.log_tail())
                else:
                    raise JudgeError("the daemon is not ready after %d s:\n%s"
                                     % (SECONDS, self.log_tail()))
        finally:
            os.close(exited)

    def enter(self):
        """The beginning of a command that is run where the daemon is, as root."""
        return ["nsenter", "-t", str(self._inner), "-m", "-p"]

    def log_tail(self, lines=12):
        """The last lines of the daemon's log."""
        with open(self.path("log"), encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    def stop(self):
        """Ends the daemon and all that it started; may be called twice."""
        if self._daemon is None:
            return
        victim = self._inner or daemons.only_child(self._daemon.pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim or self._daemon.pid, signal.SIGKILL)
        self._daemon.wait()
        self._daemon = None
