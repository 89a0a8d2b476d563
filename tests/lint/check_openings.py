# SPDX-License-Identifier: MIT
"""lint.openings: every file starts with its licence and with what it is for; #! can be executed."""
import os

import tree

TAG = "SPDX-License-Identifier: MIT"
WORDS_MIN = 4


def c_problem(lines):
    """What is wrong with the start of a C file, or None."""
    if lines[:1] != [f"/* {TAG} */"]:
        return f"the first line is not /* {TAG} */"
    if not lines[1:] or not lines[1].startswith("/*"):
        return "no comment below the licence line says what the file is for"
    comment = " ".join(lines[1:12]).partition("*/")[0]
    return short(comment)


def script_problem(lines):
    """The same for files with # comments."""
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    if lines[:1] != [f"# {TAG}"]:
        return f"the licence line # {TAG} is missing"
    if not lines[1:] or not lines[1].startswith(("#", '"""')):
        return "no comment below the licence line says what the file is for"
    return short(lines[1])


def mode_problem(root, path, lines):
    """A page that says how to call it would be wrong."""
    if lines and lines[0].startswith("#!") and not os.access(os.path.join(root, path), os.X_OK):
        return "starts with #! and cannot be executed"
    return None


def short(comment):
    """A comment that says next to nothing."""
    words = [word for word in comment.split() if any(c.isalpha() for c in word)]
    return None if len(words) >= WORDS_MIN else "the opening comment says too little"


def main():
    options = tree.parse(__doc__).parse_args()
    problems = []
    c_files = tree.c_files(options.root)
    scripts = tree.scripts(options.root)
    for paths, finder in ((c_files, c_problem), (scripts, script_problem)):
        for path in paths:
            lines = tree.lines(options.root, path)
            text = finder(lines) or mode_problem(options.root, path, lines)
            if text:
                problems.append(f"{path}: {text}")
    tree.finish("openings", problems, len(c_files) + len(scripts))


if __name__ == "__main__":
    main()
