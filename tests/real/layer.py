# SPDX-License-Identifier: MIT
"""The layer a build step leaves: what changed in a root, written as an image layer tar.

A snapshot is what lstat says of every path; two snapshots give the changes as an image
builder records them: changed entries, the folders above them, and a whiteout for each
removal. Nothing here knows how the root was made, and nothing here changes it.
"""

import hashlib
import os
import stat
import tarfile

WHITEOUT_PREFIX = ".wh."


def snapshot(root):
    """Every path under root (relative) with the fields of lstat that change when it does."""
    seen = {}
    for folder, subfolders, files in os.walk(root):
        for name in subfolders + files:
            path = os.path.join(folder, name)
            st = os.lstat(path)
            seen[os.path.relpath(path, root)] = (
                st.st_ino, st.st_mode, st.st_uid, st.st_gid, st.st_size,
                st.st_mtime_ns, st.st_ctime_ns)
    return seen


def changes(before, after):
    """The names of the layer between two snapshots, parents first, whiteouts included."""
    names = set()
    for path, fields in after.items():
        if before.get(path) != fields:
            names.add(path)
    for path in before:
        folder, name = os.path.split(path)
        if path in after or not _is_folder(after, folder):
            continue
        names.add(os.path.join(folder, WHITEOUT_PREFIX + name))
    for path in list(names):
        folder = os.path.dirname(path)
        while folder and folder not in names:
            names.add(folder)
            folder = os.path.dirname(folder)
    return sorted(names, key=lambda path: os.fsencode(path).split(b"/"))


def _is_folder(snap, path):
    return path == "" or (path in snap and stat.S_ISDIR(snap[path][1]))


class _Digesting:
    """A file open for writing that counts and digests what passes."""

    def __init__(self, file):
        self._file = file
        self._sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data):
        self._sha256.update(data)
        self.size += len(data)
        return self._file.write(data)

    def diff_id(self):
        return "sha256:" + self._sha256.hexdigest()


def write_layer(root, names, out_path):
    """Write the named paths of root as a layer; gives its diff_id, size and entry count."""
    entries = 0
    with open(out_path, "wb") as file:
        sink = _Digesting(file)
        with tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name in names:
                entries += _add(tar, root, name)
    return {"diff_id": sink.diff_id(), "size": sink.size, "entries": entries}


def _add(tar, root, name):
    if os.path.basename(name).startswith(WHITEOUT_PREFIX):
        tar.addfile(tarfile.TarInfo(name))
        return 1
    path = os.path.join(root, name)
    info = tar.gettarinfo(path, arcname=name)
    if info is None:  # a socket: no layer can hold one
        return 0
    info.uname = info.gname = ""  # the names of this host say nothing about the image
    info.mtime = int(info.mtime)
    if info.isreg():
        with open(path, "rb") as content:
            tar.addfile(info, content)
    else:
        tar.addfile(info)
    return 1
