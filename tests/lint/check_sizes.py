# SPDX-License-Identifier: MIT
"""lint.sizes: functions of at most 70 lines, files of at most 500."""
import ast
import os
import re

import tree

FUNCTION_MAX = 70
FILE_MAX = 500
# What may stand right above the signature of a function.
ABOVE = re.compile(r"$|\}|#|/\*| \*|.*;$")
NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\(")


def c_functions(lines):
    """(first line, name, lines) of each function.

    In the layout that lint.format keeps, only the body of a function has its braces in the first
    column; the signature is what stands above it without an empty line between.
    """
    opened = None
    for number, line in enumerate(lines):
        if line == "{":
            opened = number
            while opened > 0 and not ABOVE.match(lines[opened - 1]):
                opened -= 1
        elif line == "}" and opened is not None:
            match = NAME.search(" ".join(lines[opened:opened + 4]))
            yield opened + 1, match.group(1) if match else "?", number - opened + 1
            opened = None


def python_functions(lines):
    """The same for python."""
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.name, node.end_lineno - node.lineno + 1


def main():
    options = tree.parse(__doc__).parse_args()
    problems = []
    files = tree.c_files(options.root) + tree.scripts(options.root)
    for path in files:
        lines = tree.lines(options.root, path)
        if len(lines) > FILE_MAX:
            problems.append(f"{path}: {len(lines)} lines, more than {FILE_MAX}")
        finder = {".c": c_functions, ".h": c_functions, ".py": python_functions}.get(
            os.path.splitext(path)[1])
        for number, name, length in finder(lines) if finder else ():
            if length > FUNCTION_MAX:
                problems.append(f"{path}:{number}: {name}() has {length} lines, "
                                f"more than {FUNCTION_MAX}")
    tree.finish("sizes", problems, len(files))


if __name__ == "__main__":
    main()
