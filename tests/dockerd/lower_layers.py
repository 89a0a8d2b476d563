# SPDX-License-Identifier: MIT
"""Layers that load, for the bottom of an image: what vfs finds below a random layer.

All kinds of nodes and attributes are in them, as vfs copies the tree for every layer and loses
some of it on the way.
"""

import random

import layers
from layers import entry, pax
from random_layers import ACL, CAPABILITY_V2, CAPABILITY_V3, DIRECTORIES, GOOD_IDS, LEAVES

# What the copy that vfs makes of a lower layer keeps, and what it loses.
_XATTRS = ((b"user.a", b"1"), (b"security.capability", CAPABILITY_V2),
                (b"security.capability", CAPABILITY_V3), (b"trusted.t", b"t"),
                (b"trusted.overlay.opaque", b"y"), (b"security.other", b"s"),
                (b"system.posix_acl_access", ACL), (b"system.posix_acl_default", ACL))


def _attribute(rng, kind):
    """A pax header with an attribute that a node of that kind can have, at times."""
    fitting = [pair for pair in _XATTRS
               if (not pair[0].startswith((b"user.", b"system.")) or kind in (b"0", b"5"))
               and (pair[0] != b"system.posix_acl_default" or kind == b"5")]
    name, value = rng.choice(fitting)
    return pax({b"SCHILY.xattr." + name: value}) if rng.random() < 0.25 else b""


def layer(seed):
    """A layer that loads, in the same places: what vfs finds below the layer of @seed."""
    rng = random.Random("lower %d" % seed)
    items, made, linkable = [], set(), []
    for directory in DIRECTORIES:
        # What is a directory to the layer above may be something else here.
        kind = rng.choice((b"5", b"5", b"5", b"5", b"0", b"2", b""))
        if kind and directory.rpartition(b"/")[0] in made | {b""}:
            items.append(entry(directory, kind, before=_attribute(rng, kind),
                               uid=rng.choice(GOOD_IDS), mode=rng.choice((0o755, 0o755, 0o2775)),
                               link=rng.choice((b"o", b"/usr", b"nowhere")) if kind == b"2" else b""))
            if kind == b"5":
                made.add(directory)
    for _ in range(rng.randrange(8)):
        parent = rng.choice(DIRECTORIES + (b"",))
        name = (parent + b"/" if parent else b"") + rng.choice(LEAVES)
        if name in made:
            continue
        made.add(name)
        kind = rng.choice((b"0", b"0", b"2", b"5", b"6", b"3", b"1"))
        if kind == b"1" and not linkable:
            continue
        content = b"lower" if kind == b"0" else b""
        link = rng.choice((b"d", b"/usr", b"nowhere", b"a", b"..")) if kind == b"2" else b""
        if kind == b"1":
            link = rng.choice(linkable)
        elif kind != b"5":
            linkable.append(name)
        device = {"devmajor": 1, "devminor": rng.choice((3, 5))} if kind == b"3" else {}
        items.append(entry(name, kind, content, _attribute(rng, kind), link=link,
                           uid=rng.choice(GOOD_IDS), **device))
    if rng.random() < 0.25:
        # As tar programs write it; the layer above may leave its time as it is, or not.
        items.insert(0, entry(b"./", b"5", uid=rng.choice(GOOD_IDS), mode=0o755, mtime=1000000000))
    return layers.Layer(tuple(items) + (layers.END_ITEM,), name="lower %d" % seed)
