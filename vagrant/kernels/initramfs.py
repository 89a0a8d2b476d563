# SPDX-License-Identifier: MIT
"""What a guest finds: files at the paths that they have outside, as an initramfs.

The same paths, so that a command which works in the build folder works in the guest. Programs
bring the libraries that they are linked with, which ldd(1) tells.
"""
import os
import re
import shutil
import stat
import subprocess

# cpio(5), "newc".
MAGIC, TRAILER = "070701", "TRAILER!!!"
# Links into /usr, where a distribution has merged them.
MERGED = ("/bin", "/sbin", "/lib", "/lib64")


class Initramfs:
    """Paths with their contents. Directories come by themselves, and are open to everybody."""

    def __init__(self):
        self._entries = {}

    def merged_folders(self):
        """What is a link here: /bin/true and /usr/bin/true are one file."""
        for path in filter(os.path.islink, MERGED):
            self.link(path, os.readlink(path))

    def text(self, path, text, mode=0o644):
        """A file with this text."""
        self._put(path, stat.S_IFREG | mode, text.encode())

    def link(self, path, target):
        """A symbolic link."""
        self._put(path, stat.S_IFLNK | 0o777, target.encode())

    def directory(self, path, mode=0o755):
        """An empty directory."""
        self._put(path, stat.S_IFDIR | mode, b"")

    def file(self, path, target=None):
        """A file of this system; what a symbolic link points to lies at the link's place."""
        info = os.stat(path)
        mode = stat.S_IMODE(info.st_mode) | (0o555 if info.st_mode & 0o100 else 0o444)
        with open(path, "rb") as file:
            self._put(target or path, stat.S_IFREG | mode, file.read())

    def program(self, name, target=None):
        """A program, by path or as PATH has it, and its libraries."""
        path = shutil.which(name)
        if path is None:
            raise FileNotFoundError(f"{name} is not on PATH")
        self.file(path, target)
        for library in libraries(path):
            self.file(library)

    def tree(self, folder, leave_out=()):
        """All files of a folder, but for names that match one of these patterns."""
        for base, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not _matches(name, leave_out)]
            for path in (os.path.join(base, name) for name in names
                         if not _matches(name, leave_out)):
                if re.search(r"\.so(\.|$)", path) or os.access(path, os.X_OK):
                    self.program(path)
                else:
                    self.file(path)

    def _put(self, path, mode, data):
        path = _place(path)
        parent = os.path.dirname(path)
        if parent != path and parent not in self._entries:
            self.directory(parent)
        self._entries[path] = (mode, data)

    def write(self, file):
        """As cpio, uncompressed: under emulation that is quicker."""
        for number, path in enumerate(sorted(self._entries)):
            if path != "/":
                mode, data = self._entries[path]
                _write_entry(file, number, path.lstrip("/"), mode, data)
        _write_entry(file, 0, TRAILER, 0, b"")


def _place(path):
    """Where a path lies when links into /usr are followed."""
    path = os.path.normpath(path)
    top = "/" + path.split("/")[1]
    if path != top and top in MERGED and os.path.islink(top):
        return os.path.realpath(top) + path[len(top):]
    return path


def _matches(name, patterns):
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def libraries(path):
    """What the loader maps for a program, the loader included; nothing for a script."""
    done = subprocess.run(["ldd", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          stdin=subprocess.DEVNULL, text=True, check=False)
    return re.findall(r"(?:^\s+|=> )(/\S+) \(0x", done.stdout, re.MULTILINE)


def _write_entry(file, number, name, mode, data):
    name = name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    #         ino     mode  uid gid nlink  mtime size  device numbers  name        check
    fields = [number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name), 0]
    file.write(MAGIC.encode() + "".join(f"{field:08X}" for field in fields).encode())
    file.write(name + bytes(-(110 + len(name)) % 4))
    file.write(data + bytes(-len(data) % 4))
