# SPDX-License-Identifier: MIT
"""Cases of the archive that is loaded: what stands in it beside the image.

dockerd unpacks all of it before it looks at the manifest.
"""

from cases import LOADS, WRAPPERS, add_image, unmapped
from layers import GNU, Image, entry, layer

UNKNOWN = WRAPPERS["overlay2"] % "unhandled tar header type %d"


def _add(name, message, *members, uid=0, driver="overlay2"):
    """@members: items in front of those of an image of one layer."""
    made = layer(entry(b"f", content=name.encode(), uid=uid))
    add_image("archive: " + name, message, driver=driver,
              image=Image([made], members=b"".join(item.data for item in members)))


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


TABLES = [_types]
