# SPDX-License-Identifier: MIT
"""lint.links: links in *.md lead to files and headings that exist."""
import os
import re

import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^\s*(```|~~~)")


def prose(lines):
    """Numbered lines outside fenced code, without code spans."""
    fenced = False
    for number, line in enumerate(lines, 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, re.sub(r"`[^`]*`", "", line)


def anchors(lines):
    """The names that headings can be linked by."""
    fenced = False
    found = set()
    for line in lines:
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced and line.startswith("#"):
            text = line.lstrip("#").strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return found


def problem(root, path, target):
    """What is wrong with one link, or None."""
    if re.match(r"[a-z]+:", target):
        return None
    name, _, anchor = target.partition("#")
    full = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
    if not os.path.exists(os.path.join(root, full)):
        return f"{target} does not exist"
    if anchor and full.endswith(".md") and anchor not in anchors(tree.lines(root, full)):
        return f"{target}: no such heading"
    return None


def main():
    options = tree.parse(__doc__).parse_args()
    problems = []
    files = tree.walk(options.root, (".md",))
    for path in files:
        for number, line in prose(tree.lines(options.root, path)):
            for target in LINK.findall(line):
                text = problem(options.root, path, target)
                if text:
                    problems.append(f"{path}:{number}: {text}")
    tree.finish("links", problems, len(files))


if __name__ == "__main__":
    main()
