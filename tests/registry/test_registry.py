# SPDX-License-Identifier: MIT
"""A real docker-registry: anonymous, with a password, with TLS; and what is kept of it."""
import base64
import contextlib
import json
import os
import subprocess

import servers
from servers import PASSWORD, USER, Registry, Stored, images

import programs
import programtest

BAD = [(1, "srv/high", 1000000, 1000000)]
PLAIN = "--tls-verify=false"


class RegistryTest(programtest.ProgramTest):
    """What tests of registries share."""

    def setUp(self):
        super().setUp()
        reason = servers.why_not()
        if reason:
            self.skipTest(reason)
        os.mkdir(self.path("docker"))
        self._started = contextlib.ExitStack()

    def tearDown(self):
        # Before it is looked whether a process is left.
        self._started.close()
        super().tearDown()

    def environment(self, **more):
        more.setdefault("DOCKER_CONFIG", self.path("docker"))
        env = super().environment(**more)
        for name in [name for name in env if name.lower().endswith("_proxy")]:
            del env[name]
        return env

    def registry(self, **options):
        """One for this test."""
        folder = self.path("registry")
        os.mkdir(folder)
        return self._started.enter_context(Registry(folder, **options))

    def report(self, image, *options, status=1, **more):
        """The JSON report of a run."""
        result = self.run_program("run", "--format", "json", *options, image, **more)
        self.assertEqual((result.returncode, result.stderr), (status, ""), image)
        return json.loads(result.stdout)

    def assert_bad(self, report):
        """It fails where bad_image() does."""
        self.assertEqual([(one["layer"], one["path"], one["uid"], one["gid"])
                          for one in report["failures"]], BAD)

    def look_at_fetcher(self, process, begun, ended):
        """/proc/PID/status of who speaks to a server: no capability, no privileges, a filter.

        Between two events: the server's answer has begun, and may end; then the run is ended.
        """
        self.assertTrue(begun.wait(programtest.PATIENCE))
        # The child has two numbers, in a pid namespace of its own; whoever tries maps meanwhile has
        # no filter.
        found = [lines for lines in map(programtest.read_status, programtest.children(process.pid))
                 if "\t" not in lines.get("NSpid", "") and lines.get("Seccomp") == "2"]
        process.kill()
        ended.set()
        process.wait()
        programtest.reap_orphans()
        self.assertEqual(len(found), 1)
        self.assertEqual({found[0][key].strip("0") for key in ("CapPrm", "CapEff", "CapAmb")},
                         {""})
        self.assertEqual(found[0]["NoNewPrivs"], "1")
        return found[0]

    def write_config(self, **content):
        """docker's config.json."""
        with open(self.path("docker/config.json"), "w", encoding="utf-8") as file:
            json.dump(content, file)


class Anonymous(RegistryTest):
    """Nobody asks who we are."""

    def test_the_same_by_every_way(self):
        image = images.bad_image(compress=True)
        registry = self.registry()
        name = registry.push("some/app", "1.0", Stored(image, docker=True))
        registry.push("oci", "latest", Stored(image))
        stored = Stored(image, docker=True)
        layout = self.path("layout")
        images.write_layout(layout, images.oci_files(image))
        archive = self.write("app.tar", images.old_archive(image))
        wanted = self.report("oci:" + layout)
        self.assert_bad(wanted)
        for source in (f"{name}:1.0", f"{name}@{stored.digest}", f"{name}:x@{stored.digest}",
                       f"docker://{registry.host}/oci"):
            with self.subTest(source):
                report = self.report(source, PLAIN)
                for part in ("failures", "verdict", "disagreements"):
                    self.assertEqual(report[part], wanted[part])
                self.assertEqual([layer["digest"] for layer in report["image"]["layers"]],
                                 [images.digest(blob) for blob in image.blobs])
                self.assertEqual(report["image"]["config_digest"], images.digest(image.config()))
        self.assertEqual(self.report(f"{name}:1.0", PLAIN)["image"]["reference"],
                         f"{registry.host}/some/app:1.0")
        loaded = self.report("docker-archive:" + archive)
        self.assertEqual(loaded["failures"], wanted["failures"])
        self.assertEqual(self.report(f"{name}:1.0", PLAIN, "--as", "load")["verdict"],
                         loaded["verdict"])

    def test_what_is_not_there(self):
        registry = self.registry()
        name = registry.push("app", "1", Stored(images.good_image()))
        self.assert_error(self.run_program("run", PLAIN, f"{name}:2"), 3,
                          f"{registry.host}/app:2: manifest unknown: {registry.host} has no 2")
        self.assert_error(self.run_program("run", PLAIN, f"docker://{registry.host}/other"), 3,
                          "manifest unknown")
        self.assert_error(self.run_program("run", f"{name}:1"), 3,
                          f"{registry.host}: TLS fails; --tls-verify=false")
        self.assert_error(self.run_program("run", f"docker://{registry.host}/App"), 2,
                          "is not HOST[:PORT]/REPO")

    def test_who_is_not_there(self):
        with servers.Faulty() as gone:
            host = gone.host
        for options in ((), (PLAIN,)):
            self.assert_error(self.run_program("run", *options, f"docker://{host}/app"), 3,
                              f"{host}: cannot be connected to")
        self.assert_error(self.run_program("run", "docker://host.invalid/app"), 3,
                          "host.invalid: there is no such host")

    def test_platforms(self):
        registry = self.registry()
        good, bad = Stored(images.good_image()), Stored(images.bad_image())
        registry.push("app", "good", good)
        name = registry.push("app", "bad", bad)
        index = images.dumps({
            "schemaVersion": 2, "mediaType": images.OCI_INDEX,
            "manifests": [good.descriptor(os="linux", architecture="arm", variant="v6"),
                          bad.descriptor(os="linux", architecture="s390x")]})
        registry.push_manifest("app", "multi", index, images.OCI_INDEX)
        self.assert_bad(self.report(f"{name}:multi", PLAIN, "--platform", "linux/s390x"))
        self.assertTrue(self.report(f"{name}:multi", PLAIN, "--platform", "linux/arm",
                                    status=0)["verdict"]["ok"])
        self.assert_error(self.run_program("run", PLAIN, "--platform", "linux/ppc64le",
                                           f"{name}:multi"), 3,
                          "has no image for linux/ppc64le; it has linux/arm/v6, linux/s390x")

    def test_a_platform_of_one_is_not_looked_at(self):
        """As dockerd 20.10 has it: --platform chooses among several."""
        name = self.registry().push("app", "latest", Stored(images.good_image()))
        self.report(name, PLAIN, "--platform", "linux/s390x", status=0)

    def test_rootfs(self):
        image = images.Image(images.tar(images.entry("f", data=b"content" * 1000)), compress=True)
        name = self.registry().push("app", "latest", Stored(image))
        self.assert_loads(self.run_program("run", PLAIN, "--rootfs", self.path("kept"), name))
        with open(self.path("kept/0/f"), "rb") as file:
            self.assertEqual(file.read(), b"content" * 1000)
        # Its owner may be one of the user's ranges.
        self.assertEqual(self.run_program("rm", self.path("kept")).returncode, 0)

    @programtest.needs_ranges("owners are given")
    def test_shell_that_reads_it_twice(self):
        image = images.Image(programs.layer(), images.BAD_LAYER, images.BAD_LAYER, compress=True)
        name = self.registry().push("app", "1", Stored(image))
        result = self.run_program("shell", PLAIN, "--wide", f"{name}:1", "--", "ls", "-ln",
                                  "/srv/high")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r" 1000000 1000000 .* /srv/high\n$")

    def test_many_layers_and_the_same_twice(self):
        layers = [images.tar(images.entry(f"f{i}")) for i in range(60)] + [images.BAD_LAYER] * 2
        name = self.registry().push("app", "latest", Stored(images.Image(*layers)))
        report = self.report(name, PLAIN)
        self.assertEqual([one["layer"] for one in report["failures"]], [60, 61])


class Cached(RegistryTest):
    """--cache keeps blobs, and believes none of them."""

    def test_cache(self):
        image = images.bad_image(compress=True)
        stored = Stored(image)
        blobs = self.path("cache/sha256")
        with servers.Faulty(stored) as server:
            for times in (1, 1, 1):
                self.assert_bad(self.report(server.image, PLAIN, "--cache", self.path("cache")))
                self.assertEqual(len(server.paths("blobs")), 3 * times)
            self.assertEqual(sorted("sha256:" + name for name in os.listdir(blobs)),
                             sorted(stored.blobs))
            damaged = os.path.join(blobs, images.hexdigest(image.blobs[1]))
            with open(damaged, "wb") as file:
                file.write(b"something else")
            self.assert_bad(self.report(server.image, PLAIN, "--cache", self.path("cache")))
            self.assertEqual(len(server.paths("blobs")), 4)
            with open(damaged, "rb") as file:
                self.assertEqual(file.read(), image.blobs[1])
            os.unlink(damaged)
            os.symlink("/dev/zero", damaged)
            result = self.run_program("run", PLAIN, "--cache", self.path("cache"), server.image)
            self.assertEqual(result.returncode, 1, result.stderr)

    def test_no_place_for_a_cache(self):
        path = self.write("file", b"")
        self.assert_error(self.run_program("run", "--cache", path, "docker://h.invalid/a"), 3,
                          "--cache", "Not a directory")


class Password(RegistryTest):
    """htpasswd, by config.json and by a helper."""

    def push(self):
        """The image of these tests."""
        registry = self.registry(password=True)
        return registry, registry.push("app", "latest", Stored(images.bad_image()))

    def test_none_and_a_wrong_one(self):
        registry, name = self.push()
        for secret in (None, "wrong"):
            if secret:
                auth = base64.b64encode(f"{USER}:{secret}".encode()).decode()
                self.write_config(auths={registry.host: {"auth": auth}})
            self.assert_error(self.run_program("run", PLAIN, name), 3, "401",
                              f"docker login {registry.host}")

    def test_config(self):
        registry, name = self.push()
        auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        for key in (registry.host, f"https://{registry.host}", f"https://{registry.host}/v1/"):
            self.write_config(auths={"other": {}, key: {"auth": auth}})
            self.assert_bad(self.report(name, PLAIN))
        home = self.path("docker")
        os.mkdir(self.path("docker/.docker"))
        os.rename(self.path("docker/config.json"), self.path("docker/.docker/config.json"))
        env = self.environment(HOME=home, DOCKER_CONFIG="")
        self.assert_bad(self.report(name, PLAIN, env=env))

    def test_files_of_podman(self):
        """Their order, and entries for a part of a registry."""
        registry, name = self.push()
        good, bad = ({"auth": base64.b64encode(f"{USER}:{secret}".encode()).decode()}
                     for secret in (PASSWORD, "wrong"))
        places = {"given.json": {"REGISTRY_AUTH_FILE": self.path("given.json")},
                  "run/containers/auth.json": {"XDG_RUNTIME_DIR": self.path("run")},
                  "xdg/containers/auth.json": {"XDG_CONFIG_HOME": self.path("xdg")},
                  "home/.config/containers/auth.json": {"HOME": self.path("home")},
                  "docker/config.json": {}}
        environment = {}

        def write(place, entry, key=registry.host):
            os.makedirs(os.path.dirname(self.path(place)), exist_ok=True)
            self.write(place, json.dumps({"auths": {key: entry}}).encode())

        # Each is preferred to all that come behind it.
        for place, variables in reversed(places.items()):
            write(place, good)
            if place.startswith("home"):
                environment.pop("XDG_CONFIG_HOME", None)
            environment.update(variables)
            env = self.environment(**{"XDG_RUNTIME_DIR": self.path("none"), **environment})
            with self.subTest(place):
                self.assert_bad(self.report(name, PLAIN, env=env))
            write(place, bad)
            self.assert_error(self.run_program("run", PLAIN, name, env=env), 3, "401")
        # The file that was named is the only one.
        write("docker/config.json", good)
        write("given.json", good, "elsewhere")
        none = self.path("none")
        alone = self.environment(REGISTRY_AUTH_FILE=self.path("given.json"), XDG_RUNTIME_DIR=none,
                                 XDG_CONFIG_HOME=none)
        self.assert_error(self.run_program("run", PLAIN, name, env=alone), 3, "401")
        for key in (f"{registry.host}/app", f"{registry.host}/ap", registry.host):
            self.write("given.json", json.dumps({"auths": {
                key: good, **({registry.host: bad} if key.endswith("/app") else {})}}).encode())
            result = self.run_program("run", PLAIN, name, env=env)
            self.assertEqual(result.returncode, 3 if key.endswith("/ap") else 1, result.stderr)

    def test_config_that_is_wrong(self):
        _registry, name = self.push()
        for text, words in (("{", "is not valid JSON"), ("[]", "is not an object"),
                            ('{"credsStore": "../x"}', "is not the name of a helper"),
                            ('{"credsStore": "missing"}', "docker-credential-missing: cannot"),
                            ('{"auths": 1}', "auths")):
            self.write("docker/config.json", text.encode())
            self.assert_error(self.run_program("run", PLAIN, name), 3, words)

    def helper(self, script):
        """A docker-credential-test on PATH; returns the environment."""
        os.makedirs(self.path("bin"), exist_ok=True)
        path = self.path("bin/docker-credential-test")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o755)
        return self.environment(PATH=self.path("bin") + ":" + os.environ["PATH"])

    def test_helper(self):
        registry, name = self.push()
        script = ('read -r host; test "$1 $host" = "get %s" || exit 9\n'
                  'echo noise >&2; echo \'{"Username": "%s", "Secret": "%s"}\'\n'
                  % (registry.host, USER, PASSWORD))
        for config in ({"credsStore": "test"}, {"credHelpers": {registry.host: "test"}}):
            self.write_config(**config)
            self.assert_bad(self.report(name, PLAIN, env=self.helper(script)))
        failing = self.helper("echo credentials not found in native keychain; exit 1\n")
        self.assert_error(self.run_program("run", PLAIN, name, env=failing), 3, "docker login")
        failing = self.helper("echo the key ring is locked; exit 1\n")
        self.assert_error(self.run_program("run", PLAIN, name, env=failing), 3,
                          "docker-credential-test: failed: the key ring is locked")

    def test_helper_has_no_privilege(self):
        _registry, name = self.push()
        out = self.path("status")
        self.write_config(credsStore="test")
        env = self.helper(f"cat /proc/self/status > {out}; ls -l /proc/self/fd >> {out}\n"
                          "echo credentials not found in native keychain; exit 1\n")
        self.run_program("run", PLAIN, name, env=env)
        with open(out, encoding="utf-8") as file:
            status = file.read()
        self.assertRegex(status, r"CapPrm:\s*0+\n")
        self.assertRegex(status, r"CapEff:\s*0+\n")
        self.assertRegex(status, r"NoNewPrivs:\s*1")
        self.assertNotIn("socket:", status)


class Tls(RegistryTest):
    """A certificate that nobody knows."""

    def test_tls(self):
        certificate = servers.make_certificate(self.folder)
        registry = self.registry(certificate=certificate)
        name = registry.push("app", "latest", Stored(images.bad_image()))
        self.assert_error(self.run_program("run", name), 3,
                          f"{registry.host}: its TLS certificate is not trusted; "
                          "--tls-verify=false")
        self.assert_bad(self.report(name, PLAIN))
        self.assert_bad(self.report(name, env=self.environment(SSL_CERT_FILE=certificate)))

    def certificates(self, host, **files):
        """A certs.d of the user's; returns the environment with it."""
        folder = self.path(f"home/.config/containers/certs.d/{host}")
        os.makedirs(folder, exist_ok=True)
        for name, source in files.items():
            os.symlink(source, os.path.join(folder, name.replace("_", ".")))
        return self.environment(HOME=self.path("home"))

    def test_certificates_of_a_registry(self):
        certificate = servers.make_certificate(self.folder)
        registry = self.registry(certificate=certificate)
        name = registry.push("app", "latest", Stored(images.bad_image()))
        env = self.certificates("127.0.0.1:1", ca_crt=certificate)
        self.assert_error(self.run_program("run", name, env=env), 3, "is not trusted")
        self.assert_bad(self.report(name, env=self.certificates(registry.host,
                                                                 ca_crt=certificate)))
        env = self.certificates(registry.host, x_cert=certificate)
        self.assert_error(self.run_program("run", name, env=env), 3, "x.cert: is half of a pair",
                          "x.key;")

    def test_certificate_of_the_client(self):
        certificate = servers.make_certificate(self.folder)
        registry = self.registry(certificate=certificate, client=True)
        name = registry.push("app", "latest", Stored(images.bad_image()))
        env = self.certificates(registry.host, ca_crt=certificate)
        self.assert_error(self.run_program("run", name, env=env), 3, registry.host)
        env = self.certificates(registry.host, client_cert=certificate,
                                client_key=certificate + ".key")
        self.assert_bad(self.report(name, env=env))

    @programtest.needs_root("mounts something over /etc, in a namespace of its own")
    def test_certificates_of_dockerd(self):
        certificate = servers.make_certificate(self.folder)
        registry = self.registry(certificate=certificate)
        name = registry.push("app", "latest", Stored(images.bad_image()))
        for place in ("docker", "containers"):
            script = ('mount -t tmpfs tmpfs /etc && mkdir -p "$1" && cp "$2" "$1/any.crt" && '
                      'exec "$3" run --format json "$4"')
            result = subprocess.run(
                ["unshare", "-m", "sh", "-c", script, "sh",
                 f"/etc/{place}/certs.d/{registry.host}", certificate,
                 programtest.unrtest.PROGRAM, name], env=self.environment(), check=False,
                capture_output=True, text=True)
            self.assertEqual((result.returncode, result.stderr), (1, ""))
            self.assert_bad(json.loads(result.stdout))


if __name__ == "__main__":
    programtest.main()
