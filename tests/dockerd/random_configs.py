#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Image configs from a seed: every member that dockerd decodes, some of another type, some damaged.

The same seed gives the same config in every run and on every machine.  Nothing here knows what
the right answer is.

What is left out on purpose: an object or an array twice under one name, which Go merges, and an
`os` of another system, over which dockerd 20.10 panics.

    random_configs.py SEED    print a config, as far as it does not depend on the layers
"""

import json
import random
import sys

TIME = "2020-02-29T12:34:56.789Z"
TIMES = (TIME, "2021-01-31T23:59:59+01:00", "1999-12-31T00:00:00Z", "2020-06-30T01:02:03,5-10:30")
HEALTH = {"Test": ["CMD", "true"], "Interval": 1, "Timeout": 2, "StartPeriod": 3, "StartInterval": 4,
          "Retries": 5}
CONFIG = {"Hostname": "h", "Domainname": "d", "User": "0", "AttachStdin": False, "AttachStdout": True,
          "AttachStderr": False, "ExposedPorts": {"80/tcp": {}}, "Tty": False, "OpenStdin": True,
          "StdinOnce": False, "Env": ["A=b"], "Cmd": ["a"], "Healthcheck": HEALTH,
          "ArgsEscaped": True, "Image": "i", "Volumes": {"/v": {}}, "WorkingDir": "/",
          "Entrypoint": "e", "NetworkDisabled": False, "MacAddress": "m", "OnBuild": ["o"],
          "Labels": {"l": "m"}, "StopSignal": "9", "StopTimeout": 10, "Shell": ["/bin/sh"]}
LINE = {"created": TIME, "author": "a", "created_by": "b", "comment": "c", "empty_layer": True}
# Beside what the image itself has: its comment, platform and rootfs.
MORE = {"id": "i", "parent": "p", "created": TIME, "container": "c", "container_config": CONFIG,
        "docker_version": "v", "author": "a", "config": CONFIG, "variant": "w", "Size": 7,
        "history": [LINE, LINE], "os.version": "1", "os.features": ["f"]}


class Raw(str):
    """A value as it is to stand in the document."""


ODD = [Raw(text) for text in (
    "null", "null", "true", "false", '""', '"x"', '"1"', '"true"', "0", "1", "-1", "-0", "1.5", "1.0",
    "1e3", "1E+2", "-1.5e-7", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "-9223372036854775809", "99999999999999999999999", "1e999", "[]", "[ ]", "[1]", '["a"]', "[null]",
    '["a", 1, true]', "[[]]", "[{}]", '[ [1, "]"], 2 ]', "{}", "{ }", '{"a":1}', '{"a" : "b"}',
    '{"a": {}}', '{"a": null, "b": []}', '{"": "}"}', '"\\ud800"', '"\xff"', '"\\""', '"\\\\"')]


SIGNS = b'{}[]",:\\ 0aetfn-.\n\0\xff'
SYSTEM = b'"linux"'


class Maker:
    """The random choices of one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        """True in @share of the cases."""
        return self.random.random() < share

    def time(self):
        """A time with some characters that are others."""
        text = list(self.random.choice(TIMES))
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 3))):
            at = self.random.randrange(len(text))
            other = self.random.choice(list("0123456789-+:TZ.,z \xe9\x7f") + ["\\\"", "\\u0030", ""])
            if self.chance(0.3):
                del text[at:]
            elif self.chance(0.5):
                text.insert(at, other)
            else:
                text[at] = other
            text = text or ["2"]
        return Raw('"%s"' % "".join(text))

    def odd(self, key):
        """A value of any type for the member @key."""
        if key == "created" and self.chance(0.7):
            return self.time()
        value = self.random.choice(ODD)
        return Raw("1") if key == "os" and value.startswith('"') else value

    def key(self, key):
        """A name that Go takes for @key, most times."""
        if self.chance(0.9):
            return key
        at = self.random.randrange(len(key))
        other = self.random.choice((key[at].swapcase(), "\\u%04x" % ord(key[at]), key[at] * 2,
                                    {"s": "\u017f", "k": "\u212a"}.get(key[at], key[at])))
        return key[:at] + other + key[at + 1:]

    def slots(self, value, key=""):
        """All places below @value, as pairs of what holds it and where."""
        for at in value if isinstance(value, dict) else range(len(value)):
            name = at if isinstance(at, str) else key
            yield value, at, name
            if isinstance(value[at], (dict, list)):
                yield from self.slots(value[at], name)

    def spoil(self, config):
        """Puts something else in some places."""
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            holder, at, key = self.random.choice(list(self.slots(config)))
            if isinstance(holder, list) or holder[at] is not None:
                holder[at] = self.odd(key)

    def text(self, value):
        """@value as a document, the members in any order."""
        blank = self.random.choice(("", "", " ", "\n\t"))
        if isinstance(value, Raw):
            return value
        if isinstance(value, list):
            return "[%s]" % ("," + blank).join(self.text(item) for item in value)
        if not isinstance(value, dict):
            return json.dumps(value)
        pairs = [(self.key(key), self.text(item)) for key, item in value.items()]
        pairs += [pair for pair in pairs if pair[1][0] not in "[{" and self.chance(0.03)]
        self.random.shuffle(pairs)
        return "{%s}" % ("," + blank).join('"%s"%s:%s%s' % (key, blank, blank, item)
                                           for key, item in pairs)

    def damage(self, data):
        """Sometimes another byte, or the end, somewhere."""
        if not self.chance(0.15):
            return data
        at, other = self.random.randrange(1, len(data)), bytes([self.random.choice(SIGNS)])
        made = self.random.choice((data[:at], data[:at] + data[at + 1:],
                                   data[:at] + other + data[at:], data[:at] + other + data[at + 1:]))
        return made if SYSTEM in made or made == data[:at] else data


def edit(seed):
    """A function that makes the config of @seed of an image's own."""
    def make(data):
        maker = Maker(seed)
        config = {**json.loads(data), **json.loads(json.dumps(MORE))}
        for key in maker.random.sample(sorted(MORE), maker.random.randrange(len(MORE))):
            del config[key]
        maker.spoil(config)
        # Bytes that are no UTF-8 stand there as characters, and so do those that are.
        text = maker.text(config)
        return maker.damage(text.encode("latin-1", "backslashreplace") if maker.chance(0.5) else
                            text.encode())

    return make


if __name__ == "__main__":
    sys.stdout.buffer.write(edit(int(sys.argv[1]))(b'{"os": "linux", "rootfs": {"diff_ids": []}}') +
                            b"\n")
