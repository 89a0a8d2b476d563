# SPDX-License-Identifier: MIT
"""The files of the project as the checks see them, and how a check ends."""
import argparse
import os
import sys

SKIPPED_FOLDERS = {".git", "build", "__pycache__"}
SCRIPT_NAMES = {"CMakeLists.txt", "bootstrap", "Vagrantfile"}
SCRIPT_ENDINGS = (".py", ".sh", ".cmake")


def parse(description):
    """The argument that every check takes: where the tree is."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "..", ".."))
    return parser


def walk(root, endings=(), names=()):
    """Paths below @root, relative to it and sorted, by ending or by whole name."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        for name in files:
            if name.endswith(tuple(endings)) or name in names:
                found.append(os.path.relpath(os.path.join(folder, name), root))
    return sorted(found)


def c_files(root):
    """All C sources and headers."""
    return walk(root, (".c", ".h"))


def scripts(root):
    """All that is written with # comments: python, shell, CMake."""
    found = walk(root, SCRIPT_ENDINGS, SCRIPT_NAMES)
    if os.path.exists(os.path.join(root, ".ci", "run")):
        found.append(".ci/run")
    return found


def parse_page(description):
    """The same for a check of a list in a page, which --write makes anew."""
    parser = parse(description)
    parser.add_argument("--write", action="store_true")
    return parser


def lines(root, path):
    """The lines of a file, without their ends."""
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read().splitlines()


def check_list(options, page, marks, wanted):
    """Problems: the lines of @page between two @marks are not @wanted; --write mends that."""
    found = lines(options.root, page)
    begin, end = (found.index(f"<!-- {mark} -->") for mark in marks)
    whole = found[:begin + 1] + ["", *wanted, ""] + found[end:]
    if options.write:
        with open(os.path.join(options.root, page), "w", encoding="utf-8") as file:
            file.write("\n".join(whole) + "\n")
        found = whole
    return [] if found == whole else [f"{page}: {marks[0].partition(':')[0]} is not up to date; "
                                      f"{os.path.basename(sys.argv[0])} --write makes it anew"]


def finish(check, problems, looked_at):
    """Print what was found and end; a check that saw no file has failed too."""
    for problem in problems:
        print(problem)
    if looked_at == 0:
        sys.exit(f"{check}: there was nothing to look at")
    if problems:
        sys.exit(f"{check}: {len(problems)} problem(s)")
    print(f"{check}: {looked_at} looked at, nothing to say")
