# SPDX-License-Identifier: MIT
"""`shell`: what the command sees, what becomes of its end, and that nothing is left."""
import fcntl
import gzip
import os
import re
import signal
import struct
import subprocess
import termios
import unittest

import images
import programs
import programtest
from images import DIRECTORY, SYMLINK, entry, tar
from programtest import needs_ranges, needs_root, patience, unrtest

# Without ranges every owner but root is without a place, and the program says so first: what it says
# then is userns.shell_unprivileged's.
HAS_RANGES = unrtest.has_ranges()
NOTES = re.compile(r"userns-repro: (only id 0 is mapped: |\d+ entr(y has|ies have) an owner ).*\n")
WITHOUT = os.environ.get("UNR_WITHOUT", "")
NOTE = ("userns-repro: 1 entry has an owner without a place in the map, and is root's here; "
        "--wide shows the real one\n") if HAS_RANGES else ""
PASSWD = (b"root:x:0:0::/root:/bin/sh\nlow:x:1000:1001::/srv:/bin/sh\n"
          b"high:x:1000000:1000000::/srv/high:/bin/sh\n")
GROUP = b"root:x:0:\nlow:x:1001:\nmore:x:1002:low\nhigh:x:1000000:\n"

BASE = programs.layer(entry("etc/passwd", data=PASSWD), entry("etc/group", data=GROUP),
                      entry("old/a"), entry("old/b"), entry("gone"), entry("other", data=b"1\n"),
                      entry("kept/file", 1000, 1001))
# On top of it: an owner that is too high, and every kind of mark.
CHANGES = tar(entry("srv/high", 1000000, 1000000, b"high\n"), entry(".wh.gone"),
              entry("old/.wh..wh..opq"), entry("old/c"), entry("other", data=b"2\n"))


# One whose first line names what the image has not.
SCRIPT = entry("script", data=b"#!/no/such/program\n")
SCRIPT[0].mode = 0o755


class Image(images.Image):
    """With an environment and a working directory."""

    def __init__(self, *layers, env=(), working_dir="", **options):
        super().__init__(*layers, **options)
        self.process = {"Env": list(env), "WorkingDir": working_dir}

    def config(self):
        config = images.json.loads(super().config())
        config["config"].update(self.process)
        return images.dumps(config)


class ShellTest(programtest.ProgramTest):
    """What the tests share."""

    def run_program(self, *arguments, **options):
        result = super().run_program(*arguments, **options)
        if not HAS_RANGES:
            result.stderr = NOTES.sub("", result.stderr)
        return result

    def image(self, *layers, **options):
        """Writes an archive and returns its path."""
        return self.write("app.tar", images.old_archive(Image(*(layers or (BASE, CHANGES)),
                                                              **options)))

    def shell(self, *words, image=None, options=(), **more):
        """Runs a command, or words of a shell where it is one string."""
        command = ["sh", "-c", words[0]] if len(words) == 1 else words
        return self.run_program("shell", *options, image or self.image(), "--", *command, **more)

    def assert_prints(self, expected, *words, note=NOTE, **more):
        result = self.shell(*words, **more)
        self.assertEqual((result.returncode, result.stderr), (0, note))
        self.assertEqual(result.stdout, expected)


class Tree(ShellTest):
    """The layers as one."""

    LISTED = "for f in /gone /old/* /other /kept/* /srv/*; do test -e $f && echo $f; done; cat /other"
    EXPECTED = "/old/c\n/other\n/kept/file\n/srv/high\n2\n"

    def test_marks_are_respected(self):
        for driver in ("overlay2", "vfs"):
            with self.subTest(driver):
                self.assert_prints(self.EXPECTED, self.LISTED, options=("--driver", driver))

    def test_layers_are_mounted(self):
        result = self.shell("cat", "/proc/mounts")
        self.assertRegex(result.stdout, r"(?m)^overlay / overlay .*lowerdir=1:0,.*userxattr")
        result = self.shell("cat", "/proc/mounts", options=("--driver", "vfs"))
        self.assertNotIn(" / overlay", result.stdout)

    @unittest.skipUnless(WITHOUT, "needs unr-without; run it by ctest")
    def test_one_tree_where_overlayfs_does_not_do(self):
        result = self.run_program("setxattr=EPERM", "--", unrtest.PROGRAM, "shell", self.image(),
                                  "--", "sh", "-c", self.LISTED + "; cat /proc/mounts",
                                  program=WITHOUT)
        # An ordinary user's newuidmap is of no use behind a filter, and the note says so.
        self.assertEqual((result.returncode, NOTES.sub("", result.stderr)), (0, ""))
        self.assertTrue(result.stdout.startswith(self.EXPECTED), result.stdout)
        self.assertNotIn(" / overlay", result.stdout)

    def test_marks_of_the_image_are_attributes(self):
        layer = tar(*attributes("user.overlay.opaque", b"y"), entry("old", kind=DIRECTORY))
        self.assert_prints("a\nb\n", "ls", "/old", image=self.image(BASE, layer), note="")

    def test_can_be_changed(self):
        self.assert_prints("0 c\n", "rm -r /old /srv; mkdir /old; touch /old/c; echo $? `ls /old`")

    @needs_ranges("owners are given")
    def test_owners(self):
        result = self.shell("ls -ln /srv/high /kept/file")
        self.assertEqual((result.returncode, result.stderr), (0, NOTE))
        self.assertRegex(result.stdout, r"1 1000 1001 .* /kept/file\n.* 1 +0 +0 5 .* /srv/high\n")

    def test_image_that_takes_the_places(self):
        layer = tar(entry("proc", kind=SYMLINK, link="/old"), entry("dev", data=b"x"))
        self.assert_prints("a\nb\n", "test -c /dev/null && test -d /proc/self && ls /old",
                           image=self.image(BASE, layer), note="")

    def test_image_without_layers(self):
        result = self.run_program("shell", self.write("app.tar", images.old_archive(Image())))
        self.assertEqual((result.returncode, result.stdout), (127, ""))
        self.assert_one_line(result, "/bin/sh: not found in app:latest")

    def test_damaged_layer(self):
        result = self.shell("true", image=self.image(BASE, CHANGES[:1300]))
        self.assertEqual((result.returncode, result.stdout), (3, ""))
        self.assertIn("layer 1 cannot be extracted to its end", result.stderr)

    def test_folder_is_given(self):
        os.mkdir(self.path("here"))
        result = self.shell("cat /proc/mounts", options=("--tmp", self.path("here")))
        self.assertEqual(result.returncode, 0)
        self.assertEqual(os.listdir(self.path("here")), [])
        result = self.shell("cat /proc/mounts", options=("--tmp", self.path("missing")))
        self.assert_error(result, 3, "missing", "No such file")


def attributes(name, value):
    """The pax header that gives the next entry an attribute."""
    body = b" SCHILY.xattr." + name.encode() + b"=" + value + b"\n"
    size = len(body) + len(str(len(body) + 2))
    info = images.tarfile.TarInfo("x")
    data = str(size).encode() + body
    info.type, info.size = b"x", len(data)
    return ((info, data),)


@needs_ranges("owners are given")
class Wide(ShellTest):
    """Real numbers."""

    def test_owner_is_found(self):
        for image in (None, self.compressed(), self.layout()):
            with self.subTest(image):
                self.assert_found(image)

    def test_owner_is_found_in_what_is_read_but_once(self):
        for path in (self.image(), self.compressed()):
            with self.subTest(path), subprocess.Popen(["cat", path],
                                                      stdout=subprocess.PIPE) as cat:
                self.assert_found("-", stdin=cat.stdout)

    def assert_found(self, image, **more):
        result = self.shell("find", "/", "-xdev", "-uid", "1000000", "-ls", image=image,
                            options=("--wide",), **more)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout,
                         r"^ *\d+ +4 -rw-r--r-- +1 high +high +5 .* /srv/high\n$")

    def compressed(self):
        with open(self.image(), "rb") as file:
            return self.write("app.tar.gz", gzip.compress(file.read(), 1))

    def layout(self):
        images.write_layout(self.path("layout"), images.oci_files(Image(BASE, CHANGES)))
        return "oci:" + self.path("layout")

    def test_numbers_of_every_size(self):
        owners = ((65535, 65536), (70000, 5), (100000, 100000), (4294967294, 0), (0, 1516583083))
        layer = tar(*(entry(f"owned/{uid}:{gid}", uid, gid) for uid, gid in owners))
        result = self.shell("ls -ln /owned; cat /proc/self/gid_map", image=self.image(BASE, layer),
                            options=("--wide",))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for uid, gid in owners:
            self.assertRegex(result.stdout, rf" 1 +{uid} +{gid} .* {uid}:{gid}\n")

    @needs_root("more ids than an ordinary user has")
    def test_more_numbers_than_ranges(self):
        owners = range(2000000, 900000000, 3141592)
        layer = tar(*(entry(f"owned/{uid}", uid, uid + 1) for uid in owners))
        result = self.shell("ls -n /owned", image=self.image(BASE, layer), options=("--wide",))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for uid in owners:
            self.assertRegex(result.stdout, rf" 1 +{uid} +{uid + 1} .* {uid}\n")

    def test_what_can_never_be_mapped(self):
        layer = tar(entry("high", 4294967295 + 1000001, 5))
        result = self.shell("ls -ln /high", image=self.image(BASE, layer), options=("--wide",))
        self.assertEqual(result.returncode, 0)
        self.assert_one_line(result, "1 entry has an owner", "not all of them can be mapped")

    def test_user(self):
        self.assert_prints("uid=1000000(high) gid=1000000(high) groups=1000000(high)\n/srv/high\n",
                           "id; echo $HOME", options=("--wide", "--user", "high"), note="")


class Process(ShellTest):
    """What the command is, and what it has."""

    def test_status(self):
        for words, status in ((("exit 7",), 7), (("kill -TERM $$",), 143), (("kill -9 $$",), 137)):
            with self.subTest(words):
                self.assertEqual(self.shell(*words).returncode, status)

    def test_command_that_is_not_there(self):
        for words, status, text in ((("nosuch", "x"), 127, "nosuch: not found in app:latest"),
                                    (("/bin/nosuch", "x"), 127, "/bin/nosuch: not found"),
                                    (("/bin/sh/x", "x"), 127, "/bin/sh/x: not found"),
                                    (("/etc/passwd", "x"), 126, "cannot be run: Permission"),
                                    (("/bin", "x"), 126, "/bin: cannot be run: Permission"),
                                    (("/script", "x"), 126, "/script: cannot be run: the interp"),
                                    (("script", "x"), 126, "script: cannot be run: the interp"),
                                    (("./x\033[2J", "x"), 127, "./x\\033[2J: not found")):
            with self.subTest(words):
                result = self.shell(*words, image=self.image(BASE, tar(SCRIPT), env=["PATH=/"]))
                self.assertEqual((result.returncode, result.stdout), (status, ""))
                self.assert_one_line(result, text)

    def test_shell_of_the_image(self):
        result = self.run_program("shell", self.image(BASE), input="echo $0 $$\nexit 3\n",
                                  stdin=None)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (3, "/bin/sh 2\n", ""))

    def test_environment(self):
        self.assert_prints("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
                           "HOSTNAME=userns-repro\nHOME=/root\n", "/bin/env", "--",
                           "env", image=self.image(BASE), note="")

    def test_environment_of_the_image(self):
        image = self.image(BASE, env=["PATH=/bin", "A=b=c", "HOME=/x", "E="], working_dir="new/dir")
        result = self.shell("/bin/env", "X=y", "sh", "-c", "env; ls -ldn .", image=image)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        lines = result.stdout.splitlines()
        self.assertEqual(sorted(lines[:-1]), ["A=b=c", "E=", "HOME=/x", "HOSTNAME=userns-repro",
                                              "PATH=/bin", "PWD=/new/dir", "X=y"])
        self.assertRegex(lines[-1], r"^drwxr-xr-x 2 0 0 ")

    @needs_ranges("becomes another user inside")
    def test_user(self):
        self.assert_prints("uid=1000(low) gid=1001(low) groups=1001(low),1002(more)\n/srv\n",
                           "id; echo $HOME", options=("--user", "low"))
        self.assert_prints("uid=5 gid=0(root) groups=0(root),1002(more)\n", "id",
                           options=("--user", "5", "--group-add", "more"))

    def test_user_that_cannot_be(self):
        for user, text in (("nobody", "unable to find user nobody: no matching entries"),
                           ("high", "cannot set uid to unmapped user in user namespace")):
            with self.subTest(user):
                result = self.shell("id", options=("--user", user), image=self.image(BASE))
                self.assert_error(result, 3, "--user: ", text)

    def test_image_user_is_not_asked(self):
        self.assert_prints("uid=0(root) gid=0(root) groups=0(root)\n", "id",
                           image=self.image(BASE, user="high"), note="")


class Alone(ShellTest):
    """Nothing of the host."""

    def test_processes_and_descriptors(self):
        self.assert_prints("1 2\n0 1 2 3\n", "echo `ls /proc | /bin/sh -c "
                           "'while read x; do case $x in [0-9]|[0-9][0-9]) test $x -lt 3 && "
                           "echo $x;; esac; done'`; echo `ls /proc/self/fd`",
                           image=self.image(BASE), note="")

    def test_devices(self):
        self.assert_prints("fd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\n"
                           "urandom\nzero\n", "ls /dev; echo x > /dev/null; cat /dev/null",
                           image=self.image(BASE), note="")

    def test_network_and_name(self):
        result = self.shell("tail -n +3 /proc/net/dev; hostname")
        self.assertRegex(result.stdout, r"^ *lo:.*\nuserns-repro\n$")

    def test_capabilities_are_those_of_a_container(self):
        result = self.shell("cat /proc/self/status")
        self.assertIn("CapBnd:\t00000000a80425fb\n", result.stdout)
        self.assertIn("CapEff:\t00000000a80425fb\n", result.stdout)

    def test_settings_of_the_kernel_are_closed(self):
        result = self.shell("echo x > /proc/sys/kernel/core_pattern")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("Read-only file system", result.stderr)

    def test_first_process_tells_nothing(self):
        result = self.shell("readlink /proc/1/exe /proc/1/root; ls /proc/1/fd; cat /proc/1/environ")
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("ermission denied"), 2, result.stderr)

    def test_session_is_another(self):
        result = self.shell("cat /proc/self/stat; echo $PPID")
        fields = result.stdout.split()
        self.assertEqual((fields[5], fields[6]), ("2", "0"), "session and terminal")

    def test_program_is_a_copy(self):
        process = self.start_program("shell", self.image(BASE), "--", "sh", "-c",
                                     "echo up; exec tail -f /dev/null", stdout=subprocess.PIPE)
        with patience("the command"):
            self.assertEqual(process.stdout.readline(), b"up\n")
        self.assertTrue(os.readlink(f"/proc/{process.pid}/exe").startswith("/memfd:"))
        process.terminate()
        with patience("the end"):
            self.assertEqual(process.wait(), 143)


class Ended(ShellTest):
    """Whatever ends it; tearDown() looks for what is left."""

    def hold(self, script, options=()):
        """Starts it; returns once the command has said something."""
        process = self.start_program("shell", *options, self.image(BASE), "--", "sh", "-c", script,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with patience("the command"):
            self.assertEqual(process.stdout.readline(), b"up\n")
        self.assertEqual(len(os.listdir(self.spool)), 1)
        return process

    def assert_ends(self, process, status):
        with patience("the end"):
            self.assertEqual(process.wait(), status)
        programtest.reap_orphans()
        self.assertEqual(os.listdir(self.spool), [])

    def test_signals_are_passed_on(self):
        for name in ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2"):
            number = getattr(signal, "SIG" + name)
            with self.subTest(name):
                process = self.hold("echo up; exec tail -f /dev/null")
                process.send_signal(number)
                self.assert_ends(process, 128 + number)

    def test_signal_is_caught(self):
        process = self.hold("trap 'echo got; exit 9' TERM; echo up; tail -f /dev/null & wait")
        process.terminate()
        self.assert_ends(process, 9)
        self.assertEqual(process.stdout.read(), b"got\n")

    def test_second_demand_ends_all(self):
        process = self.hold("trap 'echo once' TERM; echo up; while true; do tail -f /dev/null & wait; done")
        process.terminate()
        with patience("the trap"):
            self.assertEqual(process.stdout.readline(), b"once\n")
        process.terminate()
        self.assert_ends(process, 137)

    def test_killed(self):
        process = self.hold("tail -f /dev/null & tail -f /dev/null & echo up; exec tail -f /dev/null")
        process.kill()
        self.assert_ends(process, -9)

    def test_killed_with_its_group(self):
        process = self.hold("echo up; exec tail -f /dev/null")
        inside = [pid for pid in programtest.children(process.pid)]
        self.assertEqual(len(inside), 2, "the process inside and the steward")
        for pid in inside:
            self.assertNotEqual(os.getpgid(pid), os.getpgid(process.pid))
        process.kill()
        self.assert_ends(process, -9)

    def test_what_is_left_running_ends_as_well(self):
        process = self.hold("(trap '' HUP TERM INT; tail -f /dev/null) & echo up; exit 4")
        self.assert_ends(process, 4)

    def test_extraction_is_interrupted(self):
        reader, writer = os.pipe()
        process = self.start_program("shell", "-", "--", "true", stdin=reader)
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe, open(self.image(BASE), "rb") as file:
            pipe.write(file.read(70000))
            pipe.flush()
            process.terminate()
            self.assert_ends(process, -15)


class Terminal(ShellTest):
    """On a terminal the command has one of its own."""

    def open(self, *command, rows=33, columns=99):
        """Starts it on a new terminal, which is returned."""
        self.leader, follower = os.openpty()
        self.addCleanup(os.close, self.leader)
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.leader)
        self.process = self.start_program("shell", self.image(BASE), *command, stdin=follower,
                                          stdout=follower, stderr=follower, start_new_session=True,
                                          env=self.environment(TERM="xterm"))
        os.close(follower)
        self.written = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.leader, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def expect(self, pattern):
        """Reads until it was written; what came before is done with."""
        with patience(pattern):
            while not (match := re.search(pattern, self.written)):
                self.written += os.read(self.leader, 4096)
        self.written = self.written[match.end():]
        return match

    def type(self, text):
        os.write(self.leader, text.encode())

    def finish(self, status):
        with patience("the end"):
            self.assertEqual(self.process.wait(), status)
        self.assertEqual(termios.tcgetattr(self.leader), self.before, "the terminal is as it was")

    def test_shell(self):
        self.open()
        self.expect(rb"# ")
        self.type("tty; stty size; echo $TERM; ls -l /dev/console\r")
        self.expect(rb"/dev/pts/0\r\n33 99\r\nxterm\r\ncrw--w---- .* 136, 0 .*/dev/console\r\n")
        self.type("exit 5\r")
        self.finish(5)

    def test_keys_are_signals_inside(self):
        self.open("--", "sh", "-c", "trap 'echo got; exit 6' INT; echo up; read x")
        self.expect(rb"up\r\n")
        self.type("\x03")
        self.expect(rb"got\r\n")
        self.finish(6)

    def test_new_size(self):
        self.open("--", "sh", "-c", "trap 'stty size' WINCH; echo up; read x; exit 8")
        self.expect(rb"up\r\n")
        self.resize(44, 111)
        self.process.send_signal(signal.SIGWINCH)
        self.expect(rb"44 111\r\n")
        self.type("\r")
        self.finish(8)

    def test_all_that_is_written_comes(self):
        self.open("--", "sh", "-c", "i=0; while test $i -lt 9999; do i=$((i+1)); echo $i; done")
        self.expect(rb"\b9999\r\n")
        self.finish(0)

    @needs_ranges("becomes another user inside")
    def test_user_has_the_terminal(self):
        self.open("--user", "low", "--", "sh", "-c", "echo x > /dev/tty; ls -ln `tty`; exit 2")
        self.expect(rb"x\r\ncrw--w---- 1 1000 ")
        self.finish(2)

    def test_killed_on_a_terminal(self):
        self.open("--", "sh", "-c", "echo up; exec tail -f /dev/null")
        self.expect(rb"up\r\n")
        self.process.kill()
        self.process.wait()


class Single(ShellTest):
    """One id is mapped, whoever runs it."""

    run_program = programtest.ProgramTest.run_program

    def test_owners_are_roots(self):
        result = self.shell("ls -ln /kept/file; id -u", options=("--profile", "single"),
                            image=self.image(BASE))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"^-rw-r--r-- 1 0 0 .*\n0\n$")
        self.assertIn("1 entry has an owner without a place", result.stderr)


if __name__ == "__main__":
    programtest.main()
