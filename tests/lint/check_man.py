# SPDX-License-Identifier: MIT
"""lint.man: the manual page has the options and commands of the program, and no others."""
import os
import re
import subprocess
import sys

import tree

# Where man(7) and mdoc(7) define an option: the tag of a list item, not running text.
TAG_BEFORE = re.compile(r"^\.(TP|TQ)\b")
ITEM = re.compile(r"^\.It\b")
OPTION = re.compile(r"--([a-z][a-z0-9-]*)")


def page_options(lines):
    """Long options that the page defines."""
    found = set()
    is_tag = False
    for line in lines:
        text = line.replace("\\-", "-").replace("Fl -", "--")
        if is_tag or ITEM.match(line):
            found.update(OPTION.findall(text))
        is_tag = bool(TAG_BEFORE.match(line))
    return found


def program_options(program):
    """(long options, commands) as the program's own tables have them."""
    dump = subprocess.run([program, "--dump-options"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    options = set()
    commands = set()
    for line in dump.splitlines():
        command, _, option = line.rpartition(" ")
        if not option.startswith("--"):
            sys.exit(f"man: --dump-options printed a line that is not COMMAND --long: {line!r}")
        options.add(option[2:])
        if command:
            commands.add(command)
    return options, commands


def main():
    parser = tree.parse(__doc__)
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    page = os.path.join("harness", "man", "userns-repro.1")
    lines = tree.lines(options.root, page)
    text = "\n".join(lines).replace("\\-", "-")
    known, commands = program_options(options.program)
    listed = page_options(lines)
    problems = [f"{page}: --{name} is not defined" for name in sorted(known - listed)]
    problems += [f"{page}: --{name} is no option of the program" for name in sorted(listed - known)]
    problems += [f"{page}: the command {name} is not mentioned" for name in sorted(commands)
                 if not re.search(rf"\b{re.escape(name)}\b", text)]
    tree.finish("man", problems, len(known))


if __name__ == "__main__":
    main()
