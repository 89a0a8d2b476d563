# SPDX-License-Identifier: MIT
"""lint.format: white space is as clang-format says; .clang-format has the rules."""
import difflib
import os
import subprocess

import tree


def difference(command, root, path):
    """The first lines of what the formatter would change in a file; empty when nothing."""
    want = subprocess.run([command, "--style=file", path], cwd=root, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split("\n")
    with open(os.path.join(root, path), encoding="utf-8") as file:
        have = file.read().split("\n")
    lines = difflib.unified_diff(have, want, path, "clang-format -i " + path, lineterm="", n=0)
    return "\n".join(list(lines)[:12])


def is_clean(command, root, files):
    """The quick question, for all files at once."""
    return subprocess.run([command, "--style=file", "--dry-run", "-Werror", *files], cwd=root,
                          check=False, stderr=subprocess.DEVNULL).returncode == 0


def main():
    parser = tree.parse(__doc__)
    parser.add_argument("--clang-format", default="clang-format")
    options = parser.parse_args()
    root = os.path.abspath(options.root)
    files = tree.c_files(root)
    problems = []
    if files and not is_clean(options.clang_format, root, files):
        problems = [text for text in (difference(options.clang_format, root, path)
                                      for path in files) if text]
    tree.finish("format", problems, len(files))


if __name__ == "__main__":
    main()
