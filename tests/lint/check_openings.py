# SPDX-License-Identifier: MIT
"""lint.openings: every file starts with its licence and with what it is for."""
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
            text = finder(tree.lines(options.root, path))
            if text:
                problems.append(f"{path}: {text}")
    tree.finish("openings", problems, len(c_files) + len(scripts))


if __name__ == "__main__":
    main()
