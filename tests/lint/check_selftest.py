# SPDX-License-Identifier: MIT
"""lint.selftest: docs/selftest.md lists the cases of `userns-repro selftest --list`, and names no
others; docs/kernels.md has a row for each of them.

With --write the list is made anew; the rows come from kernels, by vagrant/kernels/run.
"""
import fnmatch
import json
import os
import re
import subprocess

import tree

PAGE = os.path.join("docs", "selftest.md")
KERNELS = os.path.join("docs", "kernels.md")
MARKS = "the list of --list: begin", "the list of --list: end"
STARTED_AS = {"caller": "the caller", "ordinary": "nobody", "root": "root", "inside": "inside"}


def tests(program):
    """What is run: each case, once a file system."""
    text = subprocess.run([program, "selftest", "--list", "--json"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return json.loads(text)["cases"]


def cases(program):
    """The cases, each once, with the file systems that it is tried on."""
    found = {}
    for case in tests(program):
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


def kernels(lines, names):
    """What the page of kernels was not asked for, and what is no more: problems."""
    groups = {name.partition(".")[0] for name in names}
    rows_there = {match.group(1) for match in (re.match(r"\| `([a-z]+\.[^`]+)`", line)
                                               for line in lines) if match}
    there = {name for name in rows_there if name.partition(".")[0] in groups}
    return [f"{KERNELS}: {'nothing of' if name in names else 'there is no case'} {name}; "
            "vagrant/kernels/run --doc makes it anew" for name in sorted(there ^ names)]


def main():
    parser = tree.parse_page(__doc__)
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    listed = rows(options.program)
    problems = tree.check_list(options, PAGE, MARKS, listed)
    problems += strangers(tree.lines(options.root, PAGE), list(cases(options.program)))
    problems += kernels(tree.lines(options.root, KERNELS),
                        {case["name"] for case in tests(options.program)})
    tree.finish("selftest", problems, len(listed))


if __name__ == "__main__":
    main()
