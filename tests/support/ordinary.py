# SPDX-License-Identifier: MIT
"""Root becomes an ordinary user whom this host does not have.

Files of the test lie over /etc/passwd, /etc/subuid and the like, in a mount namespace of the
process's own.  The host's are never touched.
"""
import os

from unrtest import call

CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE, MS_BIND = 0x4000, 0x40000, 0x1000
# Ids that belong to nobody: what is in the files below is all there is.
USER, GROUP, NAME = 54321, 54322, "unr-somebody"


def cover(path, source):
    """Lets @source stand where @path is; for a process in a mount namespace of its own."""
    call("mount", source.encode(), path.encode(), None, MS_BIND | MS_REC, None)


def cover_with_nothing(path, options):
    """Lets an empty folder stand there."""
    call("mount", b"tmpfs", path.encode(), b"tmpfs", 0, options.encode())


def unshare_mounts():
    """Mounts of this process are no longer seen by others."""
    call("unshare", CLONE_NEWNS)
    call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)


def account(home="/nonexistent"):
    """The user's line of passwd(5)."""
    return f"{NAME}:x:{USER}:{GROUP}::{home}:/bin/false\n"


def grant(pairs, owner=NAME):
    """Lines of subuid(5): pairs of first id and count."""
    return "".join(f"{owner}:{first}:{count}\n" for first, count in pairs)


def database(folder, passwd, subuid, subgid):
    """Writes the user database to @folder; returns what lies over what: pairs of path and file."""
    pairs = []
    for name, text in (("passwd", "root:x:0:0::/root:/bin/sh\n" + passwd),
                       ("group", f"root:x:0:\n{NAME}:x:{GROUP}:\n"), ("subuid", subuid),
                       ("subgid", subgid), ("nsswitch.conf", "passwd: files\n")):
        path = os.path.join(folder, name)
        if os.path.exists("/etc/" + name):
            with open(path, "wb") as file:
                file.write(text.encode())
            os.chmod(path, 0o644)
            pairs.append(("/etc/" + name, path))
        elif text and name.startswith("sub"):
            raise FileNotFoundError(f"there is no /etc/{name} that a file could lie over")
    return pairs


def become(user=USER, group=GROUP):
    """Root is that user from now on."""
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
