# SPDX-License-Identifier: MIT
"""Cases for `docker pull`: its words, and what a registry sends that is not what it promised."""

from cases import LOADS, SHORT, add_pull, unmapped
from layers import Image, Item, entry, layer

REGISTER = "failed to register layer: "
FAILED = {"overlay2": REGISTER + "Error processing tar file(%s): %s",
          "vfs": REGISTER + "ApplyLayer %s stdout: %s stderr: %s"}
MISMATCH = "layers from manifest don't match image configuration"
WRONG = "sha256:" + "0" * 64


def _child(text):
    """What both drivers say when an entry fails."""
    return {"overlay2": FAILED["overlay2"] % ("exit status 1", text),
            "vfs": FAILED["vfs"] % ("exit status 1", "", text)}


def _feed(text, size):
    """What both say when the stream fails behind the tar; @size: of what was unpacked."""
    return {"overlay2": FAILED["overlay2"] % (text, ""),
            "vfs": FAILED["vfs"] % (text, '{"layerSize":%d}\n' % size, "")}


def _unpacking():
    """Failures of a layer."""
    good, bad = layer(entry(b"f", content=b"1")), layer(entry(b"h", uid=70000))
    add_pull("loads", LOADS, Image([good]))
    add_pull("no layer", LOADS, Image([]))
    add_pull("unmapped owner", _child(unmapped(70000)), Image([bad]))
    add_pull("the lowest failing layer", _child(unmapped(70000)),
             Image([good, bad, layer(entry(b"i", uid=80000))]))
    add_pull("broken header", _child("archive/tar: invalid tar header"),
             Image([layer(Item("junk", b"j" * 512), end=False)]))
    add_pull("duplicate", _feed("duplicates of file paths not supported", 0),
             Image([layer(entry(b"a"), entry(b"./a"))]))
    add_pull("the same layer twice", LOADS, Image([good, good]))
    add_pull("empty blob", LOADS, Image([layer(end=False)]))


def _compressed():
    """Damaged streams; a bad gzip header is told before anything is unpacked."""
    items = [entry(b"f%d" % at, content=b"%d" % at * 400) for at in range(5)]

    def wrapped(name, argument=700):
        return Image([layer(*items, wrapping=name, argument=argument)])

    for name in ("gzip", "gzip-named", "gzip-members", "bzip2", "bzip2-members", "xz", "xz-padding"):
        add_pull(name, LOADS, wrapped(name))
    for name, text in {
            "gzip-no-trailer": SHORT, "gzip-half-trailer": SHORT,
            "gzip-bad-crc": "gzip: invalid checksum", "gzip-bad-size": "gzip: invalid checksum",
            "gzip-garbage-after": "gzip: invalid header",
            "gzip-zeros-after": "gzip: invalid header", "gzip-member-cut": SHORT,
            "bzip2-cut-tail": SHORT,
            "bzip2-garbage-after": "bzip2 data invalid: bad magic value in continuation file",
            "xz-cut-tail": "exit status 1: xz: (stdin): Unexpected end of input\n",
            "xz-garbage-after": "exit status 1: xz: (stdin): Compressed data is corrupt\n",
            "xz-unknown-check": "exit status 2: "}.items():
        add_pull(name, _feed(text, 2000), wrapped(name))
    add_pull("gzip cut inside", _child(SHORT), wrapped("gzip-cut", 100))
    decompression = "could not get decompression stream: "
    add_pull("gzip cut in its header", decompression + SHORT, wrapped("gzip-cut", 9))
    add_pull("gzip header with a bad option", decompression + "gzip: invalid header",
             Image([layer(Item("gzip", b"\x1f\x8b\x08\x08" + b"n" * 600), end=False)]))


def _promises():
    """What config and manifest promise of the layers."""
    good, other = layer(entry(b"f", content=b"1"), wrapping="gzip"), layer(entry(b"g"))
    bad = layer(entry(b"h", uid=70000))
    ids = [good.diff_id(), other.diff_id()]
    add_pull("wrong diffID", MISMATCH, Image([good], diff_ids=[WRONG]))
    add_pull("wrong diffID above", MISMATCH, Image([good, other], diff_ids=[ids[0], WRONG]))
    add_pull("wrong diffID of a failing layer", _child(unmapped(70000)),
             Image([bad], diff_ids=[WRONG]))
    add_pull("wrong diffID below a failing layer", _child(unmapped(70000)),
             Image([good, bad], diff_ids=[WRONG, bad.diff_id()]))
    add_pull("more diffIDs than layers", MISMATCH, Image([good], diff_ids=ids))
    add_pull("fewer diffIDs than layers", MISMATCH, Image([good, other], diff_ids=ids[:1]))
    add_pull("fewer diffIDs than layers, one fails", _child(unmapped(70000)),
             Image([bad, other], diff_ids=[bad.diff_id()]))
    add_pull("diffIDs without layers", MISMATCH, Image([], diff_ids=[WRONG]))
    add_pull("layers without diffIDs", MISMATCH, Image([good], diff_ids=[]))


def _blobs():
    """A registry that sends something else; every case has blobs of its own names."""
    def own(words, **fields):
        return layer(entry(b"f", content=words.encode(), **fields), wrapping="gzip")

    junk = b"x" * 1000
    for words, change in (("another layer", lambda blob: own("another").blob()),
                          ("cut", lambda blob: blob[:-3]), ("longer", lambda blob: blob + b"xxx"),
                          ("empty", lambda blob: b""), ("junk", lambda blob: junk)):
        image = Image([own(words)])
        image.served[0] = change(image.layers[0].blob())
        _add_blob(words, image, 0)
    image = Image([own("of a failing layer", uid=70000)])
    image.served[0] = own("of a failing layer").blob()
    _add_blob("of a failing layer", image, 0)
    for words, lower, served, index in (
            ("of the upper layer", {}, (1,), 1), ("of the lower layer", {}, (0,), 0),
            ("above a failing layer", {"uid": 70000}, (1,), 1),
            ("of two layers, the upper is told", {}, (0, 1), 1)):
        _add_blob(words, Image([own(words, **lower), own(words + ", above"),
                                own(words + ", topmost", uid=80000)],
                               served={at: junk for at in served}), index)


def _add_blob(words, image, index):
    add_pull("blob that is not its digest's: " + words,
             "filesystem layer verification failed for digest " + image.blob_digest(index), image)


TABLES = (_unpacking, _compressed, _promises, _blobs)
