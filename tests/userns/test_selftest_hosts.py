# SPDX-License-Identifier: MIT
"""userns-repro selftest where the host, and not the kernel, takes something away: what cannot be
tried is skipped with that reason, and no promise is called broken."""
import json
import os

from someone import (AS_ROOT, CLONE_NEWUSER, GROUP, PR_SET_DUMPABLE, USER, Someone,
                     become_root_of_one_id, call, cover, needs_root, ordinary, put, unrtest, unshare_mounts)

PR_CAPBSET_DROP = 24
# What docker leaves to root of a container: no CAP_SYS_ADMIN (21), no CAP_SYS_PTRACE (19).
CONTAINER = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
KERNEL = "/proc/sys/kernel"
SWITCH = "apparmor_restrict_unprivileged_userns"
# Without the groups that make an image for each case: those say nothing more about the host.
GROUPS = [word for group in ("maps", "ranges", "writers", "create", "join", "calls", "ids", "exec",
                             "peers", "signals", "mounts", "idmapped", "limits")
          for word in ("--filter", group)]
BUSY = 240


def write_maps(pid, text):
    """Of a process in a namespace that has none yet."""
    for name in ("uid_map", "gid_map"):
        put(f"/proc/{pid}/{name}", text)


def enter_namespace(text):
    """Root of a new namespace; a child that stays outside writes its maps."""
    read, write = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(write)
            os.read(read, 1)
            write_maps(parent, text)
            status = 0
        finally:
            os._exit(status)
    call("unshare", CLONE_NEWUSER)
    os.close(read)
    os.write(write, b"x")
    os.close(write)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("the maps cannot be written")
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)


class Hosts(Someone):
    """The caller has less than he seems to have."""

    def selftest(self, begin, *words, program=unrtest.PROGRAM, status=0, arguments=()):
        """Names and reasons of what was skipped, and how many are ok."""
        result = self.run_program(*arguments, "selftest", "--json", *(words or GROUPS),
                                  program=program, preexec_fn=begin, cwd=self.folder,
                                  timeout=BUSY)
        self.assertEqual(result.stderr, "")
        cases = json.loads(result.stdout)["cases"]
        broken = [case for case in cases if case["outcome"] not in ("ok", "skip")]
        self.assertEqual((broken, result.returncode), ([], status))
        skipped = {case["name"]: case["reason"] for case in cases if case["outcome"] == "skip"}
        return skipped, len(cases) - len(skipped)

    def test_root_of_one_id(self):
        """As unshare -r makes it: root, with every capability, and nobody else is there."""
        uid, gid = (USER, GROUP) if AS_ROOT else (os.geteuid(), os.getegid())
        skipped, n_ok = self.selftest(lambda: become_root_of_one_id(uid, gid),
                                      program=self.program, status=77)
        self.assertEqual(n_ok, 0)
        self.assertEqual(skipped["create.ordinary"],
                         "needs an ordinary user, and this root cannot become one")

    @needs_root("maps 65536 ids")
    def test_root_of_a_container(self):
        """Its ids are 0..65535, and no others exist there."""
        skipped, n_ok = self.selftest(lambda: enter_namespace("0 100000 65536\n"))
        self.assertGreater(n_ok, 150)
        self.assertEqual(skipped["ranges.projid"],
                         "there are no project ids in the caller's namespace")

    @needs_root("has capabilities to give up")
    def test_root_with_few_capabilities(self):
        def begin():
            with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
                last = int(file.read())
            for capability in set(range(last + 1)) - CONTAINER:
                call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)

        skipped, n_ok = self.selftest(begin)
        self.assertGreater(n_ok, 200)
        self.assertNotIn("writers.not-dumpable", skipped)

    @needs_root("maps all ids, and sets a limit")
    def test_no_namespaces(self):
        """user.max_user_namespaces=0, as hardened hosts have it."""
        def begin():
            enter_namespace("0 0 4294967295\n")
            put("/proc/sys/user/max_user_namespaces", "0")

        skipped, n_ok = self.selftest(begin)
        self.assertGreater(n_ok, 0)
        self.assertIn("user.max_user_namespaces is 0", skipped["create.ordinary"])
        self.assertIn("user.max_user_namespaces is 0", skipped["ids.setuid"])

    @needs_root("lays a folder over one of /proc")
    def test_namespaces_without_capabilities(self):
        """What Ubuntu's AppArmor does to ordinary users, by a filter: unshare makes a user
        namespace, and there it may do nothing."""
        folder = self.path("kernel")
        os.mkdir(folder)
        for name in ("cap_last_cap", "overflowuid", "overflowgid"):
            with open(os.path.join(KERNEL, name), "rb") as file:
                self.write(os.path.join("kernel", name), file.read())
        self.write(os.path.join("kernel", SWITCH), b"1\n")

        def begin():
            unshare_mounts()
            cover(KERNEL, folder)
            ordinary.become()

        skipped, n_ok = self.selftest(
            begin, "--filter", "create", "--filter", "writers", "--filter", "maps",
            program=unrtest.WITHOUT, arguments=("unshare:0==0x4000000=EPERM write:2==11=EPERM",
                                                "--", self.program))
        self.assertEqual(n_ok, 1, "the case of the switch itself")
        self.assertIn(SWITCH + " is on", skipped["create.capabilities"])
        self.assertIn(SWITCH + " is on", skipped["writers.own-id"])


if __name__ == "__main__":
    unrtest.main()
