# SPDX-License-Identifier: MIT
"""One case for each rule about USER, with what dockerd 20.10.24 answers.

A message, or the uid, gid and groups of the process that is started.
"""

import layers
import users
from layers import entry

RUNC = ("failed to create shim task: OCI runtime create failed: runc create failed: "
        "unable to start container process: unable to setup user: %s: unknown")
UID = RUNC % "cannot set uid to unmapped user in user namespace"
GID = RUNC % "cannot set gid to unmapped user in user namespace"
GROUPS = RUNC % "setgroups: invalid argument"
RANGE = "uids and gids must be in range 0-2147483647"
TOO_LONG = "unable to find user %s: bufio.Scanner: token too long"

PASSWD = (b"root:x:0:0::/root:/bin/sh\n"
          b"low:x:1000:1000::/:/bin/sh\n"
          b"low:x:1001:1001::/:/bin/sh\n"
          b"veryhigh:x:1000000:1000000::/:/bin/sh\n"
          b"highgid:x:5:70000::/:/bin/sh\n"
          b"1000:x:7:7::/:/bin/sh\n"
          b"#c:x:8:8::/:/bin/sh\n"
          b"short:x:9\n"
          b"  spaces:x:10:10  \r\n"
          b"letters:x:abc:11::/:\n"
          b"wide:x:4294967296:12::/:\n"
          b"minus:x:-1:13::/:\n"
          b"nobody2:x:65534:65534::/:")
GROUP = (b"root:x:0:\n"
         b"staff:x:50:low,other\n"
         b"more:x:51:low\n"
         b"high:x:70000:sup\n"
         b"#off:x:52:low\n"
         b"7:x:53:\n"
         b"high2:x:1000000:low2\n"
         b"neg:x:-3:\n")
SUP = b"sup:x:20:20::/:\n"


def _case(name, user, expected, passwd=PASSWD, group=GROUP, more=(), groups=(), override=None,
          above=(), kept=False):
    """@passwd, @group: bytes, or None where there is no such file."""
    items = [entry(b"etc", b"5", mode=0o755)]
    items += [entry(path, content=content)
              for path, content in ((b"etc/passwd", passwd), (b"etc/group", group))
              if content is not None]
    stack = [layers.layer(*items, *more)] + [layers.layer(*layer) for layer in above]
    return users.Case(name, stack, user=user, override=override, groups=tuple(groups),
                      kept=kept), expected


def _link(path, target):
    return entry(path, b"2", link=target, mode=0o777)


def cases():
    """Pairs of a case and its answer."""
    return _lookups() + _ids() + _groups() + _files() + _trees()


def _lookups():
    return [
        _case("no user", "", (0, 0, (0,))),
        _case("no files", "", (0, 0, (0,)), None, None),
        _case("root's gid", "", (0, 5, (5,)), b"a:x:0:5::/:\n"),
        _case("by name, first line", "low", (1000, 1000, (50, 51, 1000))),
        _case("by number", "1000", (1000, 1000, (50, 51, 1000))),
        _case("a name that is a number is none", "8", (8, 8, (8,))),
        _case("number without a line", "77", (77, 0, (0,))),
        _case("leading zeros and sign", "+01000", (1000, 1000, (50, 51, 1000))),
        _case("space makes it a name", "5 ",
              "unable to find user 5 : no matching entries in passwd file"),
        _case("explicit group drops the others", "low:staff", (1000, 50, (50,))),
        _case("group by number without a line", "low:99", (1000, 99, (99,))),
        _case("empty group", "low:", (1000, 1000, (50, 51, 1000))),
        _case("group alone", ":5", (0, 5, (5,))),
        _case("what follows a second colon", "low:5:x", (1000, 5, (5,))),
        _case("comments are lines of passwd", "#c", (8, 8, (8,))),
        _case("and not of group", "low:#off",
              "unable to find group #off: no matching entries in group file"),
        _case("fields that are missing are 0", "short", (9, 0, (0,))),
        _case("spaces around a line", "spaces", (10, 10, (10,))),
        _case("no number is 0", "letters", (0, 11, (11,))),
        _case("cut to 32 bits", "wide", (0, 12, (12,))),
        _case("no final newline", "nobody2", (65534, 65534, (65534,))),
    ]


def _ids():
    return [
        _case("-1 in passwd", "minus", RUNC % RANGE),
        _case("uid above", "veryhigh", UID),
        _case("uid above by number", "65536", UID),
        _case("host root's id is no exception", "100000", UID),
        _case("gid above", "highgid", GID),
        _case("gid above by number", "0:65536", GID),
        _case("uid before gid", "70000:70000", UID),
        _case("supplementary group above", "sup", GROUPS, PASSWD + b"\n" + SUP),
        _case("unknown name", "nobody", "unable to find user nobody: no matching entries in "
              "passwd file"),
        _case("unknown group", "low:nogroup", "unable to find group nogroup: no matching entries "
              "in group file"),
        _case("negative", "-2", RANGE),
        _case("2^31", "2147483648", RANGE),
        _case("gid 2^31", "1:2147483648", RANGE),
        _case("above 64 bits is a name", "99999999999999999999",
              "unable to find user 99999999999999999999: no matching entries in passwd file"),
    ]


def _groups():
    return [
        _case("--user", "veryhigh", (1000, 1000, (50, 51, 1000)), override="low"),
        _case("--user of an empty string", "low", (1000, 1000, (50, 51, 1000)), override=""),
        _case("--group-add", "77", (77, 0, (0, 50, 99)), groups=("staff", "99")),
        _case("--group-add twice by number", "77", (77, 0, (0, 99)), groups=("99", "99")),
        _case("--group-add twice by name", "77",
              "Unable to find group staff: no matching entries in group file",
              groups=("staff", "staff")),
        _case("--group-add above", "low", GROUPS, groups=("70000",)),
        _case("--group-add unknown", "low",
              "Unable to find group none: no matching entries in group file", groups=("none",)),
        _case("--group-add out of range", "low", RANGE, groups=("-1",)),
        _case("--group-add negative in group", "low", RUNC % RANGE, groups=("neg",)),
        _case("a group whose name is the number", "77:7", (77, 7, (53,))),
    ]


def _files():
    root = "ROOT/etc/"
    return [
        _case("directory for passwd", "low", "unable to find user low: read " + root +
              "passwd: is a directory", None, more=[entry(b"etc/passwd", b"5", mode=0o755)]),
        _case("directory for group", "low", "unable to find groups for spec low: read " + root +
              "group: is a directory", group=None, more=[entry(b"etc/group", b"5", mode=0o755)]),
        _case("directory for group, needed by nobody but runc", "77", RUNC %
              "unable to find groups for spec : read /etc/group: is a directory", group=None,
              more=[entry(b"etc/group", b"5", mode=0o755)]),
        _case("line of 65535", "low", (1000, 1000, (50, 51, 1000)),
              PASSWD + b"\n" + b"y" * 65535 + b"\n"),
        _case("line of 65536", "low", TOO_LONG % "low", PASSWD + b"\n" + b"y" * 65536),
        _case("empty user in front of it", "", TOO_LONG % "0", b"y" * 65536),
        _case("group line of any length", "low", (1000, 1000, (50, 1000)),
              group=b"staff:x:50:" + b"y" * 200000 + b",low\n"),
    ]


def _trees():
    real = entry(b"usr/share/users", content=b"elsewhere:x:30:31::/:\n")
    root = "ROOT/etc/"
    return [
        _case("link", "elsewhere", (30, 31, (31,)), None,
              more=[real, _link(b"etc/passwd", b"../usr/share/users")], kept=True),
        _case("absolute link", "elsewhere", (30, 31, (31,)), None,
              more=[real, _link(b"etc/passwd", b"/usr/share/users")], kept=True),
        _case("link that leads out", "elsewhere", (30, 31, (31,)), None,
              more=[real, _link(b"etc/passwd", b"../../../../../usr/share/users")], kept=True),
        _case("link to nothing", "0", (0, 0, (0,)), None,
              more=[_link(b"etc/passwd", b"nothing")]),
        _case("link to itself", "0", "evalSymlinksInScope: too many links in " + root + "passwd",
              None, more=[_link(b"etc/passwd", b"passwd")]),
        _case("link through a file", "0", "lstat " + root + "f/x: not a directory", None,
              more=[entry(b"etc/f"), _link(b"etc/passwd", b"f/x")]),
        _case("hard link", "elsewhere", (30, 31, (31,)), None,
              more=[real, entry(b"etc/passwd", b"1", link=b"usr/share/users")], kept=True),
        _case("replaced above", "low", (44, 45, (45, 50, 51)),
              above=[[entry(b"etc/passwd", content=b"low:x:44:45::/:\n")]]),
        _case("removed above", "0", (0, 0, (0,)), above=[[entry(b"etc/.wh.passwd")]]),
        _case("opaque above", "5", (5, 0, (0,)), above=[[entry(b"etc/.wh..wh..opq")]]),
        _case("removed and made again", "low", (44, 45, (45, 50, 51)),
              above=[[entry(b"etc/.wh.passwd")],
                     [entry(b"etc/passwd", content=b"low:x:44:45::/:\n")]]),
        _case("a link for etc is lost", "0", (0, 0, (0,)),
              above=[[entry(b"usr/etc/passwd", content=b"root:x:0:5::/:\n"),
                      _link(b"etc", b"usr/etc")]]),
        _case("a file for etc is lost", "0", (0, 0, (0,)), above=[[entry(b"etc")]]),
        _case("what dockerd mounts over is empty", "0", (0, 0, (0,)), None,
              more=[entry(b"etc/hosts", content=b"root:x:0:5::/:\n"),
                    _link(b"etc/passwd", b"hosts")]),
        _case("the null device", "0", (0, 0, (0,)), None, more=[
            entry(b"dev/null", b"3", devmajor=1, devminor=3), _link(b"etc/passwd", b"/dev/null")]),
    ]
