# SPDX-License-Identifier: MIT
"""Writes the seeds of the fuzz targets: corpus/<target>/<what it is>, a few hundred bytes each.

Run it after changing it; the files are kept in the tree, so that a test needs no python.  Inputs
that once broke something are called crash-<words> and stay: nothing here removes a file.
"""
import bz2
import hashlib
import json
import lzma
import os
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ABSENT = 2 ** 64 - 1


def octal(value, size):
    return b"%0*o\0" % (size - 1, value)


def header(name, kind=b"0", *, size=0, uid=b"", magic=b"ustar\00000", link=b"", rest=b""):
    """One tar header with the right checksum."""
    block = bytearray(512)
    for offset, value in ((0, name), (100, octal(0o644, 8)), (108, uid or octal(0, 8)),
                          (116, octal(0, 8)), (124, octal(size, 12)), (136, octal(5, 12)),
                          (156, kind), (157, link), (257, magic), (345, rest)):
        block[offset:offset + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data):
    return data + b"\0" * (-len(data) % 512)


def member(name, data=b"", kind=b"0", **keywords):
    return header(name, kind, size=len(data), **keywords) + padded(data)


def record(key, value):
    rest = len(key) + len(value) + 3
    length = rest + 1
    while len(str(length)) + rest != length:
        length += 1
    return b"%d %s=%s\n" % (length, key, value)


def pax(kind=b"x", **records):
    body = b"".join(record(key.replace("__", ".").encode(), value)
                    for key, value in records.items())
    return member(b"PaxHeaders/f", body, kind)


END = bytes(1024)


def tar_seeds():
    """Each kind of header and each kind of fault."""
    sparse = {"GNU__sparse__size": b"9", "GNU__sparse__numblocks": b"1"}
    version_1 = {"GNU__sparse__major": b"1", "GNU__sparse__minor": b"0",
                 "GNU__sparse__realsize": b"20", "GNU__sparse__name": b"s"}
    old_sparse = bytearray(167)
    old_sparse[386 - 345:386 - 345 + 4] = b"0001"
    old_sparse[398 - 345:398 - 345 + 4] = b"0002"
    old_sparse[483 - 345:483 - 345 + 4] = b"0024"
    gnu = b"ustar  \0"
    return {
        "empty": b"", "end": END, "file": member(b"f", b"abc") + END,
        "files": member(b"a", b"x" * 600) + member(b"b/", kind=b"5") + END,
        "links": member(b"l", kind=b"2", link=b"x") + member(b"h", kind=b"1", link=b"l") + END,
        "v7": member(b"f", b"abc", magic=b"") + END,
        "gnu-time": header(b"f", magic=gnu, rest=octal(9, 12)) + END,
        "gnu-prefix": header(b"f", magic=gnu, rest=b"prefix") + END,
        "star": header(b"f", rest=b"p" + bytes(162) + b"tar\0") + END,
        "base-256": header(b"f", uid=b"\x80\0\0\0\0\x01\x11\x70") + END,
        "minus-one": header(b"f", uid=b"\xff" * 8) + END,
        "pax": pax(uid=b"70000", mtime=b"1.5", path=b"p") + member(b"f", b"abc") + END,
        "xattr": pax(SCHILY__xattr__user__b=b"1", SCHILY__xattr__user__a=b"x\0y") + header(b"f"),
        "global": pax(b"g", path=b"g", uid=b"x") + member(b"f") + END,
        "long": member(b"@", b"n" * 120 + b"\0", b"L") + member(b"@", b"k\0", b"K")
                + header(b"f", b"2") + END,
        "sparse-0.0": member(b"x", b"".join(record(*pair) for pair in (
            (b"GNU.sparse.size", b"9"), (b"GNU.sparse.numblocks", b"1"),
            (b"GNU.sparse.offset", b"2"), (b"GNU.sparse.numbytes", b"3"))), b"x")
                      + member(b"f", b"abc") + END,
        "sparse-0.1": pax(GNU__sparse__map=b"2,3", **sparse) + member(b"f", b"abc") + END,
        "sparse-missing": pax(GNU__sparse__map=b"2,5", **sparse) + member(b"f", b"abc") + END,
        "sparse-unused": pax(GNU__sparse__map=b"2,1", **sparse) + member(b"f", b"abc") + END,
        "sparse-1.0": pax(**version_1) + member(b"f", padded(b"2\n1\n2\n9\n1\n") + b"abc") + END,
        "sparse-hole": pax(GNU__sparse__map=b"9000000000000000000,0", GNU__sparse__numblocks=b"1",
                           GNU__sparse__size=b"9000000000000000000") + member(b"f") + END,
        "sparse-old": header(b"f", b"S", magic=gnu, rest=bytes(old_sparse)) + END,
        "cut-header": member(b"f", b"abc")[:100], "cut-data": header(b"f", size=1000) + b"abc",
        "cut-padding": header(b"f", size=3) + b"abc",
        "zero-block": END[:512] + member(b"f"), "junk": b"j" * 512,
        "huge": header(b"f", b"7", size=0o77777777777) + b"abc",
    }


def pax_seeds():
    return {
        "empty": b"", "one": record(b"uid", b"70000"),
        "several": record(b"path", b"a/b") + record(b"mtime", b"-1.5") + record(b"size", b"3"),
        "again": record(b"uid", b"5") + record(b"uid", b""),
        "xattrs": record(b"SCHILY.xattr.user.b", b"1") + record(b"SCHILY.xattr.user.a", b"x\0y")
                  + record(b"SCHILY.xattr.user.b", b""),
        "sparse": record(b"GNU.sparse.offset", b"1") + record(b"GNU.sparse.numbytes", b"2"),
        "sparse-order": record(b"GNU.sparse.numbytes", b"1"),
        "zeros-before": b"0011 uid=70\n", "plus": b"+9 uid=5\n", "shortest": b"5 a=\n",
        "no-newline": b"8 uid=5x", "no-key": b"6 =ab\n", "nul": b"12 path=a\0b\n",
        "too-long": b"99 uid=5\n", "huge": b"9" * 30 + b" a=b\n",
    }


def idmap_seeds():
    return {
        "docker": b"0:100000:65536", "rootless": b"0:1000:1\n1:100000:65536",
        "whole": b"0:0:4294967295", "last": b"4294967294:4294967294:1",
        "overlap": b"0:100000:10\n5:200000:10", "crossed": b"0:10:10\n10:0:10",
        "wraps": b"0:4294967290:100", "none": b"0:0:0", "words": b"a:b:c", "two": b"0:1",
        "too-large": b"0:0:4294967296", "signs": b"-1:+0:1", "empty-lines": b"\n\n0:1:2\n",
        "many": b"\n".join(b"%d:%d:1" % (i, 2 * i) for i in range(341)),
    }


def number(*values):
    return b"".join(struct.pack("<Q", value % 2 ** 64) for value in values)


def text(value):
    return number(ABSENT) if value is None else number(len(value)) + value


def wire_seeds():
    """The first byte is the decoder: finding, image, layer, error, runtime, request, cause."""
    finding = number(1, 2, 0, 0o644, 3, 4, 70000, 5, 0, 0, 5, 1, 22)
    layer = number(0, 5, 10, 11, 1, 1, 70000, 5, 0, 2, 0, 1, 3, 70000, 0)
    image = text(b"app:latest") + text(None) + text(b"node") + number(1) + text(b"A=b") + text(b"/")
    image += number(1, 1) + text(b"app:latest") + number(1, 0) + text(b"json: ")
    one_layer = text(b"sha256:aa") + text(None) + text(b"RUN x") + number(5, 1)
    return {
        "finding": b"\0" + finding + text(b"etc/f") + text(None),
        "finding-link": b"\0" + finding + text(b"etc/l") + text(b"to\0x"),
        "finding-no-path": b"\0" + finding + text(None) + text(None),
        "finding-cut": b"\0" + finding[:50], "finding-long": b"\0" + finding + number(1000),
        "image": b"\1" + image + number(1) + one_layer, "image-none": b"\1" + image + number(0),
        "image-many": b"\1" + image + number(100000),
        "layer": b"\2" + layer + text(b"Container ID 70000") + text(b"f") + text(b"log") + text(None),
        "layer-good": b"\2" + number(*([0] * 15)) + text(None) * 4,
        "error": b"\3" + number(2, 5) + text(b"no space"),
        "error-none": b"\3" + number(0, 0) + text(b""),
        "error-long": b"\3" + number(3, 1) + text(b"x" * 600),
        "runtime": b"\4" + number(15, 5, 6, 1, 0, 22, 22, 2, 7, 8) + text(None) + text(b"node") +
                   text(b"node:x:5:6::/:") + text(b"cannot set uid"),
        "runtime-unknown": b"\4" + number(0, 0, 0, 0, 0, 0, 0, 0) + text(b"a link") + text(b"") +
                           text(None) * 2,
        "runtime-groups": b"\4" + number(15, 5, 6, 1, 0, 0, 0, 1000000),
        "request-node": b"\5" + number(0) + text(b"0") + text(b"/dev/null") +
                        number(0, 0o20666, 1, 3) + text(None) * 2,
        "request-attribute": b"\5" + number(1) + text(b"rootfs") + text(b"/f") +
                             number(1, 0, 0, 0) + text(b"security.x") + text(b"v\0w"),
        "request-nowhere": b"\5" + number(2) + text(None) * 2 + number(0, 0, 0, 0) +
                           text(None) * 2,
        "cause": b"\6" + number(1, 2, 3) + text(b"content-type") + text(b"1.0.4"),
        "cause-bare": b"\6" + number(0, 0, 0) + text(None) * 2,
    }


def path_seeds():
    names = {
        "empty": b"", "plain": b"a/b/c", "dots": b"./a/../b/./c/..", "climbs": b"../../x/../e",
        "root": b"/", "slashes": b"//a///b//", "root-climbs": b"/../..//../a", "three": b".../....",
        "whiteout": b"d/.wh..wh..opq", "trailing": b"a/b/", "dot": b".", "nul": b"a\0/../b\0",
        "bytes": b"\xff/\xfe/..", "hidden": b".a/..b/c..",
    }
    return names


def gzip(data, flags=0, options=b"", level=6):
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = deflate.compress(data) + deflate.flush()
    return (b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\xff" + options + body
            + struct.pack("<II", zlib.crc32(data), len(data)))


def stream_seeds():
    whole = gzip(b"some text, some text, some text")
    bzip2 = bz2.compress(b"some text, some text, aaaaaaaaaaaaaaaaaaaaaaaa")
    xz = lzma.compress(b"some text, some text")
    header_crc = b"\x1f\x8b\x08\x02\0\0\0\0\0\xff"
    return {
        "empty": b"", "plain": b"plain bytes", "gzip": whole, "gzip-empty": gzip(b""),
        "members": gzip(b"one") + gzip(b"two"), "stored": gzip(b"stored", level=0),
        "extra": gzip(b"x", 4, b"\x02\0ab"), "name": gzip(b"x", 8, b"layer.tar\0"),
        "comment": gzip(b"x", 16, b"c\0"), "all": gzip(b"x", 28, b"\x01\0ab\0c\0"),
        "header-crc": gzip(b"x", 2, struct.pack("<H", zlib.crc32(header_crc) & 0xffff)),
        "bad-crc": whole[:-8] + b"\0\0\0\0" + whole[-4:], "bad-size": whole[:-4] + b"\0\0\0\0",
        "no-trailer": whole[:-8], "cut-body": whole[:20], "cut-header": whole[:7],
        "garbage": whole + b"garbage that is long", "zeros": whole + bytes(20),
        "short-garbage": whole + b"xx", "block-type-3": whole[:10] + b"\x07",
        "incomplete-code": b"\x1f\x8b\x08" + bytes(6) + b"\xff" + bytes.fromhex(
            "05e18108000000c030b0fefe10df30") + struct.pack("<II", zlib.crc32(b"ab"), 2),
        "bomb": gzip(bytes(400000)), "bzip2": bzip2, "bzip2-streams": bzip2 + bz2.compress(b"x", 1),
        "bzip2-cut": bzip2[:-9], "bzip2-bad-crc": bzip2[:10] + b"crc!" + bzip2[14:],
        "bzip2-garbage": bzip2 + b"garbage", "bzip2-bomb": bz2.compress(bytes(400000)), "xz": xz,
        "xz-streams": xz + bytes(8) + lzma.compress(b"x", check=lzma.CHECK_CRC32),
        "xz-cut": xz[:-9], "xz-bad-crc": xz[:-20] + b"crc!" + xz[-16:], "xz-garbage": xz + b"garb",
        "zstd": b"\x28\xb5\x2f\xfd\0\0",
    }


def described(*members):
    """An archive in the short form of fuzz_manifest.c."""
    return b"\1".join(name + b"\2" + content for name, content in members)


def manifest_seeds():
    digest = "sha256:" + "a" * 64
    config = {"config": {"User": "node"}, "rootfs": {"type": "layers", "diff_ids": [digest]},
              "history": [{"created_by": "ADD root"},
                          {"created_by": "ENV a=1", "empty_layer": True}]}
    manifest = [{"Config": "c.json", "RepoTags": ["app:latest"], "Layers": ["a/layer.tar"]}]

    def docker(manifest=manifest, config=config, layer=b"a/layer.tar"):
        return described((layer, b"layer"), (b"c.json", json.dumps(config).encode()),
                         (b"manifest.json", json.dumps(manifest).encode()))

    def oci(*blobs):
        found = [(b"blobs/sha256/" + hashlib.sha256(blob).hexdigest().encode(), blob)
                 for blob in blobs]
        index = {"schemaVersion": 2, "manifests": [describe(blobs[-1], "manifest")]}
        return described((b"oci-layout", b'{"imageLayoutVersion":"1.0.0"}'),
                         (b"index.json", json.dumps(index).encode()), *found)

    def describe(blob, kind):
        media = {"manifest": "manifest.v1+json", "config": "config.v1+json",
                 "layer": "layer.v1.tar"}[kind]
        return {"mediaType": "application/vnd.oci.image." + media, "size": len(blob),
                "digest": "sha256:" + hashlib.sha256(blob).hexdigest()}

    oci_config = json.dumps(config).encode()
    oci_manifest = json.dumps({"schemaVersion": 2, "config": describe(oci_config, "config"),
                               "layers": [describe(b"layer", "layer")]}).encode()
    return {
        "empty": b"", "docker": docker(), "docker-two": docker(manifest * 2),
        "docker-no-layers": docker([{"Config": "c.json", "RepoTags": None, "Layers": []}],
                                   {"rootfs": {"diff_ids": []}}),
        "docker-outside": docker([{"Config": "../../etc/passwd", "Layers": []}]),
        "docker-missing": docker([{"Config": "c.json", "Layers": ["gone"]}]),
        "docker-types": docker([{"Config": 5, "Layers": "x"}]), "docker-object": docker({}),
        "docker-deep": docker([[[[[[[[[[]]]]]]]]]]),
        "docker-config": docker(config=[1, 2, 3]),
        "docker-config-types": docker(config={
            "created": "2020-02-29T12:00:00,5+01:00", "Size": -1.5, "history": [{"created": None}],
            "rootfs": {"diff_ids": [None]}, "config": {
                "Cmd": ["a"], "Labels": {"a": {}}, "Healthcheck": {"Interval": 1e3}}}), "docker-broken": docker()[:-9],
        "oci": oci(b"layer", oci_config, oci_manifest),
        "oci-config-missing": oci(b"layer", oci_manifest),
        "oci-nothing": described((b"oci-layout", b"{}"), (b"index.json", b"{}")),
        "layer": described((b"etc/f", b"text")), "junk": b"!" + b"j" * 600,
        "gzip": b"!" + gzip(member(b"manifest.json", b"[]") + END),
        "gzip-cut": b"!" + gzip(member(b"manifest.json", b"[]") + END)[:40],
    }


def registry_seeds():
    """Documents up to 0x1e; behind a byte 1 the answer of a token server."""
    digest = "sha256:" + "a" * 64

    def describe(kind, **more):
        return {"mediaType": "application/vnd.oci.image." + kind, "size": 5, "digest": digest,
                **more}

    def documents(*values):
        return b"\x1e".join(json.dumps(value).encode() for value in values)

    manifest = {"schemaVersion": 2, "config": describe("config.v1+json"),
                "layers": [describe("layer.v1.tar+gzip")]}
    index = {"schemaVersion": 2, "manifests": [
        describe("manifest.v1+json", platform={"os": "linux", "architecture": which})
        for which in ("arm64", "amd64")]}
    config = {"config": {"User": "node"}, "rootfs": {"type": "layers", "diff_ids": [digest]},
              "history": [{"created_by": "ADD root"}]}
    return {
        "empty": b"", "manifest": documents(manifest, config),
        "index": documents(index, manifest, config), "index-of-itself": documents(index, index),
        "no-config": documents(manifest), "numbers": documents(manifest, {"rootfs": 5}),
        "more-layers": documents({**manifest, "layers": manifest["layers"] * 2}, config),
        "digest": documents({**manifest, "layers": [{"digest": "sha256:../x", "size": 1}]}),
        "size": documents({**manifest, "layers": [{**describe("layer.v1.tar"), "size": -1}]}),
        "schema-1": documents({"schemaVersion": 1, "fsLayers": []}),
        "token": b"\1" + documents({"token": "abc.DEF-9"}),
        "access-token": b"\1" + documents({"access_token": "abc"}),
        "token-with-line": b"\1" + documents({"token": "abc\r\nHost: x"}),
        "token-none": b"\1" + documents({"token": ""}), "token-number": b"\1{\"token\": 5}",
    }


def user_seeds():
    """A byte for the version, USER, passwd and group, with 0x1e between them."""
    passwd = (b"root:x:0:0::/:\nlow:x:1000:1001::/:\n#c:x:9:9\n sp:x:11:11 \r\n"
              b"neg:x:-1:13\nlast:x:15:16")
    group = b"g:x:50:low,b\n#off:x:52:low\n9:x:53:\nbig:x:4294967295:\n"

    def case(version, user, files=(passwd, group)):
        return bytes([version]) + b"\x1e".join((user,) + files)

    return {
        "empty": b"", "name": case(1, b"low"), "number": case(1, b"1000"),
        "group": case(2, b"low:g"), "old": case(0, b"#c:#off"),
        "range": case(2, b"99999999999999999999"),
        "long": case(1, b"", (b"y" * 70000, b"g:x:1:" + b"y" * 70000)),
    }


def cause_seeds():
    """Layers with the manifests that cause/ reads."""
    site = b"usr/lib/python3/site-packages/"
    return {
        "empty": b"",
        "npm": member(b"node_modules/a/package.json", b'{"name": "a", "version": "1"}')
               + member(b"node_modules/a/node_modules/@s/b/x"),
        "pip": member(site + b"a/x.py") + member(site + b"a-1.0.dist-info/METADATA",
                                                 b"Name: A\nVersion: 1.0.1\n\ntext")
               + member(site + b"a-1.0.dist-info/RECORD", b'a/x.py,sha256=x,1\n"../y,",,\r\n'),
        "gem": member(b"r/gems/a-1.0/x") + member(b"r/specifications/a-1.0.gemspec",
                                                  b"#\n# stub: A 1.0.1 ruby lib\n"),
        "go": member(b"go/pkg/mod/github.com/!a/b@v1.0.0/x"),
        "composer": member(b"vendor/a/b/x") + member(b"vendor/a/b/composer.json", b'{"name": "a/b"}')
                    + member(b"vendor/composer/installed.json",
                             b'{"packages": [{"name": "a/b", "version": "1"}]}'),
        "dpkg": member(b"usr/bin/x") + member(b"var/lib/dpkg/info/x:amd64.list", b"/.\n/usr/bin/x\n")
                + member(b"var/lib/dpkg/status", b"Package: x\nVersion: 1\n\n"),
        "apk": member(b"usr/bin/x") + member(b"lib/apk/db/installed",
                                             b"P:x\nV:1\nF:usr/bin\nR:x\n\n"),
        "whiteout": member(b"d", kind=b"5") + member(b"d/.wh..wh..opq") + member(b".wh.d"),
        "long": member(b"var/lib/dpkg/info/x.list", b"/" * 20000 + b"\n/usr/bin/x"),
    }


def step_seeds():
    """Lines of a history."""
    return {
        "empty": b"",
        "tar": b'/bin/sh -c curl "$U" | tar -xz -C /tmp && tar xzf /a.tgz; (tar --get -f b)',
        "old": b"RUN /bin/bash -eo pipefail -c tar xfC a.tar /b # buildkit",
        "keeps": b"RUN tar -xzof a && tar --no-same-owner -x",
        "ids": b"RUN useradd -u 1000000 -g 7 x && chown 1000000:7 a-7.tgz v1.7 && touch 7",
        "copy": b"COPY --chown=7:7 a b # buildkit",
        "plain": b"COPY a b # buildkit",
        "add": b"ADD a/b.tar.gz /opt/ # buildkit",
        "url": b"ADD https://a/b /opt/ # buildkit",
        "nop": b"/bin/sh -c #(nop) ADD file:1 in / ",
        "here": b"RUN <<EOF tar xz EOF",
        "comment": b"RUN a; # b",
        "arguments": b"|2 A=x B=/bin/sh -c y /bin/sh -c make ;",
    }


TARGETS = {"user": user_seeds, "tar": tar_seeds, "pax": pax_seeds, "idmap": idmap_seeds,
           "wire": wire_seeds, "cause": cause_seeds, "step": step_seeds, "path": path_seeds,
           "stream": stream_seeds, "registry": registry_seeds, "manifest": manifest_seeds}


def main():
    for target, seeds in TARGETS.items():
        folder = os.path.join(HERE, "corpus", target)
        os.makedirs(folder, exist_ok=True)
        for name, data in seeds().items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main()
