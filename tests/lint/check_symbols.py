# SPDX-License-Identifier: MIT
"""lint.symbols: the library neither prints nor exits, and nothing is mutable at file scope.

Looks at object files with nm(1), so it sees what the compiler saw.
"""
import re
import subprocess

import tree

# Standard streams, and what uses them or ends the process without naming them.
FORBIDDEN = re.compile(
    r"^(stdout|stderr|stdin|(__)?v?printf(_chk)?|puts|putchar(_unlocked)?|perror|psignal|psiginfo"
    r"|v?(err|warn)x?|error|error_at_line|v?syslog|__v?syslog_chk"
    r"|exit|_exit|_Exit|quick_exit|abort|__assert_perror_fail)$")
# A forked child that cannot go on has nobody to return to.
MAY_EXIT = re.compile(r"(^|/)(harness/.*/src/userns|newuidmap-helpers/.*/src)/")
# Constant once the loader is done with it, or read-only from the start.
CONSTANT = re.compile(r"^\.(text|rodata|data\.rel\.ro|init|fini|eh_frame|comment|note|debug)")


def symbols(objects):
    """(object, symbol, class, section) of every symbol."""
    for path in objects:
        listing = subprocess.run(["nm", "--format=sysv", path], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout
        for line in listing.splitlines():
            field = [part.strip() for part in line.split("|")]
            if len(field) == 7 and field[0] != "Name":
                yield path, field[0], field[2], field[6]


def problem(path, symbol, kind, section, is_program):
    """What is wrong with one symbol, or None."""
    name = symbol.partition("@")[0]
    if kind == "U":
        if is_program or not FORBIDDEN.match(name):
            return None
        if name == "_exit" and MAY_EXIT.search(path):
            return None
        return f"the library must not use {name}"
    if kind.upper() in "DBCSG" and not CONSTANT.match(section):
        return f"{name} is mutable at file scope ({section})"
    return None


def main():
    parser = tree.parse(__doc__)
    parser.add_argument("--library", help="a file with the library's objects, one a line")
    parser.add_argument("--program", help="the same for the program, which may print and exit")
    options = parser.parse_args()
    problems = []
    looked_at = 0
    for listing, is_program in ((options.library, False), (options.program, True)):
        with open(listing, encoding="utf-8") as file:
            objects = file.read().split("\n")
        objects = [path for path in objects if path.endswith(".o")]
        looked_at += len(objects)
        for path, name, kind, section in symbols(objects):
            text = problem(path, name, kind, section, is_program)
            if text:
                problems.append(f"{path}: {text}")
    tree.finish("symbols", problems, looked_at)


if __name__ == "__main__":
    main()
