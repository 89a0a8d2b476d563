# SPDX-License-Identifier: MIT
"""lint.sleep: tests wait for events, never for time to pass."""
import re

import tree

PATTERNS = {
    ".c": re.compile(r"\b(u|nano|clock_nano)?sleep\s*\("),
    ".h": re.compile(r"\b(u|nano|clock_nano)?sleep\s*\("),
    ".py": re.compile(r"\btime\.sleep\b|\bimport sleep\b|[\"']sleep [0-9]"),
    ".sh": re.compile(r"\bsleep\s+[0-9$]"),
}
# A poll with a limit, for an event of a program that tells nobody: say so on the line.
EXCUSE = "lint: poll"


def main():
    options = tree.parse(__doc__).parse_args()
    problems = []
    files = [path for path in tree.walk(options.root, tuple(PATTERNS))
             if path.startswith("tests/") and not path.startswith("tests/lint/")
             or "/tests/" in path]
    for path in files:
        pattern = PATTERNS[path[path.rindex("."):]]
        for number, line in enumerate(tree.lines(options.root, path), 1):
            if pattern.search(line) and EXCUSE not in line:
                problems.append(f"{path}:{number}: waits for time to pass: {line.strip()}")
    tree.finish("sleep", problems, len(files))


if __name__ == "__main__":
    main()
