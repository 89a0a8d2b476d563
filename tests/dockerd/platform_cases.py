# SPDX-License-Identifier: MIT
"""Cases of images for another system or machine, as their config says.

Of systems that it does not know dockerd 20.10 panics on `docker load`: no case of these.
"""

from cases import LOADS, WRAPPERS, add_image, add_pull, unmapped
from layers import Image, entry, layer

LINUX = {"no system": {}, "empty system": {"os": ""},
         "linux on s390x": {"os": "linux", "architecture": "s390x"},
         "linux on nothing": {"os": "linux", "architecture": ""}}
NO_LINUX = {
    "windows": ("cannot load windows image on linux",
                'image operating system "windows" cannot be used on this platform'),
    "Windows": (None, "operating system is not supported"),
    "plan9": (None, "operating system is not supported"),
}


def _taken():
    """A layer that is fine and one that is not, so that the order shows."""
    for name, platform in LINUX.items():
        good, bad = layer(entry(b"f", content=b"1")), layer(entry(b"h", uid=70000))
        add_image("platform: " + name, LOADS, Image([good], platform=platform))
        add_image("platform, unmapped: " + name, WRAPPERS["overlay2"] % unmapped(70000),
                  Image([bad], platform=platform))


def _refused():
    """Before any layer is looked at."""
    for name, (loaded, pulled) in NO_LINUX.items():
        for words, made in (("", layer(entry(b"f"))), (", unmapped", layer(entry(b"h", uid=70000)))):
            image = Image([made], platform={"os": name})
            if loaded:
                add_image("platform%s: %s" % (words, name), loaded, image)
            add_pull("platform%s: %s" % (words, name), pulled, image)


TABLES = [_taken, _refused]
