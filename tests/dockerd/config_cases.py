# SPDX-License-Identifier: MIT
"""Cases of configs whose members are of other types than those that dockerd decodes them into.

What it says is Go's; a layer that would fail is never looked at.
"""

from cases import LOADS, add_both
from layers import Image, entry, layer

JSON = "json: cannot unmarshal %s into Go %s"
LAYOUT = r'"\"2006-01-02T15:04:05Z07:00\""'

# What stands in the config, and what is wrong with it: the value, the member, its type.
WRONG = {
    '"author": 1': "number|struct field Image.author|string",
    '"AUTHOR": true': "bool|struct field Image.author|string",
    r'"\u0061uthor": []': "array|struct field Image.author|string",
    '"o\u017f": {}': "object|struct field Image.os|string",
    '"parent": 1': "number|struct field Image.parent|image.ID",
    '"Size": "x"': "string|struct field Image.Size|int64",
    '"size": 1.0': "number 1.0|struct field Image.Size|int64",
    '"size": -1e3': "number -1e3|struct field Image.Size|int64",
    '"size": 9223372036854775808': "number 9223372036854775808|struct field Image.Size|int64",
    '"size": -9223372036854775809': "number -9223372036854775809|struct field Image.Size|int64",
    '"os.version": {"a": ["}"]}': "object|struct field Image.os.version|string",
    '"os.features": "f"': "string|struct field Image.os.features|[]string",
    '"os.features": [null, "f", 1]': "number|struct field Image.os.features|string",
    '"history": {}': "object|struct field Image.history|[]image.History",
    '"history": [null, []]': "array|struct field Image.history|image.History",
    '"history": [{"created_by": 1}]': "number|struct field History.history.created_by|string",
    '"history": [{"empty_layer": "x"}]': "string|struct field History.history.empty_layer|bool",
    '"container_config": []': "array|struct field Image.container_config|container.Config",
    '"rootfs": "x"': "string|struct field Image.rootfs|image.RootFS",
    '"rootfs": {"type": 1}': "number|struct field RootFS.rootfs.type|string",
    '"rootfs": {"diff_ids": {}}': "object|struct field RootFS.rootfs.diff_ids|[]layer.DiffID",
    '"rootfs": {"diff_ids": [7]}': "number|struct field RootFS.rootfs.diff_ids|layer.DiffID",
    '"id": 1, "author": false': "number|struct field Image.id|string",
    '"id": 1, "id": "i"': "number|struct field Image.id|string",
}
# The same in the member "config".
WRONG_CONFIG = {
    '"User": 0': "number|User|string", '"Tty": "true"': "string|Tty|bool", '"Env": {}': "object|Env|[]string",
    '"Env": ["A=b", []]': "array|Env|string", '"Labels": []': "array|Labels|map[string]string",
    '"Labels": {"a": 1}': "number|Labels|string", '"Cmd": 1': "number|Cmd|string",
    '"Cmd": ["a", 1]': "array|Cmd|string", '"Entrypoint": {}': "object|Entrypoint|string",
    '"Shell": true': "bool|Shell|string", '"User": 1, "Cmd": {}': "object|Cmd|string",
    '"ExposedPorts": [80]': "array|ExposedPorts|nat.PortSet",
    '"ExposedPorts": {"80": 1}': "number|ExposedPorts|struct {}",
    '"Volumes": "/v"': "string|Volumes|map[string]struct {}",
    '"Volumes": {"/v": []}': "array|Volumes|struct {}", '"StopTimeout": 1.5': "number 1.5|StopTimeout|int",
    '"Healthcheck": "x"': "string|Healthcheck|container.HealthConfig",
}
WRONG_HEALTH = {'"Test": "x"': "string|Test|[]string", '"Interval": "1s"': "string|Interval|time.Duration",
                '"Retries": 1e1': "number 1e1|Retries|int"}
WHOLE = {"[]": "array", "7": "number", '"x"': "string", " true ": "bool", "1e999": "number"}
FITTING = ('"author": null', '"Size": -0', '"Size": -9223372036854775808', '"other": [1, {"a": 1e999}]',
           '"config": null', '"config": {"Cmd": "a", "Shell": null, "Entrypoint": [null, "a"]}',
           '"config": {"ExposedPorts": {"80": {"a": 1}, "81": null}, "Labels": {"a": null}}',
           '"config": {"Healthcheck": null, "StopTimeout": null, "Volumes": null}')
BEGINS = "invalid character '%s' looking for beginning of value"
SYNTAX = {
    b"[1": "unexpected end of JSON input", b"x": BEGINS % "x", b"'": BEGINS % r"\'", b"\0": BEGINS % r"\x00",
    b"\x85": BEGINS % r"\u0085", b"\xef\xbb\xbf{}": BEGINS % "\u00ef", b"[1,]": BEGINS % "]",
    b"{1}": "invalid character '1' looking for beginning of object key string",
    b'{"a" 1}': "invalid character '1' after object key",
    b'{"a":1 2}': "invalid character '2' after object key:value pair",
    b"[1 2]": "invalid character '2' after array element",
    b"{} x": "invalid character 'x' after top-level value",
    b"tru": "invalid character ' ' in literal true (expecting 'e')",
    b"-": "invalid character ' ' in numeric literal",
    b"1.": "invalid character ' ' after decimal point in numeric literal",
    b"1e+x": "invalid character 'x' in exponent of numeric literal",
    b'"\n"': r"invalid character '\n' in string literal",
    b'"\\x"': "invalid character 'x' in string escape code",
    b'"\\u1g"': r"invalid character 'g' in \u hexadecimal character escape",
    b"[" * 10001: "invalid character '[' exceeded max depth",
}
TAKEN = ("2020-02-29T00:00:00Z", "2020-01-01T1:02:03Z", "2020-01-01T00:00:00,5+99:99",
         "2020-01-01T00:00:.5Z", "2020-01-01T00:00:00-+1:-1", "0000-01-01T00:00:00.1234567890123Z")
# A time, what is left where it ends, and the element that this is not; or what is out of range.
TIMES = {
    '"x"': ('x"', "2006"), '""': ('"', "2006"), '"20"': ('20"', "2006"), '"202"': ("", "2006"),
    "1.50": ("1.50", '"'), '[ "}" ]': ('[ "}" ]', '"'), "false": ("false", '"'),
    '"2020-01-01 00:00:00Z"': (' 00:00:00Z"', "T"), '"2020-1-01T00:00:00Z"': ('1-01T00:00:00Z"', "01"),
    '"2020-01-01T00:00:0\\u0030Z"': ('0\\u0030Z"', "05"), '"2020-01-01T00:00:00"': ('"', "Z07:00"),
    '"2020-01-01T00:00:00z"': ('z"', "Z07:00"), '"2020-01-01T00:00:00+aa:00"': ('"', "Z07:00"),
    '"2020-01-01T00:00:00Zx"': ('x"', '"'), '"2020-00-01T00:00:00Z"': "month",
    '"2021-02-29T00:00:00Z"': "day", '"2020-01-01T24:00:00Z"': "hour", '"2020-01-01T00:60:00Z"': "minute",
    '"2020-01-01T00:00:60Z"': "second",
}


def _image(words, edit, platform=None):
    made = layer(entry(b"h", content=words.encode(), uid=70000))
    return Image([made], edit=edit, platform=platform or {"os": "linux"})


def _with(text):
    """Another member, behind all others."""
    return lambda data: data[:-1] + b", " + text.encode() + b"}"


def _add(words, message, edit):
    add_both("config: " + words, message, _image(words, edit))


def _types():
    """Each type, and each value that it is not decoded from."""
    def said(what, member="%s"):
        value, field, type_ = what.split("|")
        return JSON % (value, "%s of type %s" % (member % field, type_))

    for text, what in WRONG.items():
        _add(text, said(what), _with(text))
    for text, what in WRONG_CONFIG.items():
        _add("config, " + text, said(what, "struct field Config.config.%s"),
             _with('"config": {%s}' % text))
    for text, what in WRONG_HEALTH.items():
        _add("health, " + text, said(what, "struct field HealthConfig.config.Healthcheck.%s"),
             _with('"config": {"Healthcheck": {%s}}' % text))
    for text, value in WHOLE.items():
        _add("all of it: " + text, said(value + "|value|image.Image"),
             lambda data, text=text: text.encode())


def _quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def _times():
    """A time that is none ends the decoding, whatever else is wrong."""
    for text, what in TIMES.items():
        if isinstance(what, str):
            message = "parsing time %s: %s out of range" % (_quoted(text), what)
        else:
            message = "parsing time %s as %s: cannot parse %s as %s" % (
                _quoted(text), LAYOUT, _quoted(what[0]), _quoted(what[1]))
        _add("created, " + text, message, _with('"author": 1, "created": ' + text))
        if text == '"x"':
            _add("created, in the history", message, _with('"history": [{"created": "x"}]'))
            _add("created, before words", message, _with('"created": "x", "config": {"Cmd": 1}'))
            _add("created, and no UTF-8", message.replace("x", r"\xff"),
                 lambda data: data[:-1] + b', "created": "\xff"}')


def _syntax():
    """What is no JSON, in the words of Go's scanner."""
    for text, said in SYNTAX.items():
        _add("no JSON, %s" % text[:9].decode("latin-1"), said, lambda data, text=text: text)


def _fitting():
    """What looks wrong, and is decoded all the same."""
    for text in FITTING + tuple('"created": "%s"' % time for time in TAKEN):
        made = layer(entry(b"f", content=text.encode()))
        add_both("config: " + text, LOADS, Image([made], edit=_with(text)))


def _rootfs():
    """Nothing that has layers: the two ways in say it differently."""
    pulled = "invalid rootfs in image configuration"
    for words, edit in (("none", lambda data: b"{}"), ("null", lambda data: b" null "),
                        ("null in the end", _with('"RootFS": null'))):
        add_both("config: rootfs, " + words, "invalid image JSON, no RootFS key", _image(words, edit),
                 pulled)
    for system, said in (("windows", 'image operating system "windows" cannot be used on this platform'),
                         ("plan9", "operating system is not supported")):
        add_both("config: rootfs, none, for " + system, "invalid image JSON, no RootFS key",
                 _image(system, lambda data, system=system: b'{"os": "%s"}' % system.encode()), said)
    _add("for windows, and a wrong type", JSON % ("number", "struct field Image.author of type string"),
         lambda data: b'{"os": "windows", "author": 1}')


def _diff_ids():
    """They are texts, and only compared."""
    for words, diff_id, shown in (("a word", "x", "x"), ("empty", "", ""), ("null", None, ""),
                                  ("quoted", 'a"\n\xe9', r'a\"\n' + "\xe9")):
        made = layer(entry(b"f", content=words.encode()))
        add_both("diffID that is no digest: " + words,
                 'invalid diffID for layer 0: expected "%s", got "%s"' % (shown, made.diff_id()),
                 Image([made], diff_ids=[diff_id]), "layers from manifest don't match image configuration")


TABLES = [_types, _times, _syntax, _fitting, _rootfs, _diff_ids]
