# SPDX-License-Identifier: MIT
"""lint.checks: every check passes a good example and fails a bad one with the right words."""
import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TAG = "SPDX-License-Identifier: MIT"
OPENING = f"/* {TAG} */\n/* An example that serves this test. */\n"
SCRIPT_OPENING = f"# {TAG}\n# An example that serves this test.\n"


def long_function(lines):
    """A C function with a body of so many lines."""
    return OPENING + "\nint f(void);\nint f(void)\n{\n" + "\tg();\n" * lines + "}\n"


class Case(unittest.TestCase):
    """A small tree and one check over it."""

    def check(self, script, files, *arguments, executable=("bootstrap",)):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
                os.chmod(full, 0o755 if path in executable else 0o644)
            command = [sys.executable, os.path.join(HERE, script), "--root", root, *arguments]
            return subprocess.run(command, text=True, stdout=subprocess.PIPE, check=False,
                                  stderr=subprocess.STDOUT)

    def good(self, script, files, *arguments):
        run = self.check(script, files, *arguments)
        self.assertEqual(run.returncode, 0, run.stdout)

    def bad(self, words, script, files, *arguments):
        run = self.check(script, files, *arguments)
        self.assertIn(words, run.stdout)
        self.assertEqual(run.returncode, 1, run.stdout)


@contextlib.contextmanager
def program_that_prints(text):
    """The path of a program that does nothing else; printf(1) has its say."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nprintf '{text}'\n")
        os.chmod(path, 0o755)
        yield path


class Filter(Case):
    SOURCE = OPENING + ("static const char *const reading[] = { \"read\", \"lseek\", NULL };\n"
                        "static const struct unr_filter_group groups[] = {\n"
                        "\t{ \"reading\", reading },\n};\n")
    PAGE = ("# Page\n<!-- the list of filter.c: begin -->\n\n| for | system calls |\n|---|---|\n"
            "| reading | `lseek`, `read` |\n\n<!-- the list of filter.c: end -->\n")

    def files(self, page):
        return {"harness/src/userns/filter.c": self.SOURCE, "docs/security.md": page}

    def test_good(self):
        self.good("check_filter.py", self.files(self.PAGE))
        self.good("check_filter.py", self.files(self.PAGE.replace("`lseek`, ", "")), "--write")

    def test_bad(self):
        for page in (self.PAGE.replace("`lseek`, ", ""), self.PAGE.replace("`read`", "`write`")):
            self.bad("filter.c is not up to date", "check_filter.py",
                     self.files(page))


class Includes(Case):
    def one(self, path, include):
        return {path: OPENING + f"#include {include}\n",
                "harness/src/tar/internal.h": OPENING}

    def test_good(self):
        for path, include in (("harness/src/tar/x.c", '"tar/tar.h"'),
                              ("harness/src/tar/x.c", '"internal.h"'),
                              ("harness/src/tar/x.c", "<stdio.h>"),
                              ("harness/src/image/x.c", "<jansson.h>"),
                              ("harness/src/run/x.c", '"unpack/unpack.h"'),
                              ("harness/cli/x.c", '"usernsrepro/run.h"'),
                              ("newuidmap-helpers/tests/userns/x.c", '"../maps.h"'),
                              ("tests/unit/tar/x.c", '"tar/tar.h"')):
            self.good("check_includes.py", self.one(path, include))

    def test_bad(self):
        for path, include, words in (
                ("harness/src/base/x.c", '"tar/tar.h"', "base may not include tar"),
                ("harness/src/tar/x.c", '"usernsrepro/idmap.h"', "tar may not include idmap"),
                ("harness/src/tar/x.c", "<archive.h>", "<archive.h> belongs to"),
                ("harness/src/tar/x.c", '"other.h"', "no header of this folder"),
                ("harness/src/tar/x.c", '"../run/run.h"', "leads out of tar"),
                ("harness/src/tar/x.c", '"usernsrepro/new.h"', "say whose header it is"),
                ("harness/src/new/x.c", "<stdio.h>", "new is not in includes.rules"),
                ("harness/cli/x.c", '"base/text.h"', "public headers only"),
                ("harness/cli/x.c", "<jansson.h>", "<jansson.h> belongs to"),
                ("newuidmap-helpers/src/x.c", '"report/report.h"', "idmap may not include report"),
                ("tests/unit/tar/x.c", '"unpack/unpack.h"', "tar may not include unpack")):
            self.bad(words, "check_includes.py", self.one(path, include))


class Sizes(Case):
    def test_good(self):
        self.good("check_sizes.py", {"a.c": long_function(67)})

    def test_bad(self):
        self.bad("f() has 71 lines", "check_sizes.py", {"a.c": long_function(68)})
        self.bad("501 lines", "check_sizes.py", {"a.h": "\n" * 501})
        body = "def f():\n" + "    g()\n" * 70
        self.bad("f() has 71 lines", "check_sizes.py", {"a.py": body})


class Openings(Case):
    def test_good(self):
        self.good("check_openings.py", {"a.c": OPENING, "b.cmake": SCRIPT_OPENING,
                                        "bootstrap": "#!/bin/sh\n" + SCRIPT_OPENING})

    def test_bad(self):
        for name, text, words in (
                ("a.c", "int x;\n", "first line"),
                ("a.c", f"/* {TAG} */\n\nint x;\n", "no comment"),
                ("a.c", f"/* {TAG} */\n/* Text. */\n", "too little"),
                ("a.py", "import os\n", "licence line"),
                (".ci/run", f"#!/bin/bash\n# {TAG}\nset -e\n", "no comment")):
            self.bad(words, "check_openings.py", {name: text})

    def test_not_executable(self):
        self.bad("cannot be executed", "check_openings.py", {"a.py": "#!/bin/sh\n" + SCRIPT_OPENING})


class Links(Case):
    def test_good(self):
        self.good("check_links.py", {
            "a.md": "[b](b/c.md#a-heading) [x](https://example.org) `[no](link)`\n",
            "b/c.md": "# A heading\n[up](../a.md)\n"})

    def test_bad(self):
        self.bad("gone.md does not exist", "check_links.py", {"a.md": "[b](gone.md)\n"})
        self.bad("no such heading", "check_links.py", {"a.md": "# One\n[b](#two)\n"})


class Sleep(Case):
    def test_good(self):
        self.good("check_sleep.py", {"tests/a.c": "poll_for(fd);\n"})

    def test_bad(self):
        for name, text in (("a.c", "\tusleep(10);\n"), ("a.py", "time.sleep(1)\n"),
                           ("a.sh", "sleep 2s\n")):
            self.bad("waits for time", "check_sleep.py", {"tests/" + name: text})


class Format(Case):
    def setUp(self):
        with open(os.path.join(HERE, "..", "..", ".clang-format"), encoding="utf-8") as file:
            self.rules = file.read()
        if not shutil.which("clang-format"):
            self.skipTest("no clang-format")

    def test_good(self):
        text = "int f(void)\n{\n\treturn (int) g();\n}\n"
        self.good("check_format.py", {".clang-format": self.rules, "a.c": text})

    def test_bad(self):
        text = "int f(void) {\n  return (int)g();\n}\n"
        self.bad("clang-format -i a.c", "check_format.py", {".clang-format": self.rules, "a.c": text})


class Symbols(Case):
    """Compiles its examples: the check reads object files."""

    def objects(self, source, folder="harness/CMakeFiles/x.dir/src/tar"):
        with tempfile.TemporaryDirectory() as work:
            path = os.path.join(work, folder, "x.c.o")
            os.makedirs(os.path.dirname(path))
            subprocess.run(["cc", "-fPIC", "-x", "c", "-c", "-o", path, "-"], input=source,
                           text=True, check=True)
            listing = os.path.join(work, "list")
            empty = os.path.join(work, "empty")
            with open(listing, "w", encoding="utf-8") as file:
                file.write(path + "\n")
            with open(empty, "w", encoding="utf-8"):
                pass
            return self.check("check_symbols.py", {}, "--library", listing, "--program", empty)

    def test_good(self):
        for source, folder in (
                ("int f(void); int f(void) { return 0; }", "harness/x.dir/src/tar"),
                ("static const char *const t[] = { \"a\" };"
                 "const char *f(int i); const char *f(int i) { return t[i]; }", "harness/x/src/tar"),
                ("void _exit(int); void f(void) { _exit(1); }", "harness/x.dir/src/userns")):
            run = self.objects(source, folder)
            self.assertEqual(run.returncode, 0, run.stdout)

    def test_bad(self):
        for source, words in (
                ("int printf(const char *, ...); void f(int i) { printf(\"%d\", i); }", "printf"),
                ("#include <stdio.h>\nvoid f(void) { fputs(\"x\", stderr); }", "stderr"),
                ("#include <stdlib.h>\nvoid f(void) { exit(1); }", "must not use exit"),
                ("void _exit(int); void f(void) { _exit(1); }", "must not use _exit"),
                ("static int n; int f(void); int f(void) { return n++; }", "n is mutable"),
                ("int f(void) { static int n = 1; return n++; }", "is mutable"),
                ("_Thread_local int n;", "n is mutable")):
            run = self.objects(source)
            self.assertIn(words, run.stdout)
            self.assertEqual(run.returncode, 1, run.stdout)


class Man(Case):
    PAGE = ".TH X 1\n.SS run\n.TP\n.B \\-\\-verbose\nlists all; docker has \\-\\-userns\\-remap\n"

    def test_good(self):
        self.man(0, "", "run --verbose\\n")

    def test_bad(self):
        self.man(1, "--quiet is not defined", "run --verbose\\nrun --quiet\\n")
        self.man(1, "--verbose is no option", "run --other\\n")
        self.man(1, "command fix is not mentioned", "fix --verbose\\n")

    def man(self, status, words, dump):
        with program_that_prints(dump) as program:
            run = self.check("check_man.py", {"harness/man/userns-repro.1": self.PAGE},
                             "--program", program)
        self.assertIn(words, run.stdout)
        self.assertEqual(run.returncode, status, run.stdout)


class Selftest(Case):
    LIST = ('{"cases": [{"name": "a.b@ext4", "group": "a", "promise": "P.", "source": "m(7)", '
            '"since": "5.1", "as": "root", "needs_root": false}, {"name": "a.b@xfs", '
            '"group": "a", "promise": "P.", "source": "m(7)", "as": "root", "needs_root": false}]}')
    PAGE = ("# Page\n<!-- the list of --list: begin -->\n\n### a\n\n| case | what is promised | "
            "where that stands | since | begins as |\n|---|---|---|---|---|\n"
            "| `b` on ext4, xfs | P. | m(7) | 5.1 | root |\n\n<!-- the list of --list: end -->\n")

    KERNELS = "# Kernels\n| `a.b@ext4` P. (m(7)) | ok |\n| `a.b@xfs` P. | - (1) |\n| `lint.x` | ok |\n"

    def try_page(self, judge, page, *arguments, kernels=KERNELS):
        with program_that_prints(self.LIST) as program:
            judge("check_selftest.py", {"docs/selftest.md": page, "docs/kernels.md": kernels},
                  "--program", program, *arguments)

    def test_good(self):
        self.try_page(self.good, self.PAGE)
        self.try_page(self.good, self.PAGE.replace("5.1", "5.2"), "--write")

    def test_names(self):
        self.try_page(self.good, self.PAGE + "`a.b`, `a.*`, `a.b@ext4`, `lint.x`\n")
        self.try_page(functools.partial(self.bad, "no case a.c"), self.PAGE + "`a.c`\n")
        self.try_page(functools.partial(self.bad, "no case a.c-*"), self.PAGE + "`a.c-*`\n")

    def test_kernels(self):
        for old, new, words in (("a.b@xfs", "lint.y", "nothing of a.b@xfs"),
                                ("`a.b@xfs`", "`a.b@xfs` |\n| `a.c`", "there is no case a.c")):
            self.try_page(functools.partial(self.bad, words), self.PAGE,
                          kernels=self.KERNELS.replace(old, new))

    def test_bad(self):
        def judge(*arguments):
            self.bad("is not up to date", *arguments)

        for word in ("5.1", "`b`", "xfs", "P."):
            self.try_page(judge, self.PAGE.replace(word, "x"))


if __name__ == "__main__":
    unittest.main()
