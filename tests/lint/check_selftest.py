# SPDX-License-Identifier: MIT
"""lint.selftest: docs/selftest.md lists the cases of `userns-repro selftest --list`, and names no
others.

With --write the list is made anew.
"""
import fnmatch
import json
import os
import re
import subprocess

import tree

PAGE = os.path.join("docs", "selftest.md")
MARKS = "the list of --list: begin", "the list of --list: end"
STARTED_AS = {"caller": "the caller", "ordinary": "nobody", "root": "root", "inside": "inside"}


def cases(program):
    """The cases, each once, with the file systems that it is tried on."""
    text = subprocess.run([program, "selftest", "--list", "--json"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    found = {}
    for case in json.loads(text)["cases"]:
        name, _, filesystem = case["name"].partition("@")
        found.setdefault(name, (case, []))[1].append(filesystem)
    return found


def rows(program):
    """The page's tables, a group each."""
    result = []
    group = None
    for name, (case, filesystems) in cases(program).items():
        if case["group"] != group:
            group = case["group"]
            result += ["", f"### {group}", "", "| case | what is promised | where that stands "
                       "| since | begins as |", "|---|---|---|---|---|"]
        where = ", ".join(filter(None, filesystems))
        result.append(f"| `{name.partition('.')[2]}`{' on ' + where if where else ''} "
                      f"| {case['promise']} | {case['source']} | {case.get('since', '')} "
                      f"| {STARTED_AS[case['as']]}{' (root only)' * case['needs_root']} |")
    return result[1:]


def strangers(lines, names):
    """Where the page names a case, or by a glob several, and there is none: problems."""
    groups = {name.partition(".")[0] for name in names}
    named = re.findall(r"`([a-z]+)\.([a-z0-9@*-]+)`", "\n".join(lines))
    return [f"{PAGE}: there is no case {group}.{case}" for group, case in named
            if group in groups and not fnmatch.filter(names, f"{group}.{case.partition('@')[0]}")]


def main():
    parser = tree.parse_page(__doc__)
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    listed = rows(options.program)
    problems = tree.check_list(options, PAGE, MARKS, listed)
    problems += strangers(tree.lines(options.root, PAGE), list(cases(options.program)))
    tree.finish("selftest", problems, len(listed))


if __name__ == "__main__":
    main()
