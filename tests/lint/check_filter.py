# SPDX-License-Identifier: MIT
"""lint.filter: docs/security.md lists the system calls that harness/src/userns/filter.c allows.

With --write the list is made anew.
"""
import os
import re

import tree

SOURCE = os.path.join("harness", "src", "userns", "filter.c")
PAGE = os.path.join("docs", "security.md")
MARKS = "the list of filter.c: begin", "the list of filter.c: end"
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
    options = tree.parse_page(__doc__).parse_args()
    rows = table("\n".join(tree.lines(options.root, SOURCE)))
    tree.finish("filter", tree.check_list(options, PAGE, MARKS, rows), len(rows) - 2)


if __name__ == "__main__":
    main()
