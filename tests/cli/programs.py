# SPDX-License-Identifier: MIT
"""A layer with programs of this host and the libraries that they need: an image that can be run."""
import functools
import os
import re
import shutil
import subprocess

import images

PROGRAMS = ("sh", "ls", "id", "find", "cat", "env", "stty", "tty", "readlink", "touch",
            "rm", "mkdir", "test", "hostname", "tail")


def libraries(path):
    """What the dynamic loader loads for a program, and the loader."""
    listed = subprocess.run(["ldd", path], check=False, capture_output=True, text=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


@functools.lru_cache(None)
def entries():
    """As members for images.tar()."""
    files = {}
    for name in PROGRAMS:
        path = os.path.realpath(shutil.which(name))
        files["bin/" + name] = path
        for library in libraries(path):
            files[library.lstrip("/")] = library
    found = []
    for name, path in sorted(files.items()):
        with open(path, "rb") as file:
            info, data = images.entry(name, data=file.read())
        info.mode = 0o755
        found.append((info, data))
    return tuple(found)


def layer(*more):
    """The tar, with more members behind."""
    return images.tar(*entries(), *more)
