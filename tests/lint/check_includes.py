# SPDX-License-Identifier: MIT
"""lint.includes: who may include whom, by includes.rules."""
import os
import re

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "includes.rules")


def read_rules(path):
    """{section: {left: set of right}}"""
    rules = {}
    section = None
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.partition("#")[0].strip()
            if line.startswith("["):
                section = rules.setdefault(line.strip("[]"), {})
            elif line:
                left, _, right = line.partition(":")
                section[left.strip()] = set(right.split())
    return rules


def module_of(path):
    """(module, is a test of it) for a file; module is None where no rule applies."""
    part = path.split(os.sep)
    if part[:2] == ["harness", "src"]:
        return part[2], False
    if part[:2] == ["harness", "cli"]:
        return "cli", False
    if part[:2] == ["harness", "include"]:
        return "public", False
    if part[0] == "newuidmap-helpers":
        return ("idmap", True) if part[1] == "tests" else ("idmap", False)
    if part[:2] == ["tests", "unit"]:
        return part[2], True
    if part[:2] == ["tests", "support"]:
        return "support", True
    return None, True


class Checker:
    """One include at a time against the rules."""

    def __init__(self, root, rules):
        self.root = root
        self.modules = rules["modules"]
        self.public = rules["public"]
        self.external = rules["external"]

    def is_local(self, path, name):
        """A header beside the file, or one of the tests' support."""
        folders = [os.path.dirname(path)]
        if path.startswith("tests") or module_of(path)[1]:
            folders += ["tests/support", "newuidmap-helpers/src", "newuidmap-helpers/tests"]
        return any(os.path.exists(os.path.join(self.root, f, name)) for f in folders)

    def allowed(self, module, is_test):
        """Modules that a file may include; a test of unknown module sees all."""
        if module is None or module in ("public", "support", "cli") or (
                is_test and module not in self.modules):
            return set(self.modules)
        return self.modules[module] | {module}

    def external_problem(self, module, is_test, name):
        """Libraries are known in one place; a test may look at what its module uses."""
        for prefix, owners in self.external.items():
            matches = name.startswith(prefix) if prefix.endswith("/") else name == prefix
            if matches and module not in owners and not (is_test and module in (None, "support")):
                return f"<{name}> belongs to {' '.join(sorted(owners))} alone"
        return None

    def own_problem(self, path, module, is_test, name):
        """Headers of the project."""
        first, _, rest = name.partition("/")
        if first in (".", ".."):
            target = os.path.normpath(os.path.join(os.path.dirname(path), name))
            return None if module_of(target)[0] == module else f'"{name}" leads out of {module}'
        if first == "usernsrepro":
            if rest not in self.public:
                return f'"{name}" is not in includes.rules: say whose header it is'
            owner = next(iter(self.public[rest]))
        elif not rest:
            return None if self.is_local(path, name) else f'"{name}" is no header of this folder'
        elif module == "cli":
            return f'"{name}": the program includes public headers only'
        else:
            owner = first
        if owner not in self.allowed(module, is_test):
            return f'"{name}": {module} may not include {owner}'
        return None

    def problem(self, path, bracket, name):
        """What is wrong with one include of a file, or None."""
        module, is_test = module_of(path)
        if not is_test and module not in self.modules and module not in ("cli", "public"):
            return f"the folder {module} is not in includes.rules"
        if bracket == "<":
            return self.external_problem(module, is_test, name)
        return self.own_problem(path, module, is_test, name)


def main():
    options = tree.parse(__doc__).parse_args()
    checker = Checker(options.root, read_rules(RULES))
    problems = []
    files = tree.c_files(options.root)
    for path in files:
        for number, line in enumerate(tree.lines(options.root, path), 1):
            match = INCLUDE.match(line)
            text = checker.problem(path, *match.groups()) if match else None
            if text:
                problems.append(f"{path}:{number}: {text}")
    tree.finish("includes", problems, len(files))


if __name__ == "__main__":
    main()
