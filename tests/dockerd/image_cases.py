# SPDX-License-Identifier: MIT
"""Cases of whole images: how many layers, and what is refused once all of them are there."""

from cases import LOADS, WRAPPERS, add_both, add_image, unmapped
from layers import Image, entry, layer

REGISTER = "failed to register layer: "
DEEPEST = 125
DEEP = "max depth exceeded"


def _layers(words, count):
    return [layer(entry(b"%d" % at, content=words.encode())) for at in range(count)]


def _depth():
    """dockerd registers no more than 125 layers."""
    add_both("as many layers as there may be", LOADS, Image(_layers("most", DEEPEST)))
    add_both("one layer more", DEEP, Image(_layers("more", DEEPEST + 1)), REGISTER + DEEP)
    words = "the topmost would fail"
    made = _layers(words, DEEPEST) + [layer(entry(b"h", content=words.encode(), uid=70000))]
    add_both("one layer more: " + words, DEEP, Image(made), REGISTER + DEEP)
    words = "a lower one fails"
    made = _layers(words, DEEPEST + 1)
    made[1] = layer(entry(b"h", content=words.encode(), uid=70000))
    add_image("one layer more: " + words, WRAPPERS["overlay2"] % unmapped(70000), Image(made))


def _history():
    """The config's history may not tell of more layers than there are."""
    one, two = {"created_by": "a"}, {"created_by": "b"}
    said = "too many non-empty layers in History section"
    for words, history, message in (
            ("as many as there are", [one], LOADS), ("none", [], LOADS),
            ("more", [one, two], said), ("more that are empty", [one, dict(two, empty_layer=True)],
                                         LOADS)):
        made = layer(entry(b"f", content=words.encode()))
        add_both("layers of the history: " + words, message, Image([made], more={"history": history}))
    add_both("layers of the history: one of none", said, Image([], more={"history": [one]}))
    words = "more, and the layer fails"
    made = layer(entry(b"h", content=words.encode(), uid=70000))
    failed = WRAPPERS["overlay2"] % unmapped(70000)
    add_image("layers of the history: " + words, failed, Image([made], more={"history": [one, two]}))
    image = Image([layer(entry(b"f", content=b"named"))], tag="App:x", more={"history": [one, two]})
    add_image("layers of the history: more, and a bad name", said, image)


def _names():
    """What `docker load` takes for a name."""
    form, lower = "invalid reference format", "repository name must be lowercase"
    digest = "sha256:" + "0" * 64
    table = {
        "a:b": LOADS, "localhost:5000/a:b": LOADS, "A.b/a--b__c.d:_X.y-z": LOADS, "a:" + "t" * 128: LOADS,
        "a:b@" + digest: LOADS, "n" * 237 + ":b": LOADS,
        "a": 'invalid tag "a"', "a@" + digest: 'invalid tag "a@%s"' % digest,
        "localhost:5000/a": 'invalid tag "localhost:5000/a"',
        "": form, "a:": form, "a:b:c": form, "-a:b": form, "a-:b": form, "a___b:c": form, "a:.b": form,
        "a:b/c": form, "/a:b": form, "a//b:c": form, "a b:c": form, "\u00e9:x": form,
        "a:" + "t" * 129: form, "a-.b/c:d": form, "[::1]/a:b": form, "a.b:/c:d": form, "a@x": form,
        "[fe80::A]:80/a:b": form, "[]/a:b": form, "[::1]x/a:b": form,
        "App:x": form + ": " + lower, "A/b:c": form + ": " + lower, "A_b.c/d:e": lower,
        "A_b/c:d": form + ": " + lower, "a/B:c": form + ": " + lower, "localhost/A:b": form + ": " + lower,
        "n" * 240 + ":b": "repository name must not be more than 255 characters",
        "n" * 238 + ":b": "repository name must not be more than 255 characters",
        "0" * 64: "invalid repository name (%s), cannot specify 64-byte hexadecimal strings" % ("0" * 64),
        "a@" + digest[:-1]: "invalid checksum digest length",
        "a:b@sha256:" + "A" * 64: "invalid checksum digest format",
        "a@md5:" + "0" * 32: "unsupported digest algorithm",
        "a:b@MD5:" + "0" * 32: "invalid checksum digest format",
    }
    for name, message in table.items():
        shown = name if len(name) < 60 else "%s... (%d)" % (name[:40], len(name))
        made = layer(entry(b"f", content=name.encode()))
        add_image("name %r" % shown, message, Image([made], tag=name))
    made = layer(entry(b"h", content=b"a name", uid=70000))
    add_image("bad name of a failing layer", WRAPPERS["overlay2"] % unmapped(70000),
              Image([made], tag="App"))


def _json():
    """Go's JSON is more than a parser's own: names of any case, bytes that are not UTF-8."""
    def add(words, message=LOADS, edit=bytes, edit_manifest=bytes, **more):
        made = layer(entry(b"f", content=words.encode()))
        image = Image([made], edit=edit, edit_manifest=edit_manifest, more=more)
        (add_image if edit_manifest is not bytes else add_both)("JSON: " + words, message, image)

    for words, one, other in (
            ("RootFS", b'"rootfs"', b'"RootFS"'), ("a long s", b'"rootfs"', '"rootf\u017f"'.encode()),
            ("Diff_IDs", b'"diff_ids"', b'"Diff_IDs"'), ("no UTF-8", b"image ", b"\xff"),
            ("half a pair", b"image ", b"\\ud800"), ("spaces behind", b"}}", b"}}\n\t ")):
        add(words, edit=lambda data, one=one, other=other: data.replace(one, other))
    for words, value in (("a large number", b"1" * 40), ("a larger number", b"1e999"),
                         ("a number no type holds", b"-1.5E-999"), ("nothing", b"null")):
        add(words, edit=lambda data, value=value: data[:-1] + b', "other": %s}' % value)
    add("a history of nothing", history=[None])
    add("an environment of nothing", config={"Env": [None]})
    add("manifest in small letters", edit_manifest=bytes.lower)
    add("manifest in capitals", edit_manifest=lambda data: data.replace(b"Config", b"CONFIG").replace(
        b"Layers", b"LAYERS"))
    add("manifest, and more behind it", edit_manifest=lambda data: data + b"[] junk")


TABLES = [_depth, _history, _names, _json]
