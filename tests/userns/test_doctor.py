# SPDX-License-Identifier: MIT
"""userns-repro doctor, on hosts that are made for it: what it finds, what it advises, and that a
run says the same."""
import json
import os
import shutil
import stat
import subprocess
import unittest

from someone import (AS_ROOT, CLONE_NEWUSER, GROUP, HELPERS, MS_BIND, MS_REMOUNT, NAME, ORDINARY,
                     PR_SET_DUMPABLE, USER, Someone, call, cover, needs_root, programtest, put,
                     unrtest, unshare_mounts)

MS_RDONLY = 1
MNT_DETACH = 2
NAMES = ["kernel", "proc", "namespaces", "limit", "clone-switch", "apparmor", "selinux", "seccomp",
         "no-new-privs", "newuidmap", "newgidmap", "subuid", "subgid", "overlap", "map-direct",
         "map-newuidmap", "map-self", "root", "tmpfs", "chown", "overlay", "sandbox", "dockremap",
         "run"]
WITHOUT = shutil.which(unrtest.WITHOUT)
ENDS = "run, scenario run: end with status 77"
ONE_ID = "run: maps id 0 only"


class DoctorTest(Someone):
    """Asks the doctor as somebody."""

    def ask(self, **environment):
        """The checks by name, from the JSON; the text must tell the same."""
        return self.judge(*(self.run_as("doctor", *words, **environment)
                            for words in ([], ["--json"])))

    def judge(self, text, report):
        for result in (text, report):
            self.assertEqual(result.stderr, "")
        document = json.loads(report.stdout)
        self.assertEqual((document["version"], document["tool"]["name"]), (1, "userns-repro"))
        self.assertEqual(document["host"]["kernel"], os.uname().release)
        self.assertEqual([check["name"] for check in document["checks"]], NAMES)
        checks = {check["name"]: check for check in document["checks"]}
        status = 0 if document["can_run"] else 77
        self.assertEqual((text.returncode, report.returncode), (status, status))
        self.assertEqual(checks["run"]["health"], "ok" if document["can_run"] else "missing")
        self.assert_text(text.stdout, document["checks"], document["can_run"])
        return checks

    def assert_text(self, text, checks, can_run):
        """Every line of the text, from the JSON."""
        rest = text
        counts = {"ok": 0, "degraded": 0, "missing": 0}
        for check in checks:
            counts[check["health"]] += 1
            self.assertEqual(check["health"] == "ok", "means" not in check, check)
            self.assertTrue(check["health"] != "ok" or "remedy" not in check, check)
            head = f"{check['health']:10}{check['name']:14}"
            words = [head.split(), check["found"].split(), check.get("means", "").split()]
            self.assertTrue(rest.startswith(head), rest[:80])
            for word in sum(words, []):
                rest = rest.lstrip()
                self.assertTrue(rest.startswith(word), (word, rest[:80]))
                rest = rest[len(word):]
            if "remedy" in check:
                line = f"\n          -> {check['remedy']}"
                self.assertTrue(rest.startswith(line), (line, rest[:80]))
                rest = rest[len(line):]
            rest = rest[1:]
        works = "works" if can_run else "does not work"
        self.assertEqual(rest, f"\n{counts['ok']} ok, {counts['degraded']} degraded, "
                               f"{counts['missing']} missing: run {works} on this host\n")
        for line in text.splitlines():
            self.assertTrue(len(line) <= 80 or line.startswith("          -> "), line)

    def assert_check(self, checks, name, health, found, means=None, remedy=None):
        check = checks[name]
        self.assertEqual(check["health"], health, check)
        self.assertIn(found, check["found"])
        if means is not None:
            self.assertTrue(check["means"].startswith(means), check)
        if remedy is not None:
            self.assertEqual(check["remedy"], remedy)

    def assert_run_says(self, check, **environment):
        """A run ends with 77, and these words."""
        result = self.run_as("run", "tar:" + self.write("layer.tar", ORDINARY), **environment)
        self.assert_error(result, 77, check["found"], check["remedy"])

    def assert_note_says(self, check, **environment):
        """A run with one id notes these words."""
        note = self.report(status=1, **environment)["map_note"]
        self.assertIn(check["found"], note)
        self.assertIn(check["remedy"], note)


class Whoever(DoctorTest):
    """For whoever runs the tests."""

    def become(self):
        pass

    def test_it_tells_what_a_run_does(self):
        checks = self.ask()
        result = self.run_as("run", "tar:" + self.write("layer.tar", ORDINARY))
        self.assertEqual(checks["run"]["health"] == "ok", result.returncode == 0)
        for name in ("kernel", "proc", "namespaces", "map-self", "root", "tmpfs", "sandbox"):
            self.assert_check(checks, name, "ok", "")

    def test_wrong_words(self):
        self.assert_error(self.run_as("doctor", "me"), 2, "'me' is one word too many")
        self.assert_error(self.run_as("doctor", "--yaml"), 2, "--yaml")

    def test_standard_output_is_full(self):
        for words in ([], ["--json"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                result = subprocess.run([unrtest.PROGRAM, "doctor", *words], stdout=full,
                                        stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(result.returncode, 3)
            self.assert_one_line(result, "standard output", "No space left")

    @needs_root("is about root")
    def test_root_needs_nobody(self):
        checks = self.ask(PATH="/nonexistent")
        self.assert_check(checks, "newuidmap", "ok", "is not on PATH; root does without it")
        self.assert_check(checks, "map-direct", "ok", "written: 65,536 uids, 65,536 gids")
        self.assert_check(checks, "map-newuidmap", "ok", "not for this user, who needs it not: ")
        self.assert_check(checks, "map-self", "ok", "written: 1 uid, 1 gid")
        self.assert_check(checks, "run", "ok", "works, with 65,536 ids mapped directly")


@needs_root("sets up the user database of a mount namespace")
@unittest.skipUnless(all(map(shutil.which, HELPERS)), "needs newuidmap and newgidmap")
class Ranges(DoctorTest):
    """What is granted to an ordinary user."""

    def test_enough(self):
        self.ranges([(300000, 65536)])
        checks = self.ask()
        self.assert_check(checks, "subuid", "ok", f"{NAME} has 65,536 ids: 300000-365535 (files)")
        self.assert_check(checks, "overlap", "ok", "nobody else")
        self.assert_check(checks, "newuidmap", "ok", "/newuidmap, setuid root")
        self.assert_check(checks, "map-direct", "ok", "who needs it not: not root")
        self.assert_check(checks, "map-newuidmap", "ok", "written: 65,536 uids, 65,536 gids")
        self.assert_check(checks, "run", "ok", "works, with 65,536 ids mapped through newuidmap")

    def test_none(self):
        self.ranges([])
        checks = self.ask()
        for name, kind in (("subuid", "uid"), ("subgid", "gid")):
            self.assert_check(checks, name, "degraded",
                              f"{NAME} may map 0 of the 65,536 {kind}s that are needed",
                              ONE_ID, f"usermod --add-sub{kind}s 100000-165535 {NAME}")
        self.assert_check(checks, "map-newuidmap", "degraded", "may map 0 of the 65,536 uids",
                          ONE_ID, f"usermod --add-subuids 100000-165535 {NAME}")
        self.assert_check(checks, "run", "ok", "works, with 1 id mapped, the caller's own")
        self.assert_check(checks, "root", "ok", "its groups stay")
        self.assert_note_says(checks["map-newuidmap"])

    def test_the_command_mends_it(self):
        self.ranges([(100000, 65530)])
        remedy = self.ask()["map-newuidmap"]["remedy"]
        self.assertEqual(remedy, f"usermod --add-subuids 165530-165535 {NAME}")
        first, last = remedy.split()[2].split("-")
        self.ranges([(100000, 65530), (int(first), int(last) - int(first) + 1)])
        self.assert_check(self.ask(), "map-newuidmap", "ok", "written: 65,536 uids")

    def test_a_directory_server(self):
        self.ranges([])
        self.write("nsswitch.conf", b"passwd: files\nsubid: sss # by the server\n")
        checks = self.ask()
        self.assert_check(checks, "subuid", "degraded", f"{NAME} may map 0 of the 65,536", ONE_ID,
                          "have them granted by the server behind 'sss' in /etc/nsswitch.conf")

    def test_an_overlap(self):
        text = f"dockremap:100000:65536\n{NAME}:165535:65536\n"
        self.account(f"{NAME}:x:{USER}:{GROUP}::/nonexistent:/bin/false\n", text, text)
        checks = self.ask()
        self.assert_check(checks, "overlap", "degraded",
                          f"/etc/subuid: {NAME}:165535:65536 overlaps dockremap:100000:65536",
                          "run --rootfs: ",
                          "usermod --del-subuids 165535-231070 --add-subuids 231071-296606 "
                          + NAME)
        self.assert_check(checks, "dockremap", "ok",
                          "uids: 65,536 ids: 100000-165535 (/etc/subuid); "
                          "gids: 65,536 ids: 100000-165535 (/etc/subgid)")

    def test_files_that_may_not_be_read(self):
        self.ranges([(300000, 65536)])
        os.chmod(self.path("subgid"), 0)
        checks = self.ask()
        self.assert_check(checks, "subgid", "degraded", "/etc/subgid: Permission denied", ONE_ID)
        self.assert_check(checks, "overlap", "degraded", "open /etc/subgid: Permission denied",
                          "run --rootfs", "chmod a+r /etc/subgid")

    def test_a_user_without_a_name(self):
        self.account("", f"{USER}:300000:65536\n", f"{USER}:300000:65536\n")
        checks = self.ask()
        self.assert_check(checks, "subuid", "degraded", f"uid {USER} has no login name", ONE_ID,
                          f"useradd --uid {USER} NAME")
        self.assert_check(checks, "map-newuidmap", "degraded", f"uid {USER} has no login name")

    def test_dockremap(self):
        self.ranges([(100000, 65536)])
        checks = self.ask()
        self.assert_check(checks, "dockremap", "degraded",
                          "'dockremap' has no subordinate uids on this host, nor an account",
                          "run --profile docker",
                          "useradd --system dockremap && usermod --add-subuids 165536-231071 "
                          "--add-subgids 165536-231071 dockremap")
        result = self.run_as("run", "--profile", "docker",
                             "tar:" + self.write("layer.tar", ORDINARY))
        self.assert_error(result, 77, checks["dockremap"]["found"], checks["dockremap"]["remedy"])


@needs_root("sets up the user database of a mount namespace")
@unittest.skipUnless(all(map(shutil.which, HELPERS)), "needs newuidmap and newgidmap")
class Helpers(DoctorTest):
    """newuidmap and newgidmap that are of no use."""

    def setUp(self):
        super().setUp()
        self.ranges([(300000, 65536)])
        self.place = self.path("helpers")
        os.mkdir(self.place)

    def put_helpers(self, mode):
        for name in HELPERS:
            os.chmod(shutil.copy("/bin/false", os.path.join(self.place, name)), mode)
        return self.place

    def test_missing(self):
        checks = self.ask(PATH="/nonexistent")
        for name in HELPERS:
            self.assert_check(checks, name, "degraded", f"{name} is not on PATH", ONE_ID)
        self.assertIn(checks["newuidmap"]["remedy"].split()[0],
                      ("apt-get", "dnf", "zypper", "pacman", "apk", "install"))
        self.assert_note_says(checks["newuidmap"], PATH="/nonexistent")

    def test_not_setuid(self):
        path = self.put_helpers(0o755)
        checks = self.ask(PATH=path)
        self.assert_check(checks, "newgidmap", "degraded",
                          f"{path}/newgidmap is neither setuid root nor has file capabilities",
                          ONE_ID)
        self.assertIn(f" {path}/newgidmap", checks["newgidmap"]["remedy"])
        self.assert_note_says(checks["newuidmap"], PATH=path)

    def test_setuid_and_of_no_use(self):
        path = self.put_helpers(0o4755)
        checks = self.ask(PATH=path)
        self.assert_check(checks, "newuidmap", "ok", f"{path}/newuidmap, setuid root")
        self.assert_check(checks, "map-newuidmap", "degraded",
                          f"{path}/newuidmap ended with exit status 1", ONE_ID)

    def test_file_capabilities(self):
        for name, capability in zip(HELPERS, (7, 6)):
            path = shutil.copy(shutil.which(name), os.path.join(self.place, name))
            os.chmod(path, 0o755)
            # VFS_CAP_REVISION_2 with the effective bit; the set; nothing inheritable.
            os.setxattr(path, "security.capability",
                        (0x02000001).to_bytes(4, "little") + (1 << capability).to_bytes(4, "little")
                        + bytes(12))
        checks = self.ask(PATH=self.place)
        self.assert_check(checks, "newuidmap", "ok", "/newuidmap, with file capabilities")
        self.assert_check(checks, "map-newuidmap", "ok", "written: 65,536 uids")

    def test_no_new_privs(self):
        self.no_new_privs = True
        checks = self.ask()
        self.assert_check(checks, "no-new-privs", "degraded", "no_new_privs is on", ONE_ID)
        self.assert_check(checks, "newuidmap", "degraded", "no_new_privs", ONE_ID)
        self.assertIn("allowPrivilegeEscalation", checks["newuidmap"]["remedy"])
        self.assert_note_says(checks["newuidmap"])


class Surroundings(DoctorTest):
    """Filters, limits and mounts, in namespaces of the test."""

    def setUp(self):
        super().setUp()
        self.prepare = lambda: None

    def become(self):
        self.prepare()

    def ask_without(self, calls):
        words = [[calls, "--", self.program, "doctor", *more] for more in ([], ["--json"])]
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        env = self.environment(ASAN_OPTIONS=options)
        return self.judge(*(self.run_program(*line, program=WITHOUT, env=env) for line in words))

    @unittest.skipUnless(WITHOUT, "needs unr-without; run it by ctest")
    def test_a_filter_against_namespaces(self):
        checks = self.ask_without("userns")
        self.assert_check(checks, "namespaces", "missing",
                          "cannot create a user namespace: Operation not permitted: a seccomp "
                          "filter is in force", ENDS,
                          "start the surrounding container with --security-opt "
                          "seccomp=unconfined, or run this outside of it")
        self.assert_check(checks, "seccomp", "missing", "a seccomp filter is in force", ENDS)
        for name in ("root", "tmpfs", "overlay", "sandbox", "run", "map-self"):
            self.assertNotEqual(checks[name]["health"], "ok")
        result = self.run_program("userns", "--", unrtest.PROGRAM, "run", "tar:" + self.write(
            "layer.tar", ORDINARY), program=WITHOUT)
        self.assert_error(result, 77, checks["namespaces"]["found"],
                          checks["namespaces"]["remedy"])

    @unittest.skipUnless(WITHOUT, "needs unr-without; run it by ctest")
    def test_filters_against_steps(self):
        for calls, bad, words in (
                ("mount=EPERM", "tmpfs", "cannot make mounts private inside"),
                ("mount=EACCES", "tmpfs", "an AppArmor profile forbids it"),
                ("setresuid=EPERM", "root", "cannot become root inside the user namespace"),
                ("fchown=EPERM", "chown", "cannot change an owner inside the user namespace"),
                ("capset=EPERM", "sandbox", "give up capabilities")):
            with self.subTest(calls):
                checks = self.ask_without(calls)
                health = "degraded" if bad == "chown" else "missing"
                self.assert_check(checks, bad, health, words)
                self.assertEqual(checks["run"]["health"], "ok" if bad == "chown" else "missing")

    @unittest.skipUnless(WITHOUT, "needs unr-without; run it by ctest")
    def test_a_filter_that_lets_it_be(self):
        checks = self.ask_without("acct")
        self.assert_check(checks, "seccomp", "ok",
                          "a seccomp filter is in force, and allows what was tried")

    def limit(self):
        """In the child: no user namespace may be made below this one."""
        uid, gid = os.geteuid(), os.getegid()
        call("unshare", CLONE_NEWUSER)
        for name, text in (("self/setgroups", "deny"), ("self/uid_map", f"0 {uid} 1"),
                           ("self/gid_map", f"0 {gid} 1"),
                           ("sys/user/max_user_namespaces", "0")):
            put("/proc/" + name, text)

    def test_the_limit(self):
        self.prepare = self.limit
        checks = self.ask()
        self.assert_check(checks, "limit", "missing", "user.max_user_namespaces is 0", ENDS,
                          "sysctl -w user.max_user_namespaces=15000")
        self.assert_check(checks, "namespaces", "missing",
                          "cannot create a user namespace: No space left on device: "
                          "user.max_user_namespaces is 0", ENDS,
                          "sysctl -w user.max_user_namespaces=15000")
        self.assert_run_says(checks["namespaces"])

    @needs_root("changes its root directory")
    def test_a_chroot(self):
        folder = self.path("root")
        os.mkdir(folder)

        def enter():
            # The host's directories, below one on which nothing is mounted itself.
            unshare_mounts()
            for entry in os.scandir("/"):
                place = os.path.join(folder, entry.name)
                if entry.is_symlink():
                    os.symlink(os.readlink(entry.path), place)
                elif entry.is_dir():
                    os.mkdir(place)
                    cover(place, entry.path)
            os.chroot(folder)

        self.prepare = enter
        document = json.loads(self.run_as("doctor", "--json").stdout)
        checks = {check["name"]: check for check in document["checks"]}
        self.assert_check(checks, "namespaces", "missing",
                          "cannot create a user namespace: Operation not permitted: this process "
                          "is in a chroot", ENDS, "run this outside of the chroot")

    def with_proc(self, change):
        def enter():
            unshare_mounts()
            change()
        self.prepare = enter

    @needs_root("changes the mounts of a mount namespace")
    def test_a_read_only_proc(self):
        self.with_proc(lambda: call("mount", None, b"/proc", None,
                                    MS_REMOUNT | MS_BIND | MS_RDONLY, None))
        checks = self.ask()
        self.assert_check(checks, "proc", "missing", "/proc is mounted read-only", ENDS,
                          "mount -o remount,rw /proc")
        self.assert_check(checks, "run", "missing", "/proc is mounted read-only", ENDS,
                          "mount -o remount,rw /proc")
        self.assert_run_says(checks["run"])

    @needs_root("changes the mounts of a mount namespace")
    def test_no_proc(self):
        if unrtest.is_sanitized(self.program):
            return # a sanitizer complains itself
        self.with_proc(lambda: call("umount2", b"/proc", MNT_DETACH))
        checks = self.ask()
        self.assert_check(checks, "proc", "missing", "/proc is not mounted", ENDS,
                          "mount -t proc proc /proc")
        self.assert_run_says(checks["run"])


if __name__ == "__main__":
    programtest.main()
