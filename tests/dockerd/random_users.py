#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Users from a seed: USER strings, passwd and group files, and how an image has them.

The same seed gives the same case in every run and on every machine.  Names and
numbers come from small pools, so that what is asked for and what the files say
meet.  Nothing here knows what the right answer is.

What is left out on purpose: devices and FIFOs in place of the files, whose
reading has no end.

    random_users.py SEED [FILE]    describe a case, and write its image
"""

import random
import sys

import layers
import users
from layers import entry

NAMES = (b"root", b"a", b"b", b"low", b"high", b"10", b"1000", b"#c", b"", b"x y", b"\xc3\xa9",
         b"-1", b"+5", b"A", b"\xff", b"nobody")
NUMBERS = (b"0", b"0", b"1", b"5", b"10", b"100", b"1000", b"1000", b"65534", b"65535", b"65536",
           b"70000", b"100000", b"1000000", b"2147483647", b"2147483648", b"4294967294",
           b"4294967295", b"4294967296", b"4294968296", b"9223372036854775807",
           b"9223372036854775808", b"18446744073709551615", b"18446744073709551616",
           b"99999999999999999999", b"99999999999999999999x", b"-1", b"-5", b"-2147483648",
           b"-9223372036854775808", b"-9223372036854775809", b"+5", b"+0", b"007", b"", b"abc",
           b"0x10", b"1_000", b" 5", b"5 ", b"1e3", b"-", b"+", b"--1", b"0\0")
SPACES = (b" ", b"\t", b"\v", b"\f", b"\r", b"\xc2\xa0", b"\xc2\x85", b"\xe2\x80\x83",
          b"\xe3\x80\x80", b"\xe2\x80\x8b", b"\xa0", b"  ", b"\0")
ENDS = (b"\n", b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"\r\r\n", b" \n", b"\n#x:x:1:1\n", b"\r")
# What bufio takes for a line, and what not; group's limit differs by version.
LENGTHS = (4095, 4096, 65533, 65534, 65535, 65536, 70000, 131072)
ASKED = ("a", "b", "low", "high", "root", "10", "1000", "nobody", "#c", "A", "\xe9", "x y")
ASKED_NUMBERS = ("0", "1", "5", "10", "1000", "65535", "65536", "70000", "100", "100000",
                 "1000000", "2147483647", "2147483648", "4294967295", "4294967296", "-1", "+5",
                 "007", "0x5", "5 ", " 5", "1e3", "-0", "9223372036854775807",
                 "9223372036854775808", "99999999999999999999", "-")
# Where a link may point; "%s" is passwd or group.
TARGETS = ("%s.real", "./%s.real", "../usr/share/%s", "/usr/share/%s", "../../../../usr/share/%s",
           "/../usr/share/%s", "sub/../%s.real", "/etc/up/share/%s", "up/share/%s", "%s", "nowhere/%s",
           "%s.real/x", "/etc/../etc/%s.real", "missing/../%s.real", "//usr//share/./%s", "other")
PLACES = ("etc/%s.real", "usr/share/%s", "etc/other")


class Maker:
    """The random choices of one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        """True in @share of the cases."""
        return self.random.random() < share

    def pick(self, pool):
        """One of them."""
        return self.random.choice(pool)

    def number(self):
        """A number, mostly a harmless one."""
        return self.pick(NUMBERS[:12] if self.chance(0.6) else NUMBERS)

    def name(self):
        """A name of a user or group."""
        return self.pick(NAMES[:7] if self.chance(0.7) else NAMES)

    def line(self, kind):
        """A line of passwd or group, without its end."""
        last = [b",".join(self.name() for _ in range(self.pick((0, 1, 1, 2, 3))))]
        if kind == "passwd":
            last = [self.number(), b"", b"/", b"/bin/sh"]
        fields = [self.name(), b"x", self.number()] + last
        if self.chance(0.08):
            fields = fields[:self.random.randrange(len(fields) + 1)]
        line = b":".join(fields)
        if self.chance(0.08):
            line = self.pick(SPACES) + line
        if self.chance(0.08):
            line += self.pick(SPACES)
        if self.chance(0.05):
            line = b"#" + line
        return line

    def file(self, kind):
        """The bytes of a file."""
        parts = []
        for _ in range(self.pick((0, 2, 4, 6, 8, 10, 14))):
            line = self.line(kind)
            if self.chance(0.015):
                filler = self.pick(LENGTHS) - len(line)
                line += (b"," if kind == "group" else b"") + b"y" * filler
                line = line[:max(len(line) - (kind == "group"), 0)]
            parts += [line, self.pick(ENDS[:4] if self.chance(0.8) else ENDS)]
        if parts and self.chance(0.3):
            parts.pop()
        return b"".join(parts)

    def entries(self, kind):
        """How an image has one of the two files: entries, and the places that they take."""
        path = "etc/" + kind
        choice = self.random.random()
        if choice < 0.62:
            return [entry(path.encode(), content=self.file(kind))]
        if choice < 0.70:
            return []
        if choice < 0.75:
            return [entry(path.encode(), b"5", mode=0o755)]
        if choice < 0.79:
            place = self.pick(PLACES[:2]) % kind
            return [entry(place.encode(), content=self.file(kind)),
                    entry(path.encode(), b"1", link=place.encode())]
        target = self.pick(TARGETS)
        link = entry(path.encode(), b"2", link=(target % kind if "%" in target else
                                                target).encode(), mode=0o777)
        places = [entry((place % kind if "%" in place else place).encode(),
                        content=self.file(kind)) for place in PLACES[:2] if self.chance(0.8)]
        return places + [link]

    def layer(self, first):
        """A layer; the lowest has the directories."""
        items = []
        if first:
            items.append(entry(b"etc", b"5", mode=0o755))
            items.append(entry(b"etc/up", b"2", link=self.pick((b"../usr", b"/usr")), mode=0o777))
        elif self.chance(0.04):
            return layers.layer(entry(b"etc", b"2", link=self.pick((b"usr/share", b"/usr/share")),
                                      mode=0o777))
        elif self.chance(0.15):
            removed = self.pick((b"etc/.wh.passwd", b"etc/.wh.group", b"usr/.wh.share",
                                 b"etc/.wh..wh..opq"))
            items.append(entry(removed))
            if removed == b"usr/.wh.share":
                return layers.layer(*items)
        taken = {item.words.split("'")[1] for item in items}
        for kind in ("passwd", "group"):
            if not first and self.chance(0.5):
                continue
            for item in self.entries(kind):
                # Twice the same name in one layer is refused as such.
                if item.words.split("'")[1] not in taken:
                    taken.add(item.words.split("'")[1])
                    items.append(item)
        return layers.layer(*items)

    def asked(self):
        """One half of USER."""
        if self.chance(0.6):
            return self.pick(ASKED[:7] if self.chance(0.9) else ASKED)
        return self.pick(ASKED_NUMBERS[:8] if self.chance(0.6) else ASKED_NUMBERS)

    def spec(self):
        """A USER."""
        choice = self.random.random()
        if choice < 0.12:
            return ""
        if choice < 0.60:
            return self.asked()
        if choice < 0.90:
            return self.asked() + ":" + self.asked()
        return self.pick((":", "::", ":%s" % self.asked(), "%s:" % self.asked(),
                          "%s:%s:x" % (self.asked(), self.asked()), " a", "a\t", ":a:b"))


def case(seed):
    """The case of a seed."""
    maker = Maker(seed)
    count = maker.pick((1, 1, 1, 2, 2, 3))
    groups = tuple(maker.asked() for _ in range(maker.pick((0, 0, 0, 0, 1, 1, 2, 3))))
    return users.Case("seed %d" % seed, [maker.layer(index == 0) for index in range(count)],
                      user=maker.spec(), override=maker.spec() if maker.chance(0.3) else None,
                      groups=groups, kept=maker.chance(0.1))


def main():
    """The command line."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.split("\n\n")[-1].strip())
    chosen = case(int(sys.argv[1]))
    print(chosen.describe())
    if len(sys.argv) == 3:
        with open(sys.argv[2], "wb") as file:
            file.write(layers.Image(chosen.layers,
                                    config={"User": chosen.user, "Cmd": ["/ids"]}).archive())


if __name__ == "__main__":
    main()
