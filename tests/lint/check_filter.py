# SPDX-License-Identifier: MIT
"""lint.filter: docs/security.md lists the system calls that harness/src/userns/filter.c allows.

With --write the list is made anew.
"""
import os
import re

import tree

SOURCE = os.path.join("harness", "src", "userns", "filter.c")
PAGE = os.path.join("docs", "security.md")
BEGIN, END = "<!-- the list of filter.c: begin -->", "<!-- the list of filter.c: end -->"
ARRAY = re.compile(r"static const char \*const (\w+)\[\] = \{(.*?)NULL", re.DOTALL)
GROUP = re.compile(r"\{ \"([^\"]+)\", (\w+) \},")


def table(text):
    """The rows of the page, from the arrays of the source."""
    arrays = {name: re.findall(r"\"(\w+)\"", body) for name, body in ARRAY.findall(text)}
    rows = ["| for | system calls |", "|---|---|"]
    rows += [f"| {purpose} | {', '.join(f'`{call}`' for call in sorted(arrays[name]))} |"
             for purpose, name in GROUP.findall(text)]
    return rows


def main():
    parser = tree.parse(__doc__)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = table("\n".join(tree.lines(options.root, SOURCE)))
    lines = tree.lines(options.root, PAGE)
    begin, end = lines.index(BEGIN), lines.index(END)
    wanted = lines[:begin + 1] + ["", *rows, ""] + lines[end:]
    if options.write:
        with open(os.path.join(options.root, PAGE), "w", encoding="utf-8") as file:
            file.write("\n".join(wanted) + "\n")
        lines = wanted
    problems = [] if lines == wanted else [f"{PAGE}: the list of system calls is not that of "
                                           f"{SOURCE}; see check_filter.py --write"]
    tree.finish("filter", problems, len(rows) - 2)


if __name__ == "__main__":
    main()
