# SPDX-License-Identifier: MIT
"""Registries for tests: a real docker-registry, and one of a few lines that misbehaves on order.

Both are on 127.0.0.1 at a port of their own.  Nothing here knows what the program does.
"""
import base64
import contextlib
import http.server
import os
import shutil
import ssl
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
# pylint: disable=wrong-import-position
import images
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import daemons

USER, PASSWORD = "somebody", "secret"
# bcrypt of PASSWORD, the one kind that the registry takes.
HTPASSWD = f"{USER}:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n"

DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"

CONFIG = """version: 0.1
log: {{level: info, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {root}/data}}}}
http: {{addr: "127.0.0.1:0"{http}}}
{more}
"""


def why_not():
    """The reason why no real registry can be run here, or None."""
    return None if shutil.which(daemons.REGISTRY) else f"no {daemons.REGISTRY} on PATH"


class Stored:
    """An image as a registry has it: blobs by digest, and manifests with their types."""

    def __init__(self, image, docker=False):
        self.blobs = {}
        config = self._keep(image.config(), DOCKER_CONFIG if docker else images.OCI_CONFIG)
        layers = [self._keep(blob, DOCKER_LAYER if docker else
                             images.OCI_LAYER + ("" if blob == layer else "+gzip"))
                  for blob, layer in zip(image.blobs, image.layers)]
        self.type = DOCKER_MANIFEST if docker else images.OCI_MANIFEST
        self.manifest = images.dumps({"schemaVersion": 2, "mediaType": self.type,
                                      "config": config, "layers": layers})
        self.digest = images.digest(self.manifest)

    def _keep(self, data, media_type):
        self.blobs[images.digest(data)] = data
        return {"mediaType": media_type, "digest": images.digest(data), "size": len(data)}

    def descriptor(self, **platform):
        """Its line in an index."""
        return {"mediaType": self.type, "digest": self.digest, "size": len(self.manifest),
                "platform": platform}


class Registry(contextlib.AbstractContextManager):
    """`with Registry(folder) as registry: registry.push("app", "1", stored)`."""

    def __init__(self, folder, password=False, certificate=None, client=False):
        self.folder, self.password, self.certificate = folder, password, certificate
        self.client = client # it wants to see that certificate of whoever asks
        self.host = None
        self._process = None

    def __enter__(self):
        http_lines, more = "", ""
        if self.certificate:
            more_tls = f", clientcas: [{self.certificate}]" if self.client else ""
            http_lines = ", tls: {{certificate: {0}, key: {0}{1}}}".format(self.certificate, more_tls)
        if self.password:
            path = os.path.join(self.folder, "htpasswd")
            with open(path, "w", encoding="utf-8") as file:
                file.write(HTPASSWD)
            more = f"auth: {{htpasswd: {{realm: tests, path: {path}}}}}"
        config = os.path.join(self.folder, "registry.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(root=self.folder, http=http_lines, more=more))
        self._process = daemons.RegistryProcess(config)
        self.host = f"127.0.0.1:{self._process.port}"
        return self

    def __exit__(self, *_):
        self._process.stop()

    def _request(self, method, url, data=None, **headers):
        if not url.startswith("http"):
            url = f"{'https' if self.certificate else 'http'}://{self.host}{url}"
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        if self.password:
            plain = f"{USER}:{PASSWORD}".encode()
            request.add_header("Authorization", "Basic " + base64.b64encode(plain).decode())
        context = ssl.create_default_context(cafile=self.certificate) if self.certificate else None
        if self.client:
            context.load_cert_chain(self.certificate)
        handlers = [urllib.request.ProxyHandler({})]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        with urllib.request.build_opener(*handlers).open(request) as answer:
            return answer.headers

    def push_manifest(self, name, tag, data, media_type):
        """Puts a manifest or an index there."""
        self._request("PUT", f"/v2/{name}/manifests/{tag}", data, **{"Content-Type": media_type})

    def push(self, name, tag, stored):
        """Puts an image there; returns its name without the tag."""
        for digest, data in stored.blobs.items():
            place = self._request("POST", f"/v2/{name}/blobs/uploads/", b"")["Location"]
            sign = "&" if "?" in place else "?"
            self._request("PUT", f"{place}{sign}digest={urllib.parse.quote(digest)}", data,
                          **{"Content-Type": "application/octet-stream"})
        self.push_manifest(name, tag, stored.manifest, stored.type)
        return f"docker://{self.host}/{name}"


def make_certificate(folder):
    """A certificate for 127.0.0.1 that signs itself, and its key, in one file."""
    path = os.path.join(folder, "certificate.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path + ".key", "-out",
                    path], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(path + ".key", encoding="ascii") as key, open(path, "a", encoding="ascii") as out:
        out.write(key.read())
    return path


class Faulty(contextlib.AbstractContextManager):
    """A registry that does as @act says: act(handler, path) answers, or returns False.

    What it does not answer is served from @blobs and @manifests.  Every request is kept in
    `requests`: path, and headers as a dict with small letters.  With @certificate it speaks TLS.
    """

    def __init__(self, stored=None, act=None, certificate=None):
        self.certificate = certificate
        self.blobs = dict(stored.blobs) if stored else {}
        self.manifests = {}
        if stored:
            for name in ("latest", stored.digest):
                self.manifests[name] = (stored.type, stored.manifest)
        self.act = act or (lambda handler, path: False)
        self.requests = []
        self._server = None

    def __enter__(self):
        faulty = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One connection."""
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                """Any request of the program."""
                headers = {key.lower(): value for key, value in self.headers.items()}
                faulty.requests.append((self.path, headers))
                if faulty.act(self, self.path) is False:
                    faulty.serve(self)

            def do_POST(self):  # pylint: disable=invalid-name
                """The same with a body, which is kept too."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.headers["X-Body"] = body.decode()
                self.do_GET()

            def handle(self):
                """A program that is gone is not an error."""
                with contextlib.suppress(ConnectionError):
                    super().handle()

            def log_message(self, *_):  # pylint: disable=arguments-differ
                """Not on the test's standard error."""

            def answer(self, status, data=b"", **headers):
                """Status, headers with '_' for '-', and a body."""
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(data)

            def cut(self, status, data, after, **headers):
                """A body that is promised whole and cut off."""
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[:after])
                self.close_connection = True

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None # the program's report tells
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self):
        """HOST:PORT."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def image(self):
        """What to run."""
        return f"docker://{self.host}/app"

    def paths(self, kind):
        """The requests for "blobs" or "manifests", as (path, headers)."""
        return [one for one in self.requests if f"/{kind}/" in one[0]]

    def serve(self, handler):
        """As a registry should."""
        name = handler.path.rpartition("/")[2]
        if "/manifests/" in handler.path and name in self.manifests:
            media_type, data = self.manifests[name]
            handler.answer(200, data, Content_Type=media_type)
        elif "/blobs/" in handler.path and name in self.blobs:
            handler.answer(200, self.blobs[name])
        else:
            handler.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
