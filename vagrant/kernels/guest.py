# SPDX-License-Identifier: MIT
"""What runs in a guest: the program's own tests of the kernel, and ctests by label.

Root runs all of them, an ordinary user with subordinate ranges those without the label "privileged".
"""
import collections
import json
import os
import shutil
import subprocess

from initramfs import Initramfs

LABELS, PRIVILEGED = r"^(userns|privileged)$", "privileged"
# What takes more than a kernel: a network, a registry.
LEFT_OUT = r"^(real|registry)$"
# What the python tests need of the source.
SOURCES = ("scenarios", "tests/support", "tests/cli", "tests/userns")
TOOLS = ("true", "false", "ls", "newuidmap", "newgidmap")
# Without one of these, cases of the selftest are skipped.
FILE_SYSTEMS = ("mkfs.ext4", "mkfs.xfs", "mkfs.btrfs", "mkfs.vfat")
# Parts of python's library that no test needs, and what is compiled for other ways to run.
UNUSED = ("test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "pydoc_data",
          "site-packages", "dist-packages", "config-.*", r".*\.opt-\d\.pyc", "_test.*", "_tkinter.*")
USERS = {"root": 0, "user": 1000}
# Time limits are for this machine, and a guest may be emulated.
SELFTEST_SECONDS = 600
TIMEOUT_FACTOR = 5
FILES = {
    "/etc/passwd": "root:x:0:0::/root:/bin/false\nuser:x:1000:1000::/tmp:/bin/false\n",
    "/etc/group": "root:x:0:\nuser:x:1000:\n",
    "/etc/subuid": "user:100000:65536\n",
    "/etc/subgid": "user:100000:65536\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

Test = collections.namedtuple("Test", "name user seconds folder command")


class Plan:
    """The tests of a build folder, and what they need."""

    def __init__(self, build, names=".*", with_python=False):
        done = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1", "-L", LABELS,
                               "-LE", LEFT_OUT, "-R", names], stdout=subprocess.PIPE, check=True)
        self._ctests = [test for test in json.loads(done.stdout)["tests"]
                        if with_python or not _is_python(test["command"][0])]
        self.program = os.path.join(os.path.abspath(build), "userns-repro")
        self.init = os.path.join(os.path.abspath(build), "vagrant/kernels/init")
        self.environment = self._environment()

    def _environment(self):
        merged = {"PATH": PATH}
        for test in self._ctests:
            merged.update(pair.split("=", 1) for pair in _property(test, "ENVIRONMENT"))
        return merged

    def tests(self):
        """All, for each user."""
        for user in USERS:
            yield Test(f"selftest as {user}", user, SELFTEST_SECONDS, "/",
                       [self.program, "selftest"])
            for test in self._ctests:
                if user != "root" and PRIVILEGED in _property(test, "LABELS"):
                    continue
                seconds = TIMEOUT_FACTOR * int(_property(test, "TIMEOUT"))
                yield Test(f"{test['name']} as {user}", user, seconds,
                           _property(test, "WORKING_DIRECTORY"), test["command"])

    def pack(self):
        """The part of the initramfs that does not depend on the kernel."""
        content = Initramfs()
        content.merged_folders()
        content.program(self.init, "/init")
        content.program(self.program)
        for name in (*TOOLS, *filter(shutil.which, FILE_SYSTEMS)):
            content.program(name)
        for path, text in FILES.items():
            content.text(path, text)
        content.directory("/root")
        for path in ("/tmp", "/var/tmp"):
            content.directory(path, 0o1777)
        self._pack_tests(content)
        content.text("/environment",
                     "".join(f"{name}={value}\n" for name, value in self.environment.items()))
        return content

    def _pack_tests(self, content):
        source = self.environment["UNR_SOURCE_DIR"]
        for folder in SOURCES:
            content.tree(os.path.join(source, folder), ("__pycache__",))
        content.tree(self.environment["UNR_HELPER_DIR"])
        content.program(self.environment["UNR_WITHOUT"])
        for command in {test["command"][0] for test in self._ctests}:
            if _is_python(command):
                _pack_python(content, command)
            else:
                content.program(command)


def _is_python(command):
    return os.path.basename(command).startswith("python")


def _property(test, name):
    return next(entry["value"] for entry in test["properties"] if entry["name"] == name)


def _pack_python(content, command):
    ask = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    done = subprocess.run([command, "-c", ask], stdout=subprocess.PIPE, check=True, text=True)
    content.program(command)
    content.tree(done.stdout.strip(), UNUSED)


def plan_lines(tests):
    """As init.c reads them."""
    tests = list(tests)
    rows = [[test.name, str(USERS[test.user]), str(test.seconds), test.folder, *test.command]
            for test in tests]
    return "\n".join([str(len(tests)), *("\t".join(row) for row in rows), ""])
