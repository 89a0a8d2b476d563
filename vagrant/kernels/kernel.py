# SPDX-License-Identifier: MIT
"""A kernel that qemu can start, and the modules that its guest needs, from Debian's packages.

The kernel is taken out of its bzImage: under emulation most of a boot would be decompression.
Modules are taken with what they depend on, which each of them says itself; no depmod is needed.
"""
import collections
import lzma
import os
import re
import struct
import subprocess
import tempfile
import zlib

# What the tests mount, and what that needs without saying so. A kernel may have it built in.
MODULES = ("crc32c_generic", "overlay", "loop", "ext4", "xfs", "btrfs", "vfat", "nls_cp437",
           "nls_ascii", "nls_iso8859_1")
# In the order in which ELF files are told apart from what compresses them.
MAGIC = {b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"\x02\x21\x4c\x18": "lz4",
         b"\x1f\x8b": "gzip"}

Kernel = collections.namedtuple("Kernel", "release image modules")


def obtain(archive, release, cache):
    """The kernel of a release: from the cache, or from the archive into the cache."""
    made_of = zlib.crc32(" ".join(MODULES).encode())
    folder = os.path.join(cache, f"{release.name}_{release.version}_{made_of:08x}")
    if not os.path.isdir(folder):
        with tempfile.TemporaryDirectory(dir=cache) as work:
            new = os.path.join(work, "kernel")
            os.mkdir(new)
            _unpack(archive.fetch(release, work), os.path.join(work, "tree"))
            _take_image(os.path.join(work, "tree"), os.path.join(new, "vmlinux"))
            _take_modules(os.path.join(work, "tree"), new)
            os.rename(new, folder)
    modules = sorted(name for name in os.listdir(folder) if name.endswith(".ko"))
    return Kernel(release, os.path.join(folder, "vmlinux"),
                  [os.path.join(folder, name) for name in modules])


def _unpack(packages, tree):
    for package in packages:
        subprocess.run(["dpkg-deb", "-x", package, tree], check=True, stdin=subprocess.DEVNULL)


def _files(tree, pattern):
    for folder, _, names in os.walk(tree):
        for name in names:
            if re.fullmatch(pattern, name):
                yield os.path.join(folder, name)


def _take_image(tree, target):
    """Documentation/x86/boot.rst: setup_sects at 0x1f1, payload_offset and _length at 0x248."""
    with open(next(_files(tree, r"vmlinuz.*")), "rb") as file:
        image = file.read()
    sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (sectors + 1) * 512 + offset
    payload = image[start:start + length]
    # All but gzip have the length of the kernel behind them (scripts/Makefile.lib, size_append).
    with open(target, "wb") as file:
        file.write(_decompress(payload if payload[:2] == b"\x1f\x8b" else payload[:-4]))


def _decompress(data):
    """By what it begins with."""
    kind = next((name for magic, name in MAGIC.items() if data.startswith(magic)), None)
    if kind == "xz":
        return lzma.LZMADecompressor().decompress(data)
    if kind == "gzip":
        return zlib.decompressobj(wbits=31).decompress(data)
    if kind is None:
        return data
    return subprocess.run([kind, "-dc"], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def _take_modules(tree, target):
    """In the order in which they must be loaded, which is that of their names here."""
    paths = {os.path.basename(path).partition(".ko")[0].replace("-", "_"): path
             for path in _files(tree, r".*\.ko(\.xz|\.zst|\.gz)?")}
    for number, name in enumerate(_load_order(paths)):
        with open(os.path.join(target, f"{number:02}-{name}.ko"), "wb") as file:
            file.write(_module(paths[name]))


def _module(path):
    with open(path, "rb") as file:
        return _decompress(file.read())


def _load_order(paths):
    """What is built in has no file, and is not in the list."""
    order = []

    def visit(name):
        if name not in paths or name in order:
            return
        data = _module(paths[name])
        for needed in _needs(data):
            visit(needed)
        order.append(name)

    for name in MODULES:
        visit(name)
    return order


def _needs(module):
    """Its .modinfo: depends=a,b and softdep=pre: c d."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    names = found.group(1).decode().split(",") if found else []
    for soft in re.findall(rb"\0softdep=pre: ([^\0]*)\0", module):
        names += soft.decode().split()
    return [name.replace("-", "_") for name in names if name]
