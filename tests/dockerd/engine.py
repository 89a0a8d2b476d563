# SPDX-License-Identifier: MIT
"""A private dockerd with userns-remap: started, asked, stopped.

The daemon lives in mount and PID namespaces of its own.  Its view of
/etc/passwd, group, subuid and subgid is a set of private copies in which
`dockremap` owns 100000:65536, so the host's files are never touched, and with
the namespaces go all of its mounts and processes, however this program ends.

This file knows the docker API and where dockerd keeps layers.  It does not
know how layers are made and never judges an answer.
"""

import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import resource
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.parse
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import daemons  # noqa: E402 (the path above comes first)

FIRST_HOST_ID = 100000
ID_COUNT = 65536
REMAP_USER = "dockremap"
START_SECONDS = 60
DEPTH_MAX = 2048
ANSWER_SECONDS = 300
# How long dockerd may clear up after its answer.
SETTLE_SECONDS = 30
DIRECTORY_PREFIX = "userns-repro-dockerd-"
PRIVATE_FILES = ("passwd", "group", "subuid", "subgid")
NEEDED_COMMANDS = ("dockerd", "containerd", "unshare", "setpriv", "mount")

# $0 is the work directory; the other arguments are dockerd's.
LAUNCH = """
set -e
for file in {files}; do
	mount --bind "$0/etc/$file" "/etc/$file"
done
exec dockerd "$@"
""".format(files=" ".join(PRIVATE_FILES))

# The same in another root, $1.  It becomes a mount, and the root directory by pivot_root(2): who
# has changed its root otherwise makes no user namespace, and runc wants one for each container.
# Nothing is written into it but the work directory's mount point.
LAUNCH_ELSEWHERE = """
set -e
root=$1
shift
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mkdir -p ".$0"
mount --bind "$0" ".$0"
for file in {files}; do
	mount --bind "$0/etc/$file" "etc/$file"
done
pivot_root . .
umount -l .
cd /
exec dockerd "$@"
""".format(files=" ".join(PRIVATE_FILES))


class EngineError(Exception):
    """The daemon could not be started or did not answer."""


class Answer(NamedTuple):
    """What the docker client would have done: its exit status and its stderr."""

    exit: int
    message: str


def engine_root(given=None):
    """The root directory whose dockerd is the judge: as given, $UNR_ENGINE_ROOT, or ours."""
    return os.path.abspath(given or os.environ.get("UNR_ENGINE_ROOT") or "/")


def why_not(root=None):
    """The reason why no dockerd can be run here, or None."""
    root = engine_root(root)
    if os.geteuid() != 0:
        return "dockerd needs root"
    for command in NEEDED_COMMANDS:
        inside = root != "/" and command in ("dockerd", "containerd")
        path = ":".join(root + part for part in ("/usr/sbin", "/usr/bin")) if inside else None
        if shutil.which(command, path=path) is None:
            return "no %s %s" % (command, "in " + root if inside else "on PATH")
    for name in PRIVATE_FILES:
        if not os.path.isfile(os.path.join(root, "etc", name)):
            return "no /etc/%s to hide behind a private copy" % name
    return None


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("docker", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Engine(contextlib.AbstractContextManager):
    """`with Engine("overlay2") as engine: engine.load(archive)`; load() is thread-safe."""

    def __init__(self, driver="overlay2", parent=None, arguments=(), root=None):
        self.driver = driver
        self._root = engine_root(root)
        self._parent = parent or os.environ.get("UNR_DOCKERD_DIR", "/var/tmp")
        self._arguments = list(arguments)
        self._process = None
        self._inner = None
        self._lock = None
        self.directory = None

    @property
    def work(self):
        """A directory for the caller, on the daemon's file system; it goes with the daemon."""
        return self._path("work")

    @property
    def address(self):
        """The daemon's socket."""
        return self._path("sock")

    def processes(self):
        """The daemon and what it has started, as this process sees them."""
        found = [self._inner]
        for task in os.listdir("/proc/%d/task" % self._inner):
            with open("/proc/%d/task/%s/children" % (self._inner, task)) as file:
                found += [int(pid) for pid in file.read().split()]
        return found

    # -- life ---------------------------------------------------------------

    def __enter__(self):
        reason = why_not(self._root)
        if reason is not None:
            raise EngineError(reason)
        try:
            self._make_directory()
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _make_directory(self):
        daemons.sweep(self._parent, DIRECTORY_PREFIX)
        self.directory = tempfile.mkdtemp(prefix=DIRECTORY_PREFIX, dir=self._parent)
        # dockerd refuses a data root that the remapped root cannot reach.
        os.chmod(self.directory, 0o711)
        self._lock = open(self._path("lock"), "w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.mkdir(self._path("etc"))
        os.mkdir(self.work)
        subordinate = "%s:%d:%d\n" % (REMAP_USER, FIRST_HOST_ID, ID_COUNT)
        self._private("passwd", "%s:x:990:990::/:/bin/false\n" % REMAP_USER)
        self._private("group", "%s:x:990:\n" % REMAP_USER)
        self._private("subuid", subordinate)
        self._private("subgid", subordinate)

    def _private(self, name, line):
        """A copy of /etc/NAME in which the lines of REMAP_USER are exactly @line."""
        with open(os.path.join(self._root, "etc", name), encoding="utf-8",
                  errors="surrogateescape") as file:
            kept = [old for old in file if not old.startswith(REMAP_USER + ":")]
        with open(self._path("etc", name), "w", encoding="utf-8",
                  errors="surrogateescape") as file:
            file.writelines(kept)
            file.write(line)

    def _path(self, *parts):
        return os.path.join(self.directory, *parts)

    def _start(self):
        command = [
            "setpriv", "--pdeathsig", "KILL",
            "unshare", "--mount", "--propagation", "private",
            "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh", "-c",
        ]
        if self._root == "/":
            command += [LAUNCH, self.directory]
        else:
            command += [LAUNCH_ELSEWHERE, self.directory, self._root]
        command += [
            "--userns-remap=default", "--storage-driver", self.driver,
            "--data-root", self._path("data"), "--exec-root", self._path("exec"),
            "--pidfile", self._path("pid"), "-H", "unix://" + self.address,
            "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--bridge=none",
        ] + self._arguments
        # pigz words its errors differently from Go's gzip; the rules are written for Go's.
        environment = dict(os.environ, MOBY_DISABLE_PIGZ="1",
                           NOTIFY_SOCKET=self._path("notify"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, \
                open(self._path("log"), "wb") as log:
            ready.bind(self._path("notify"))
            self._process = subprocess.Popen(
                command, env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self._wait_until_ready(ready)
        self._inner = daemons.only_child(self._process.pid)

    def _wait_until_ready(self, ready):
        """Waits for dockerd's sd_notify(3) message or for its death."""
        exited = os.pidfd_open(self._process.pid)
        deadline = time.monotonic() + START_SECONDS
        try:
            while True:
                left = deadline - time.monotonic()
                readable = select.select([ready, exited], [], [], max(left, 0))[0]
                if ready in readable:
                    if b"READY=1" in ready.recv(4096):
                        return
                elif exited in readable:
                    raise EngineError("dockerd ended at once:\n" + self.log_tail())
                else:
                    raise EngineError("dockerd not ready after %d s:\n%s"
                                      % (START_SECONDS, self.log_tail()))
        finally:
            os.close(exited)

    def log_tail(self, lines=12):
        """The last lines of the daemon's log."""
        with open(self._path("log"), encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    def stop(self):
        """Ends the daemon and removes everything it wrote; may be called twice."""
        if self._process is not None:
            # The inner process is the init of its namespace: nothing survives it, and
            # unshare(1) returns only when it is gone.
            victim = self._inner or daemons.only_child(self._process.pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim or self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self.directory is not None:
            if os.environ.get("USERNS_REPRO_KEEP") != "1":
                daemons.remove_tree(self.directory)
            self.directory = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # -- questions ----------------------------------------------------------

    def _ask(self, method, path, body=None, headers=None):
        connection = _UnixConnection(self.address)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _ask_json(self, path):
        status, body = self._ask("GET", path)
        if status != 200:
            raise EngineError("GET %s: %d %s" % (path, status, body[:200]))
        return json.loads(body)

    def version(self):
        """The daemon's version, as `docker version` prints it for the server."""
        return self._ask_json("/version")["Version"]

    def load(self, archive):
        """As `docker load`; @archive is the bytes of a docker-archive."""
        status, body = self._ask("POST", "/images/load?quiet=1", archive,
                                 {"Content-Type": "application/x-tar"})
        return _client_answer(status, body)

    def pull(self, reference):
        """As `docker pull`; @reference: a registry's address and a name."""
        query = urllib.parse.urlencode({"fromImage": reference, "tag": "latest"})
        return _client_answer(*self._ask("POST", "/images/create?" + query))

    def run(self, image, user=None, groups=(), command=None):
        """As `docker run --rm --network none`: what the command prints, or why it did not start.

        @command: in place of the image's own.
        """
        wanted = {"Image": image, "HostConfig": {"NetworkMode": "none", "GroupAdd": list(groups)}}
        if command is not None:
            wanted.update(Entrypoint=command, Cmd=[])
        if user is not None:
            wanted["User"] = user
        status, body = self._ask("POST", "/containers/create", json.dumps(wanted),
                                 {"Content-Type": "application/json"})
        if status != 201:
            return Answer(125, json.loads(body)["message"])
        path = "/containers/" + json.loads(body)["Id"]
        try:
            status, body = self._ask("POST", path + "/start")
            if status != 204:
                return Answer(125, json.loads(body)["message"])
            # Followed to its end, or what was printed may not be in it yet.
            log = self._ask("GET", path + "/logs?follow=1&stdout=1&stderr=1")[1]
            status, body = self._ask("POST", path + "/wait")
            return Answer(json.loads(body)["StatusCode"], _printed(log))
        finally:
            self._ask("DELETE", path + "?force=1")

    def remove(self, image):
        """Deletes an image; one that is not there is no fault."""
        status, body = self._ask("DELETE", "/images/%s?force=1" % image)
        if status not in (200, 404):
            raise EngineError("DELETE %s: %d %s" % (image, status, body[:200]))

    def kept(self):
        """What stays on disk of layers and images; nothing, once all are removed or have failed.

        A pull answers as soon as one layer has failed; dockerd clears up a layer that it was
        extracting just then afterwards (distribution/xfer/download.go), and tells nobody.
        """
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            found = self._on_disk()
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(0.05)  # lint: poll

    def _on_disk(self):
        root = self._path("data", "%d.%d" % (FIRST_HOST_ID, FIRST_HOST_ID))
        database = os.path.join("image", self.driver)
        found = []
        for part in {"overlay2": ("overlay2", "overlay2/l"), "vfs": ("vfs/dir",)}[self.driver] + (
                os.path.join(database, "layerdb/sha256"), os.path.join(database, "layerdb/tmp"),
                os.path.join(database, "imagedb/content/sha256"), "tmp"):
            with contextlib.suppress(FileNotFoundError):
                found += [os.path.join(part, name) for name in os.listdir(os.path.join(root, part))
                          if os.path.join(part, name) != "overlay2/l"]
        return sorted(found)

    def layer_directories(self, image):
        """The host directories of an image's layers, the bottom one first.

        With overlay2 each holds one layer; with vfs the last holds the whole image.
        """
        root = self._path("data", "%d.%d" % (FIRST_HOST_ID, FIRST_HOST_ID))
        parts = {"overlay2": ("overlay2", "diff"), "vfs": ("vfs/dir", "")}[self.driver]
        found, chain = [], None
        for diff_id in self._ask_json("/images/%s/json" % image)["RootFS"].get("Layers") or []:
            if chain is None:
                chain = diff_id
            else:
                pair = ("%s %s" % (chain, diff_id)).encode()
                chain = "sha256:" + hashlib.sha256(pair).hexdigest()
            with open(os.path.join(root, "image", self.driver, "layerdb", "sha256",
                                   chain.partition(":")[2], "cache-id")) as file:
                found.append(os.path.join(root, parts[0], file.read(), parts[1]))
        return found

    def tree(self, image):
        """The records of each tree of an image, the bottom one first: see walk().

        With vfs that is one, of the whole image.
        """
        directories = self.layer_directories(image)
        return [walk(directory) for directory in
                (directories[-1:] if self.driver == "vfs" else directories)]


def _client_answer(status, body):
    """What the client makes of a reply: the error of the stream, or of the request."""
    if status >= 400:
        return Answer(1, "Error response from daemon: " + json.loads(body)["message"])
    for line in body.splitlines():
        record = json.loads(line)
        if "errorDetail" in record:
            return Answer(1, record["errorDetail"]["message"])
    return Answer(0, "")


def _printed(stream):
    """What a container printed, out of the frames in which the log has it."""
    text, at = b"", 0
    while at + 8 <= len(stream):
        length = int.from_bytes(stream[at + 4:at + 8], "big")
        text += stream[at + 8:at + 8 + length]
        at += 8 + length
    return text.decode(errors="replace")


# -- trees ------------------------------------------------------------------

_TYPES = {
    stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink",
    stat.S_IFCHR: "char", stat.S_IFBLK: "block", stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}


def walk(directory):
    """The tree below and including @directory as {path: record}; paths are bytes.

    Directories are entered by descriptor, so that neither long paths nor
    symlinks inside the tree matter.  Times are taken before anything is read.
    """
    # A path of 4096 bytes has up to 2048 names; each level costs a call and a descriptor.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * DEPTH_MAX))
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * DEPTH_MAX, limit), limit))
    records, inodes = {}, {}
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        records[b"."] = _record(descriptor, b".", b".", inodes)
        _walk_into(descriptor, b"", records, inodes)
    finally:
        os.close(descriptor)
    return records


def _walk_into(descriptor, prefix, records, inodes):
    names = sorted(os.fsencode(entry.name) for entry in os.scandir(descriptor))
    for name in names:
        path = prefix + name
        record = records[path] = _record(descriptor, name, path, inodes)
        if record["type"] == "directory":
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW,
                            dir_fd=descriptor)
            try:
                _walk_into(inner, path + b"/", records, inodes)
            finally:
                os.close(inner)


def _record(descriptor, name, path, inodes):
    status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    kind = _TYPES[stat.S_IFMT(status.st_mode)]
    is_directory = kind == "directory"
    record = {
        "type": kind, "mode": stat.S_IMODE(status.st_mode),
        "uid": status.st_uid, "gid": status.st_gid,
        # What a directory weighs and how often it is linked is the file system's affair.
        "size": 0 if is_directory else status.st_size,
        "nlink": 0 if is_directory else status.st_nlink,
        "mtime_ns": status.st_mtime_ns, "atime_ns": status.st_atime_ns,
        "rdev": (os.major(status.st_rdev), os.minor(status.st_rdev))
                if kind in ("char", "block") else None,
        "same_as": inodes.setdefault((status.st_dev, status.st_ino), path),
        "target": None, "sha256": None,
    }
    record["xattrs"] = _xattrs(descriptor, name)
    if kind == "symlink":
        record["target"] = os.readlink(name, dir_fd=descriptor)
    elif kind == "file":
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=descriptor)
        with os.fdopen(file, "rb") as content:
            record["sha256"] = hashlib.sha256(content.read()).hexdigest()
    return record


def _xattrs(descriptor, name):
    path = b"/proc/self/fd/%d/%s" % (descriptor, name)
    return {key: os.getxattr(path, key, follow_symlinks=False)
            for key in os.listxattr(path, follow_symlinks=False)}
