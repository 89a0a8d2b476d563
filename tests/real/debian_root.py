# SPDX-License-Identifier: MIT
"""Makes the root that the real image is taken from, and takes its layers.

Runs as the first process of mount and pid namespaces of its own (build_image.py makes them)
and works on a tmpfs that only they can see. The kernel therefore removes everything when this
process ends, however it ends; only the layer files in the cache folder stay.
"""

import contextlib
import os
import re
import shutil
import subprocess
import time

import layer

SUITE = "bookworm"
PACKAGES = "npm,ca-certificates"
# The npm that the node:18.9.0 images carry: the step under test starts from it, not from
# Debian's own, because the shell of that step would go on using the npm it found first.
BASE_NPM = "npm i -g npm@8.19.1"
INSTALL = "npm i -g npm@9.1.1 && npm i"
CHOWN = "find /app/node_modules ! -user root -print0 | xargs -0 chown -h root:root"

IMAGE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What debian:bookworm-slim leaves out as well.
EXCLUDED = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

APT_SETTINGS = re.compile(
    r"^Acquire::(https?::(Proxy|CaInfo|Timeout)|Check-(Date|Valid-Until)|Retries)\b", re.I)
NPM_SETTINGS = ("registry", "proxy", "https-proxy", "noproxy", "strict-ssl", "cafile")
PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy")
CA_VARIABLES = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"

NO_NETWORK = re.compile(
    r"Temporary failure resolving|Could not resolve|Could not connect|Unable to connect"
    r"|Network is unreachable|Connection (timed out|refused|failed)"
    r"|\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH"
    r"|ERR_SOCKET_TIMEOUT)\b")


class Unavailable(Exception):
    """This host does not offer what the build needs; nothing is wrong with the build."""


class BuildError(Exception):
    """The build went wrong."""


def build(cache, app):
    """Build everything; leaves NAME.tar a layer in cache, gives their facts by name."""
    root = os.path.join(cache, "root")
    _run(["mount", "-t", "tmpfs", "-o", "mode=755,size=3g", "tmpfs", root])
    facts = {}

    _make_base(root, app)
    base = layer.snapshot(root)
    _take(facts, cache, root, "base", {}, base)
    with _machine_view(root) as env:
        _run_step(root, env, INSTALL)
    installed = layer.snapshot(root)
    _take(facts, cache, root, "install", base, installed)
    with _machine_view(root) as env:
        _run_step(root, env, CHOWN)
    owned = layer.snapshot(root)
    _take(facts, cache, root, "chown", installed, owned)
    _take(facts, cache, root, "install-chown", base, owned)
    return facts


def _take(facts, cache, root, name, before, after):
    names = layer.changes(before, after)
    facts[name] = layer.write_layer(root, names, os.path.join(cache, name + ".tar"))
    _say("layer %s: %d entries, %d bytes" % (name, facts[name]["entries"], facts[name]["size"]))


def _make_base(root, app):
    command = ["mmdebstrap", "--mode=root", "--variant=minbase",
               "--skip=check/empty", "--include=" + PACKAGES]
    command += ["--dpkgopt=path-exclude=" + pattern for pattern in EXCLUDED]
    command += ["--aptopt=" + setting for setting in apt_settings()]
    _run(command + [SUITE, root] + apt_mirrors())
    _forget_machine(root)

    target = os.path.join(root, "app")
    os.mkdir(target)
    for name in sorted(os.listdir(app)):
        shutil.copyfile(os.path.join(app, name), os.path.join(target, name))
    with _machine_view(root) as env:
        _run_step(root, env, BASE_NPM)
    shutil.rmtree(os.path.join(root, "root/.npm"), ignore_errors=True)


def _forget_machine(root):
    """Take out of the root what belongs to this machine and not to an image."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(root, "etc/apt/apt.conf.d/99mmdebstrap"))
    for name in ("hostname", "hosts", "resolv.conf"):
        path = os.path.join(root, "etc", name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with open(path, "wb"):
            pass
    shutil.rmtree(os.path.join(root, "dev"))
    os.mkdir(os.path.join(root, "dev"), 0o755)


@contextlib.contextmanager
def _machine_view(root):
    """What a container engine lends a build step: /proc, /dev, the resolver, the settings."""
    with contextlib.ExitStack() as mounts:
        def mount(*arguments):
            target = os.path.join(root, arguments[-1])
            _run(["mount", *arguments[:-1], target])
            mounts.callback(_run, ["umount", target])

        mount("-t", "proc", "proc", "proc")
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "dev")
        for name in DEVICES:
            st = os.stat("/dev/" + name)
            os.mknod(os.path.join(root, "dev", name), st.st_mode, st.st_rdev)
            os.chmod(os.path.join(root, "dev", name), 0o666)
        for name in ("resolv.conf", "hosts"):
            if os.path.exists("/etc/" + name):
                mount("--bind", os.path.realpath("/etc/" + name), "etc/" + name)
        env = {"PATH": IMAGE_PATH, "HOME": "/root"}
        env.update(_npm_environment(os.path.join(root, "dev/ca.pem"), "/dev/ca.pem"))
        yield env


def _run_step(root, env, command):
    """A RUN line of a Dockerfile: the shell of the image, as root, in the WORKDIR."""
    settings = ["%s=%s" % pair for pair in sorted(env.items())]
    _run(["chroot", root, "env", "-i", "-C", "/app", *settings, "/bin/sh", "-c", command],
         shown="RUN " + command)


def apt_settings():
    """The settings of this machine's apt without which its mirrors may not be reachable."""
    lines = _output(["apt-config", "dump"]).splitlines()
    return [line for line in lines if APT_SETTINGS.match(line)]


def apt_mirrors():
    """The mirrors this machine uses for the suite; none, and mmdebstrap takes its default."""
    lines = _output(["apt-get", "indextargets", "--format",
                     "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"])
    found = [line.split()[2] for line in lines.splitlines()
             if line.split()[:2] == [SUITE, "main"]]
    return sorted(set(found))


def _npm_environment(ca_outside, ca_inside):
    """How npm reaches its registry from this machine, as variables for a step in the root."""
    env = {"npm_config_audit": "false", "npm_config_fund": "false",
           "npm_config_update_notifier": "false"}
    for name in PROXY_VARIABLES:
        for spelled in (name, name.upper()):
            if os.environ.get(spelled):
                env[spelled] = os.environ[spelled]
    settings = _npm_settings()
    candidates = [settings.pop("cafile", None)]
    candidates += [os.environ.get(name) for name in CA_VARIABLES] + [SYSTEM_CA]
    for path in candidates:
        if path and os.path.isfile(path):
            shutil.copyfile(path, ca_outside)
            env["NODE_EXTRA_CA_CERTS"] = ca_inside
            break
    for key, value in settings.items():
        env["npm_config_" + key.replace("-", "_")] = value
    return env


def _npm_settings():
    """The connection settings among npm's variables and files; nothing else is looked at."""
    variables = {name.lower(): value for name, value in os.environ.items()}
    user = variables.get("npm_config_userconfig", os.path.expanduser("~/.npmrc"))
    files = [user, variables.get("npm_config_globalconfig", ""),
             "/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc"]
    found = {}
    for path in reversed([path for path in files if os.path.isfile(path)]):
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                key, _, value = (part.strip() for part in line.partition("="))
                if key in NPM_SETTINGS:
                    found[key] = os.path.expandvars(value.strip("\"'"))
    for key in NPM_SETTINGS:
        value = variables.get("npm_config_" + key.replace("-", "_"))
        if value:
            found[key] = value
    return found


def _output(command):
    try:
        return subprocess.run(command, check=True, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""  # not an apt host: the defaults have to do


def _run(command, shown=None):
    start = time.monotonic()
    done = subprocess.run(command, check=False, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    what = shown or command[0]
    if done.returncode != 0:
        missing = NO_NETWORK.search(done.stdout)
        if missing:
            raise Unavailable("no network: %s says '%s'" % (what, missing.group(0)))
        tail = "\n".join(done.stdout.splitlines()[-20:])
        raise BuildError("%s: exit %d\n%s" % (what, done.returncode, tail))
    if command[0] not in ("mount", "umount"):
        _say("%s: %.0f s" % (what, time.monotonic() - start))


def _say(text):
    os.write(2, ("build_image: " + text + "\n").encode())
