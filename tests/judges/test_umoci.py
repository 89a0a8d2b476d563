#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""umoci unpack with the map of userns-remap: which entry, which half and which id it names.

umoci is no engine of userns-repro, and has rules of its own: it does not look at whiteouts, and
has no id that counts as mapped already.  With both taken out of the report, the first entry that
is left must be the one that umoci names.
"""

import json
import os
import re
import subprocess
import sys

import compare

MAP = "0:100000:65536"
NAMED = re.compile(r"unpack entry: (.*): apply hdr metadata: unmap header: map (uid|gid) to host: "
                   r"container id (-?\d+) cannot be mapped to a host id\n", re.DOTALL)
# What umoci has rules of its own for, beside owners: it reads the entry and is not compared.
OTHER_RULES = {
    "case dot": "userns-repro follows dockerd, which leaves the layer's root as it is",
    "case hardlink": "umoci gives a hard link no owner",
    "case global-header": "umoci refuses the type",
    "case 2-to-32": "umoci cuts the number to 32 bits",
    "case same-name-twice": "umoci takes it",
    "scenario user-unknown-name": "umoci looks USER up, and has unpacked the layers by then",
}


def _place(path):
    """Where in the layer's root a name leads."""
    return os.path.normpath(os.path.join("/", path))


def ask(work, name, path):
    """(path, half, id) as umoci names them, or None where it takes the image."""
    layout = os.path.join(work, "layout:image")
    bundle = os.path.join(work, "bundle")
    for old in (layout.partition(":")[0], bundle):
        compare.free_disk(old)
    subprocess.run(["skopeo", "copy", "-q", "--insecure-policy", "docker-archive:" + path,
                    "oci:" + layout], check=True, stdin=subprocess.DEVNULL)
    done = subprocess.run(["umoci", "unpack", "--image", layout, "--uid-map", MAP, "--gid-map",
                           MAP, bundle], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    text = done.stderr.decode()
    found = NAMED.search(text)
    if done.returncode == 0:
        return None
    if found is None:
        raise compare.somebody.JudgeError("%s: %d %s" % (name, done.returncode, text))
    return _place(found.group(1)), found.group(2), int(found.group(3))


def expected(path):
    """The same of userns-repro's report."""
    done = subprocess.run([compare.unrtest.PROGRAM, "run", "--format", "json", "--engine",
                           "docker-20.10", "--uidmap", MAP, "docker-archive:" + path],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    report = json.loads(done.stdout)
    for one in report["failures"]:
        if one["type"] != "whiteout":
            half = one["unmapped"][0]
            return _place(one["path"]), half, one[half]
    for one in report["disagreements"]:
        if one["engine"] == "mapped":
            return _place(one["path"]), "uid", one["uid"]
    return None


def main():
    """Compares all; 0 when nothing differs."""
    compare.need("umoci", "skopeo")
    differ = refused = asked = 0
    with compare.somebody.Somebody() as user:
        for name, path in compare.write_images(user.path("shared")).items():
            if name in OTHER_RULES:
                continue
            real, ours = ask(user.path("shared"), name, path), expected(path)
            asked += 1
            refused += real is not None
            if real != ours:
                differ += 1
                print("FAIL %s\n  umoci        %s\n  userns-repro %s" % (name, real, ours))
    print("umoci: %d images, %d refused, %d differ" % (asked, refused, differ))
    return 1 if differ or not 0 < refused < asked else 0


if __name__ == "__main__":
    sys.exit(main())
