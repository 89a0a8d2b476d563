# SPDX-License-Identifier: MIT
"""What a real registry cannot be made to do: cuts, redirects, lies, and answers without end."""
import base64
import json
import os
import signal
import threading

from servers import DOCKER_LIST, Faulty, Stored, images
from test_registry import PLAIN, RegistryTest

import programtest

BIG = images.Image(images.tar(images.entry("big", data=os.urandom(300000))), images.BAD_LAYER)
LAYER, TOP = (images.digest(blob) for blob in BIG.blobs)


class FaultTest(RegistryTest):
    """What tests of faults share."""

    def setUp(self):
        super().setUp()
        self.stored = Stored(BIG)

    def assert_ok(self, server, *options):
        """The image comes in whole, in spite of all."""
        report = self.report(server.image, PLAIN, *options)
        self.assertEqual([one["path"] for one in report["failures"]], ["srv/high"])

    def assert_fails(self, server, *words):
        """It does not, and one line says why."""
        self.assert_error(self.run_program("run", PLAIN, server.image), 3, *words)


class Cuts(FaultTest):
    """Connections that end early, and servers that want to be left alone."""

    def test_goes_on_with_a_range(self):
        def act(handler, path):
            wanted = handler.headers.get("Range")
            if not path.endswith(LAYER):
                return False
            data = BIG.blobs[0]
            if not wanted:
                return handler.cut(200, data, 100000)
            start = int(wanted[len("bytes="):-1])
            place = f"bytes {start}-{len(data) - 1}/{len(data)}"
            if start < 250000:
                return handler.cut(206, data[start:], 80000, Content_Range=place)
            return handler.answer(206, data[start:], Content_Range=place)

        with Faulty(self.stored, act) as server:
            self.assert_ok(server)
            ranges = [headers.get("range") for path, headers in server.paths("blobs")
                      if path.endswith(LAYER)]
        self.assertEqual(ranges, [None, "bytes=100000-", "bytes=180000-", "bytes=260000-"])

    def test_a_server_that_knows_no_ranges_or_gives_another(self):
        for wrong in (None, "bytes 5-9/10"):
            tries = []

            def act(handler, path, tries=tries, wrong=wrong):
                if not path.endswith(LAYER):
                    return False
                tries.append(handler.headers.get("Range"))
                if len(tries) == 1:
                    return handler.cut(200, BIG.blobs[0], 100000)
                if len(tries) == 2 and wrong:
                    return handler.answer(206, b"wrong", Content_Range=wrong)
                return handler.answer(200, BIG.blobs[0])

            with self.subTest(wrong), Faulty(self.stored, act) as server:
                self.assert_ok(server)
                self.assertEqual(tries[1], "bytes=100000-")

    def test_a_body_that_ends_early_without_a_fault(self):
        def act(handler, path):
            if not path.endswith(LAYER) or handler.headers.get("Range"):
                return handler.answer(206, BIG.blobs[0][5000:],
                                      Content_Range="bytes 5000-x/x") \
                    if path.endswith(LAYER) else False
            return handler.answer(200, BIG.blobs[0][:5000])

        with Faulty(self.stored, act) as server:
            self.assert_ok(server)

    def test_cut_for_ever(self):
        def act(handler, path):
            if not path.endswith(LAYER):
                return False
            if handler.headers.get("Range"):
                return handler.answer(416)
            return handler.cut(200, BIG.blobs[0], 1000)

        with Faulty(self.stored, act) as server:
            self.assert_fails(server, server.host)
            self.assertLessEqual(len(server.paths("blobs")), 14)

    def test_busy(self):
        for status in (429, 503):
            busy = {"manifests": 2, LAYER: 3}

            def act(handler, path, busy=busy, status=status):
                for part, left in busy.items():
                    if part in path and left > 0:
                        busy[part] -= 1
                        return handler.answer(status, b"busy", Retry_After="0")
                return False

            with self.subTest(status), Faulty(self.stored, act) as server:
                self.assert_ok(server)
                self.assertEqual(set(busy.values()), {0})

    def test_busy_for_ever(self):
        for status, kind in ((429, "manifests"), (503, "blobs")):
            def act(handler, path, status=status, kind=kind):
                return handler.answer(status, Retry_After="0") if f"/{kind}/" in path else False

            with self.subTest(kind), Faulty(self.stored, act) as server:
                self.assert_fails(server, server.host, str(status))
                self.assertLessEqual(len(server.paths(kind)), 15)


class Lies(FaultTest):
    """What comes is not what was promised."""

    def test_another_content(self):
        self.stored.blobs[LAYER] = bytes(len(BIG.blobs[0]))
        with Faulty(self.stored) as server:
            self.assert_fails(server, f"filesystem layer verification failed for digest {LAYER}")
            result = self.run_program("run", PLAIN, "--no-verify", server.image)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assert_error(self.run_program("run", PLAIN, "--cache", self.path("cache"),
                                               server.image), 3, "verification failed")
        self.assertNotIn(LAYER[7:], os.listdir(self.path("cache/sha256")))

    def test_another_config_and_manifest(self):
        digest = images.digest(BIG.config())
        self.stored.blobs[digest] = BIG.config().replace(b"linux", b"minix")
        with Faulty(self.stored) as server:
            self.assert_fails(server, "verification failed", digest)
            server.manifests[self.stored.digest] = (self.stored.type, self.stored.manifest + b" ")
            self.assert_error(self.run_program("run", PLAIN,
                                               server.image + "@" + self.stored.digest), 3,
                              "manifest verification failed for digest " + self.stored.digest)

    def test_a_body_without_end(self):
        def act(handler, path):
            if kind not in path:
                return False
            handler.send_response(200)
            handler.send_header("Content-Type", self.stored.type)
            handler.end_headers()
            handler.close_connection = True
            try:
                while True:
                    handler.wfile.write(b" " * 65536)
            except OSError:
                pass
            return None

        for kind, words in ((LAYER, f"{LAYER} is longer than the {len(BIG.blobs[0])} bytes"),
                            ("manifests", "its manifest has more than 4194304 bytes")):
            with self.subTest(kind), Faulty(self.stored, act) as server:
                self.assert_fails(server, words)

    def test_manifests_that_are_none(self):
        deep = b"[" * 100000
        chart = images.dumps({"schemaVersion": 2, "layers": [], "config": {
            "mediaType": "application/vnd.cncf.helm.config.v1+json", "size": 2,
            "digest": images.digest(b"{}")}})
        cases = ((images.OCI_MANIFEST, deep, "is not valid JSON"),
                 (images.OCI_MANIFEST, b"", "is empty"),
                 (images.OCI_MANIFEST, b'{"schemaVersion": 1}', "schema version 1"),
                 ("application/vnd.docker.distribution.manifest.v1+prettyjws", b"{}",
                  "schema version 1"),
                 ("Text/HTML; charset=utf-8", b"<html>", "unsupported media type text/html"),
                 (images.OCI_MANIFEST, chart, "config.v1+json"),
                 (DOCKER_LIST, images.dumps({"schemaVersion": 2, "manifests": []}),
                  "has no image for linux/"))
        for media_type, data, words in cases:
            with self.subTest(words), Faulty(self.stored) as server:
                server.manifests["latest"] = (media_type, data)
                self.assert_fails(server, words)

    def test_statuses(self):
        for status, words in ((401, "docker login"), (403, "docker login"), (404, "unknown"),
                              (418, "answers 418")):
            with self.subTest(status), \
                    Faulty(act=lambda handler, path, status=status:
                           handler.answer(status)) as server:
                self.assert_fails(server, words)


class Redirects(FaultTest):
    """Blobs that lie elsewhere, and who is told the password."""

    def write_password(self, host):
        """docker's config.json with one."""
        auth = base64.b64encode(b"me:secret").decode()
        self.write_config(auths={host: {"auth": auth}})

    def test_credentials_stay(self):
        with Faulty(self.stored) as other:
            def act(handler, path):
                if "Authorization" not in handler.headers:
                    return handler.answer(401, WWW_Authenticate='Basic realm="x"')
                if "/blobs/" in path:
                    return handler.answer(307, b"elsewhere",
                                          Location=f"http://{other.host}{path}")
                return False

            with Faulty(self.stored, act) as server:
                self.write_password(server.host)
                self.assert_ok(server)
            self.assertEqual(len(other.requests), 3)
            for _path, headers in other.requests:
                self.assertNotIn("authorization", headers)

    def test_tokens(self):
        tokens = []

        def act(handler, path):
            if path.startswith("/token?"):
                tokens.append((path, handler.headers.get("Authorization")))
                return handler.answer(200, json.dumps({"token": f"T{len(tokens)}"}).encode())
            if "/blobs/" in path and handler.headers["Authorization"] == "Bearer T2":
                return handler.answer(307, Location=f"http://{other.host}{path}")
            # The first token is good for the manifest only, as if its time were over.
            if handler.headers.get("Authorization") == "Bearer T1" and "/manifests/" in path:
                return False
            return handler.answer(401, WWW_Authenticate=f'Bearer realm="http://{server.host}'
                                  '/token",service="a b",scope="repository:app:pull"')

        with Faulty(self.stored) as other, Faulty(self.stored, act) as server:
            self.write_password(server.host)
            self.assert_ok(server)
            for _path, headers in other.requests:
                self.assertNotIn("authorization", headers)
        # Three blobs find the token old at once, and one new one does for all.
        self.assertEqual(len(tokens), 2)
        self.assertEqual(tokens[0], ("/token?service=a%20b&scope=repository%3Aapp%3Apull",
                                     "Basic " + base64.b64encode(b"me:secret").decode()))

    def test_an_identity_token_is_posted(self):
        bodies = []

        def act(handler, path):
            if path == "/token":
                bodies.append(handler.headers["X-Body"])
                return handler.answer(200, b'{"access_token": "T"}')
            if handler.headers.get("Authorization") == "Bearer T":
                return False
            return handler.answer(401, WWW_Authenticate=
                                  f'bearer realm="http://{server.host}/token",service=s')

        with Faulty(self.stored, act) as server:
            self.write_config(auths={server.host: {"identitytoken": "refresh"}})
            self.assert_ok(server)
        self.assertEqual(bodies, ["service=s&scope=repository%3Aapp%3Apull&"
                                  "grant_type=refresh_token&client_id=userns-repro&"
                                  "refresh_token=refresh"])

    def test_tokens_that_are_none(self):
        for body in (b'{"token": "a\\r\\nX-Evil: 1"}', b"{}", b'{"token": 1}', b"[" * 100000,
                     b"x" * 2000000):
            def act(handler, path, body=body):
                if path.startswith("/token"):
                    return handler.answer(200, body)
                return handler.answer(401, WWW_Authenticate=
                                      f'Bearer realm="http://{server.host}/token"')

            with self.subTest(body[:20]), Faulty(self.stored, act) as server:
                self.assert_fails(server, server.host)
                self.assertFalse([one for one in server.requests if "x-evil" in one[1]])

    def test_realms_that_are_no_url(self):
        for realm in ("file:///etc/passwd", "", "gopher://h/"):
            with self.subTest(realm), Faulty(act=lambda handler, path, realm=realm: handler.answer(
                    401, WWW_Authenticate=f'Bearer realm="{realm}"')) as server:
                self.assert_fails(server, "token server")

    def test_redirects_without_end_and_to_files(self):
        for place in ("/v2/x", "file:///etc/passwd"):
            with self.subTest(place), Faulty(act=lambda handler, path, place=place: handler.answer(
                    302, Location=place)) as server:
                self.assert_fails(server, server.host, "redirects")

    def test_proxy(self):
        def act(handler, path):
            self.assertTrue(path.startswith("http://registry.invalid/v2/app/"), path)
            return False

        with Faulty(self.stored, act) as server:
            env = {**self.environment(), "http_proxy": f"http://{server.host}",
                   "https_proxy": "http://127.0.0.1:1"}
            result = self.run_program("run", PLAIN, "docker://registry.invalid/app", env=env)
        self.assertEqual((result.returncode, result.stderr), (1, ""))


class Order(FaultTest):
    """Blobs come side by side, in order, while lower layers are extracted."""

    def test_three_at_a_time(self):
        image = images.Image(*(images.tar(images.entry(f"f{i}")) for i in range(8)))
        stored, gate = Stored(image), threading.Barrier(3, timeout=programtest.PATIENCE)
        first = [images.digest(blob) for blob in [image.config(), *image.blobs[:2]]]

        def act(_handler, path):
            # None of the first three is answered before all three are asked for.
            if path.rpartition("/")[2] in first:
                gate.wait()
            return False

        with Faulty(stored, act) as server:
            self.assert_loads(self.run_program("run", PLAIN, server.image))
            asked = [path.rpartition("/")[2] for path, _headers in server.paths("blobs")]
        self.assertEqual(set(asked[:3]), set(first))

    def test_a_layer_is_extracted_before_the_next_is_there(self):
        """And the log of App Service says so: it is written meanwhile."""
        seen = threading.Event()

        def act(_handler, path):
            if path.endswith(TOP):
                self.assertTrue(seen.wait(programtest.PATIENCE), "layer 0 waits for layer 1")
            return False

        with Faulty(self.stored, act) as server:
            process = self.start_program("run", "--format", "appservice", PLAIN, server.image,
                                         stdout=programtest.subprocess.PIPE, text=True)
            with programtest.patience("the first layer"):
                line = process.stdout.readline()
                self.assertIn(f"INFO  - {LAYER[7:19]} Extracting ", line)
                while "Pull complete" not in line:
                    line = process.stdout.readline()
                seen.set()
                self.assertIn("Pull Image failed", process.stdout.read())
                self.assertEqual(process.wait(), 1)


class Powers(FaultTest):
    """What the process has that reads what a registry sends."""

    def status(self, *options, **environment):
        """/proc/PID/status of the fetcher while a layer is on its way."""
        begun, ended = threading.Event(), threading.Event()

        def act(handler, path):
            if not path.endswith(LAYER):
                return False
            handler.cut(200, BIG.blobs[0], 1000)
            begun.set()
            ended.wait(programtest.PATIENCE)
            return None

        with Faulty(self.stored, act) as server:
            process = self.start_program("run", PLAIN, *options, server.image,
                                         env=self.environment(**environment))
            return self.look_at_fetcher(process, begun, ended)

    def test_anybody(self):
        status = self.status()
        wanted = 65534 if os.geteuid() == 0 else os.geteuid()
        self.assertEqual(set(status["Uid"].split()), {str(wanted)})

    @programtest.needs_root("nobody else has anything to give up")
    def test_root(self):
        status = self.status()
        self.assertEqual((set(status["Gid"].split()), status["Groups"].strip()), ({"65534"}, ""))
        # What only root can use: a cache, a folder for temporary files, certificates.
        closed = self.path("closed")
        os.mkdir(closed, 0o700)
        os.mkdir(os.path.join(closed, "in"))
        for options, environment in ((("--cache", self.path("cache")), {}),
                                     ((), {"TMPDIR": os.path.join(closed, "in")}),
                                     ((), {"SSL_CERT_FILE": os.path.join(closed, "in")})):
            with self.subTest(options + tuple(environment)):
                status = self.status(*options, **environment)
                self.assertEqual(set(status["Uid"].split()), {"0"})


class Ends(FaultTest):
    """The program is ended in the middle: nothing is left, which tearDown() looks at."""

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for options in ((), ("--cache", self.path("cache"))):
                begun, ended = threading.Event(), threading.Event()

                def act(handler, path, begun=begun, ended=ended):
                    if not path.endswith(LAYER):
                        return False
                    handler.cut(200, BIG.blobs[0], 1000)
                    begun.set()
                    ended.wait(programtest.PATIENCE)
                    return None

                with self.subTest(number.name), Faulty(self.stored, act) as server:
                    process = self.start_program("run", PLAIN, *options, server.image)
                    self.assertTrue(begun.wait(programtest.PATIENCE))
                    process.send_signal(number)
                    with programtest.patience("the end"):
                        self.assertEqual(process.wait(), -number)
                    programtest.reap_orphans()
                    ended.set()
        self.assertNotIn(LAYER[7:], os.listdir(self.path("cache/sha256")))
        for name in os.listdir(self.path("cache/sha256")):
            self.assertIn("sha256:" + name, self.stored.blobs)


if __name__ == "__main__":
    programtest.main()
