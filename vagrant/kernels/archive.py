# SPDX-License-Identifier: MIT
"""Debian's kernels, found and fetched by apt from the mirrors that this system uses.

apt gets a state of its own, so the suites below are neither added to the system's nor installed
from.  Nothing is pinned: a mirror keeps few versions, and which ones is asked each time.
"""
import collections
import os
import re
import subprocess

# In which suites a line of kernels lives; the newest of a line is what counts.
SUITES = ("bullseye-security", "bookworm-security", "trixie-security", "trixie-backports")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ARCHITECTURE = "amd64"
# Since 6.19 linux-image-X is empty, and what was in it is in the others.
PARTS = ("linux-image-", "linux-binary-", "linux-modules-")

Release = collections.namedtuple("Release", "name version suite")


class Unavailable(Exception):
    """This system has no apt, or no mirror of Debian."""


def system_mirrors():
    """Where this system fetches Debian from: by label, "Debian" and "Debian-Security"."""
    form = "$(ORIGIN)|$(LABEL)|$(REPO_URI)"
    try:
        lines = subprocess.run(
            ["apt-get", "indextargets", "--format", form, "Created-By: Packages"], check=True,
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"apt does not tell its mirrors: {error}") from error
    fields = (line.split("|") for line in lines)
    found = {label: uri for origin, label, uri in fields if origin == "Debian"}
    if not found:
        raise Unavailable("apt has no package list of Debian (is 'apt-get update' due?)")
    return found


def version_key(version):
    """Numbers in a version, to sort by; good enough between versions of one package."""
    return [int(number) for number in re.findall(r"\d+", version)]


class Archive:
    """A private apt below a folder."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        for name in ("state/lists/partial", "cache/archives/partial", "etc"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        self._write("status", "")
        self._write("etc/sources.list", "".join(self._sources(system_mirrors())))
        self._write("apt.conf", f'''
            APT::Architecture "{ARCHITECTURE}";
            APT::Architectures {{ "{ARCHITECTURE}"; }};
            APT::Sandbox::User "";
            Acquire::Languages "none";
            Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
            Dir::State "{self.folder}/state";
            Dir::State::status "{self.folder}/status";
            Dir::Cache "{self.folder}/cache";
            Dir::Etc::sourcelist "{self.folder}/etc/sources.list";
            Dir::Etc::sourceparts "/dev/null";
            Dir::Etc::preferences "/dev/null";
            Dir::Etc::preferencesparts "/dev/null";
        ''')

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write(text)

    @staticmethod
    def _sources(mirrors):
        signed = f"[signed-by={KEYRING}] " if os.path.exists(KEYRING) else ""
        for suite in SUITES:
            label = "Debian-Security" if suite.endswith("-security") else "Debian"
            if label in mirrors:
                yield f"deb {signed}{mirrors[label]} {suite} main\n"

    def _apt(self, *words, check=True, **options):
        env = dict(os.environ, APT_CONFIG=os.path.join(self.folder, "apt.conf"), LC_ALL="C.UTF-8")
        return subprocess.run(words, env=env, check=check, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              **options)

    def update(self):
        """Fetch the lists; what could not be fetched is returned as apt's complaints."""
        done = self._apt("apt-get", "-q", "update", check=False)
        return [line for line in done.stdout.splitlines() if line.startswith(("E:", "W:"))]

    def _names(self):
        return set(self._apt("apt-cache", "pkgnames", "linux-").stdout.split())

    def releases(self, flavour):
        """All releases of a flavour, the newest first."""
        pattern = re.compile(rf"linux-image-(\d+\.\d+\.\d+[^-]*(?:-\d+)?-{re.escape(flavour)})")
        names = [name for name in self._names() if pattern.fullmatch(name)]
        found = []
        for line in self._apt("apt-cache", "madison", *names).stdout.splitlines() if names else []:
            name, version, where = (part.strip() for part in line.split("|"))
            suite = where.split()[1].partition("/")[0]
            found.append(Release(name[len("linux-image-"):], version, suite))
        return sorted(found, key=lambda release: version_key(release.version), reverse=True)

    def fetch(self, release, folder):
        """Download what a release is made of; returns the paths of the packages."""
        names = self._names()
        parts = [part + release.name for part in PARTS if part + release.name in names]
        self._apt("apt-get", "-q", "download", *(f"{part}={release.version}" for part in parts),
                  cwd=folder)
        return sorted(os.path.join(folder, name) for name in os.listdir(folder)
                      if name.endswith(".deb"))
