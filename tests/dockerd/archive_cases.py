# SPDX-License-Identifier: MIT
"""Cases of the archive that is loaded: what stands in it beside the image.

dockerd unpacks all of it before it looks at the manifest.
"""

from cases import LOADS, WRAPPERS, add_image, unmapped
from layers import GNU, Image, entry, layer, pax

UNKNOWN = WRAPPERS["overlay2"] % "unhandled tar header type %d"


def _add(name, message, *members, uid=0, driver="overlay2"):
    """@members: items in front of those of an image of one layer."""
    made = layer(entry(b"f", content=name.encode(), uid=uid))
    add_image("archive: " + name, message, driver=driver,
              image=Image([made], members=b"".join(item.data for item in members)))


def _links():
    """What the manifest calls a layer may be a link, or lie behind one."""
    def add(words, name, *members, fails=False):
        members = b"".join(item.data for item in members)
        made = layer(entry(b"f", content=words.encode(), uid=70000 if fails else 0))
        add_image("archive: " + words, WRAPPERS["overlay2"] % unmapped(70000) if fails else LOADS, Image(
            [made], members=members, edit_manifest=lambda data: data.replace(b"0/layer.tar", name)))

    for words, target in (("linked", b"0"), ("linked absolutely", b"/0"), ("linked from above the root", b"../../0")):
        add("layer in a directory, %s" % words, b"l/layer.tar", entry(b"l", b"2", link=target))
    add("layer in a directory, linked, and it fails", b"l/layer.tar", entry(b"l", b"2", link=b"0"), fails=True)
    add("layer in a directory that a link leads to by another", b"q/layer.tar", entry(b"x/y", b"5"),
        entry(b"l", b"2", link=b"x/y"), entry(b"q", b"2", link=b"l/../../0"))
    add("layer that a name leads to by way of a link and back", b"l/../0/layer.tar", entry(b"x/y", b"5"),
        entry(b"l", b"2", link=b"x/y"))
    add("layer by a hard link to a link", b"x/l", entry(b"z/l", b"2", link=b"../0/layer.tar"),
        entry(b"x/l", b"1", link=b"z/l"))
    chain = [entry(b"%d" % at, b"2", link=b"%d" % (at + 1) if at < 252 else b"0/layer.tar")
             for at in range(1, 253)]
    add("layer behind so many links as may be", b"s", entry(b"s", b"2", link=b"1"), *chain)


def _types():
    """Those that nothing unpacks, however good the image is."""
    for letter in b"7VXADMN8Z\xff":
        _add("member of type %r" % chr(letter), UNKNOWN % letter, entry(b"odd", bytes((letter,))))
    _add("member that is sparse by GNU's old way", UNKNOWN % 83,
         entry(b"odd", b"S", b"d" * 512, magic=GNU, sparse_map=b"%011o\0%011o\0" % (0, 512),
               sparse_size=512))
    _add("member of an unknown type, on vfs", UNKNOWN % 90, entry(b"odd", b"Z"), driver="vfs")
    _add("members of two unknown types", UNKNOWN % 86, entry(b"V", b"V"), entry(b"Z", b"Z"))
    _add("member of an unknown type, and the layer fails", UNKNOWN % 90, entry(b"odd", b"Z"), uid=70000)
    _add("whiteout of an unknown type", UNKNOWN % 90, entry(b".wh.a", b"Z"))
    _add("the root of an unknown type", LOADS, entry(b"./", b"D"))
    _add("members of all known types", LOADS, entry(b"d", b"5"), entry(b"f", content=b"f"),
         entry(b"h", b"1", link=b"f"), entry(b"s", b"2", link=b"nowhere"), entry(b"c", b"3", devmajor=1),
         entry(b"b", b"4", devmajor=8), entry(b"p", b"6"), entry(b"g", b"g"), entry(b"o", b"\0"))
    _add("member whose owner has no place", LOADS, entry(b"f", content=b"f", uid=70000))
    _add("image whose owner has no place, behind a member's", WRAPPERS["overlay2"] % unmapped(70001),
         entry(b"f", uid=70000), uid=70001)


def _attributes():
    """Those of another system's, as tar of macOS writes them; from 25.0 on they are the end."""
    foreign = pax({b"SCHILY.xattr.com.apple.provenance": b"\1\2\0"})
    for words, member in (
            ("file", entry(b"odd", content=b"x", before=foreign)), ("link", entry(b"s", b"2", link=b"x", before=foreign)),
            ("hard link", entry(b"h", b"1", link=b"odd", before=foreign)),
            ("whiteout", entry(b"./a/../.wh.x", before=foreign)), ("root", entry(b"./", b"5", before=foreign)),
            ("unknown type", entry(b"odd/f", b"Z", before=foreign)),
            ("global header", entry(b"g", b"g", before=foreign))):
        members = (entry(b"odd"), member) if words == "hard link" else (member,)
        _add("foreign attribute of a " + words, UNKNOWN % 90 if words == "unknown type" else LOADS, *members)
    for name in (b"user.a", b"trusted.a", b"security.selinux", b"nothing", b"User.a", b"." + b"n" * 254):
        _add("attribute %s" % name[:20].decode(), LOADS,
             entry(b"odd", before=pax({b"SCHILY.xattr." + name: b"v"})))
    _add("unknown type, then a foreign attribute", UNKNOWN % 90, entry(b"z", b"Z"), entry(b"odd", before=foreign))


TABLES = [_links, _types, _attributes]
