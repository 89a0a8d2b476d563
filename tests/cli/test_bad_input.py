# SPDX-License-Identifier: MIT
"""Hostile and broken images: each is one clear line and status 3, and leaves nothing behind."""
import gzip
import json
import os
import socket

import images
import programtest
from images import archive, digest, dumps, entry, good_image, hexdigest
from programtest import unrtest

# What a message says of an archive that is not whole.
CUT = ("cut short", "is empty", "is not an image", "is not a tar archive", "unexpected EOF",
       "without its manifest.json", "has no manifest.json", "has no member",
       "cannot be decompressed")

# Documents that parse and are not what they ought to be, and what the message says of each.
WRONG_MANIFESTS = {
    "object": ({}, "is not an array"),
    "number": (1, "is not an array"),
    "no image": ([], "names no image"),
    "null image": ([None], "[0].Config: is missing"),
    "list as image": ([[]], "is not an object"),
    "no config": ([{"Layers": []}], "Config: is missing"),
    "config is a number": ([{"Config": 1, "Layers": []}], "Config: is not a string"),
    "config with NUL": ([{"Config": "a\0b", "Layers": []}], "NUL"),
    "tags are a string": ([{"Config": "c.json", "RepoTags": "app", "Layers": []}],
                          "RepoTags: is not an array"),
    "tag is an object": ([{"Config": "c.json", "RepoTags": [{}], "Layers": []}],
                         "RepoTags[0]: is not a string"),
    "layers are a string": ([{"Config": "c.json", "Layers": "all"}], "Layers: is not an array"),
    "layer is a list": ([{"Config": "c.json", "Layers": [[]]}], "Layers[0]: is not a string"),
    "layer is a directory": ([{"Config": "c.json", "Layers": ["folder"]}], "not a regular file"),
    "config is a directory": ([{"Config": "folder", "Layers": ["l"]}], "not a regular file"),
    "config is outside": ([{"Config": "../../etc/passwd", "Layers": ["l"]}],
                          "has no member ../../etc/passwd"),
    "layer is outside": ([{"Config": "c.json", "Layers": ["../../etc/passwd"]}],
                         "has no member ../../etc/passwd"),
    "layer is absolute": ([{"Config": "c.json", "Layers": ["/etc/passwd"]}],
                          "has no member /etc/passwd"),
    "link out": ([{"Config": "c.json", "Layers": ["out"]}], "is a link to etc/passwd"),
    "link to itself": ([{"Config": "c.json", "Layers": ["loop"]}], "leads through too many links"),
}
NO_JSON = {
    "empty": b"",
    "words": b"no json",
    "open": b'[{"Config": "c.json"',
    "not UTF-8": b'["\xff"]',
    "control": b'["\x1b]0;evil\x07\n"]',
    "deep": b"[" * 100000 + b"]" * 100000,
    "deep objects": b'{"a":' * 100000 + b"0" + b"}" * 100000,
    "many values": b"[" + b"0," * 1100000 + b"0]",
    "a number without end": b"[" + b"9" * 100000 + b"]",
    "a real without end": b"[1e999999]",
    "zeros": b"\0" * 4096,
}
# What dockerd says of them as configs, where it is not that a character is invalid.
GO_WORDS = dict.fromkeys(("not UTF-8", "many values", "a number without end", "a real without end"),
                         "json: cannot unmarshal array")
GO_WORDS["open"] = "unexpected end of JSON input"


class Archives(programtest.ProgramTest):
    """Archives that are cut, damaged, or something else."""

    def bad(self, data, *words, prefix="", status=3, name="app.tar"):
        """The program refuses these bytes, and names the file."""
        path = self.write(name, data)
        result = self.run_program("run", prefix + path)
        self.assert_error(result, status, path, *words)
        return result.stderr

    def cut(self, data, prefix=""):
        message = self.bad(data, prefix=prefix)
        self.assertTrue(any(word in message for word in CUT), message)

    def test_cut_anywhere(self):
        for name, whole in {"old": images.old_archive(good_image()),
                            "new": images.new_archive(good_image(compress=True))}.items():
            last = images.members(whole)[-1][1]
            offsets = {0, 1, 511, 513, last + 512, last + 513}
            for _name, offset in images.members(whole):
                offsets |= {offset, offset + 300, offset + 512}
            # Without its last member the one is whole still, and the other an OCI archive.
            offsets.remove(last)
            for offset in sorted(offsets):
                with self.subTest(layout=name, offset=offset):
                    self.cut(whole[:offset])
                    self.cut(whole[:offset], "docker-archive:")

    def test_cut_behind_the_last_member(self):
        whole = images.old_archive(good_image())
        self.assert_loads(self.run_program("run", self.write("app.tar", whole[:-1024])))

    def test_cut_on_the_way_in(self):
        whole = images.old_archive(good_image())
        for offset in (0, 100, 512, len(whole) // 2, len(whole) - 2000):
            with self.subTest(offset=offset):
                result = self.run_program("run", "-", text=False, stdin=None,
                                          input=whole[:offset])
                self.assertEqual((result.returncode, result.stdout), (3, b""))
                result.stderr = result.stderr.decode()
                self.assert_one_line(result, "standard input")

    def test_compressed_and_damaged(self):
        whole = gzip.compress(images.old_archive(good_image()), mtime=0)
        for offset in (3, 10, 18, 40, len(whole) // 2, len(whole) - 8, len(whole) - 1):
            with self.subTest(offset=offset):
                self.cut(whole[:offset], "docker-archive:")
                self.cut(whole[:offset])
        wrong = bytearray(whole)
        wrong[-5] ^= 1
        self.bad(bytes(wrong), "gzip: invalid checksum")
        wrong = bytearray(whole)
        wrong[20:40] = b"\xff" * 20
        self.bad(bytes(wrong), "cannot be decompressed")
        self.bad(whole + b"garbage" * 2, "gzip: invalid header")

    def test_other_compressions_damaged(self):
        for magic, words in {b"BZh9": "bzip2 data invalid: bad magic value found",
                             b"\xfd7zXZ\0": "xz: (stdin): ",
                             b"\x28\xb5\x2f\xfd": "compressed with zstd"}.items():
            with self.subTest(words):
                self.bad(magic + b"\0" * 1000, words)

    def test_no_archive(self):
        for name, data in {"text": b"hello\n" * 1000, "zip": b"PK\3\4" + b"x" * 2000,
                           "elf": b"\x7fELF" + b"\1" * 3000, "one byte": b"x",
                           "noise": hexdigest(b"x").encode() * 100}.items():
            with self.subTest(name):
                self.bad(data, "is not an image archive")
                self.bad(data, "is not a tar archive", prefix="docker-archive:")

    def test_empty(self):
        self.bad(b"", "is empty")
        self.bad(b"", "is empty", prefix="docker-archive:")

    def test_only_the_end(self):
        self.bad(b"\0" * 10240, "manifest.json", prefix="docker-archive:")

    def test_no_manifest(self):
        files = [file for file in images.old_files(good_image()) if file[0] != "manifest.json"]
        self.bad(archive(files), "manifest.json")
        self.bad(archive(files), "has no manifest.json", prefix="docker-archive:")

    def test_missing_files(self):
        image = good_image()
        config = hexdigest(image.config()) + ".json"
        for missing in [config, *(name for name, _data in images.old_files(image)
                                  if name.endswith("/layer.tar"))]:
            with self.subTest(missing):
                files = [file for file in images.old_files(image) if file[0] != missing]
                self.bad(archive(files), missing[:60], "has no member")

    def test_damaged_header(self):
        whole = bytearray(images.old_archive(good_image()))
        offset = images.members(bytes(whole))[2][1]
        whole[offset + 150] ^= 1
        self.bad(bytes(whole), "invalid tar header", prefix="docker-archive:")

    def test_a_member_that_the_engine_does_not_unpack(self):
        data = images.tar(entry("odd", kind=b"Z"), end=False) + images.old_archive(good_image())
        path = self.write("app.tar", data)
        self.assert_refused(self.run_program("run", path),
                            "Error processing tar file(exit status 1): unhandled tar header type 90\n",
                            "does not take it")
        self.assert_refused(self.run_program("run", "--engine", "docker-24.0", path),
                            "unhandled tar header type 90\n")
        # Whoever does not unpack it does not mind.
        for options in (["--as", "pull"], ["--profile", "rootless", "--engine", "podman-rootless"]):
            result = self.run_program("run", *options, path)
            self.assertNotIn("header type", result.stderr)
            self.assertNotEqual(result.returncode, 3, result.stderr)

    def test_a_member_of_another_system(self):
        for name, shown in {"com.apple.provenance": "com.apple.provenance", "\x1b[2J": "\\033[2J"}.items():
            member, data = entry("manifest.json", data=b"[]")
            member.pax_headers = {"SCHILY.xattr." + name: "v"}
            odd = member.tobuf(images.tarfile.PAX_FORMAT) + data.ljust(512, b"\0")
            path = self.write("app.tar", odd + images.old_archive(good_image()))
            for engine, words in {
                    "docker-25.0": f"lsetxattr {shown} /manifest.json: operation not supported",
                    "docker-28.1": "lsetxattr /manifest.json: xattr "}.items():
                with self.subTest(name, engine=engine):
                    result = self.run_program("run", "--engine", engine, path)
                    self.assert_refused(result, words)
            result = self.run_program("run", "--engine", "docker-24.0", path)
            self.assertNotEqual(result.returncode, 3, result.stderr)

    def test_ten_gigabytes_claimed(self):
        for size in (10 << 30, 1 << 62, (1 << 63) - 1):
            big, _data = entry("manifest.json")
            big.size = size
            header = big.tobuf(images.tarfile.GNU_FORMAT)
            with self.subTest(size):
                self.bad(header + b"[" + b"\0" * 2000, "manifest.json")
                layer, _data = entry("layer.tar")
                layer.size = size
                self.bad(archive([("manifest.json", b"[]")], end=False) +
                         layer.tobuf(images.tarfile.GNU_FORMAT), "cut short")

    def test_a_sparse_giant(self):
        path = self.write("app.tar", b"")
        os.truncate(path, 1 << 40)
        result = self.run_program("run", "docker-archive:" + path)
        self.assert_error(result, 3, path, "manifest.json")

    def test_names_that_steer_a_terminal(self):
        evil = "\x1b[2J\n\r" * 40
        self.bad(archive([("manifest.json", dumps([{"Config": evil, "Layers": []}]))]),
                 "has no member")
        self.bad(archive([("c\x1b[2J\nx", b"x"), ("manifest.json", b"[]")])[:1536],
                 prefix="docker-archive:")
        path = self.write("a\n\x1b[2J.tar", b"x" * 600)
        result = self.run_program("run", path)
        self.assertEqual(result.returncode, 3)
        self.assert_one_line(result, "is not an image")

    def test_a_long_name_leaves_room_for_the_reason(self):
        folder = self.folder
        for _ in range(8):
            folder = os.path.join(folder, "x" * 200)
            os.mkdir(folder)
        path = os.path.join(folder, "app.tar")
        with open(path, "wb") as file:
            file.write(archive([("manifest.json", dumps([{"Config": "y" * 400}]))]))
        result = self.run_program("run", path)
        self.assert_error(result, 3, "has no member yyyyy")


class Json(programtest.ProgramTest):
    """manifest.json and configs of every wrong kind."""

    LAYER = images.GOOD_LAYER
    CONFIG = dumps({"rootfs": {"diff_ids": [digest(LAYER)]}})

    def image(self, manifest, config=CONFIG):
        """An archive with these two documents, and links that lead astray."""
        files = images.tar(entry("folder", kind=images.DIRECTORY), end=False)
        files += archive([("c.json", config), ("l", self.LAYER), ("out", "../../etc/passwd"),
                          ("loop", "loop"), ("manifest.json", manifest)])
        return self.write("app.tar", files)

    def test_the_archive_is_right_otherwise(self):
        path = self.image(dumps([{"Config": "c.json", "Layers": ["l"]}]))
        self.assert_loads(self.run_program("run", path))

    def test_manifests(self):
        for name, (value, word) in WRONG_MANIFESTS.items():
            with self.subTest(name):
                path = self.image(dumps(value))
                self.assert_error(self.run_program("run", path), 3, path, word)

    def test_another_number_of_layers(self):
        for n in (0, 2):
            path = self.image(dumps([{"Config": "c.json", "Layers": ["l"] * n}]))
            words = "invalid manifest, layers length mismatch: expected %d, got 1" % n
            with self.subTest(n):
                self.assert_refused(self.run_program("run", path), words, "does not take it")
                self.assert_error(self.run_program("shell", path, "--", "true"), 3,
                                  path, words)

    def test_no_json(self):
        for name, data in NO_JSON.items():
            with self.subTest(name):
                path = self.image(data)
                self.assert_error(self.run_program("run", path), 3, path, "manifest.json")
                path = self.image(dumps([{"Config": "c.json", "Layers": ["l"]}]), data)
                if data:
                    self.assert_refused(self.run_program("run", path), GO_WORDS.get(name, "invalid"))
                self.assert_error(self.run_program("shell", path, "--", "true"), 3,
                                  path, "c.json")

    def test_too_many_values(self):
        path = self.image(NO_JSON["many values"])
        self.assert_error(self.run_program("run", path), 3, "more than 1000000 JSON values")

    def test_too_large_to_read(self):
        path = self.image(b" " * (33 << 20))
        self.assert_error(self.run_program("run", path), 3, path, "manifest.json")

    def test_too_many_layers(self):
        config = dumps({"rootfs": {"diff_ids": [digest(self.LAYER)] * 5000}})
        manifest = dumps([{"Config": "c.json", "Layers": ["l"] * 5000}])
        path = self.image(manifest, config)
        self.assert_error(self.run_program("run", path), 3, "c.json", "5000 items")


class Places(programtest.ProgramTest):
    """What is named is no file that could hold an image."""

    def bad(self, path, *words, prefix=""):
        self.assert_error(self.run_program("run", prefix + path), 3, path, *words)

    def test_not_there(self):
        self.bad(self.path("none.tar"), "No such file")
        self.bad(self.path("none.tar"), "No such file", prefix="docker-archive:")
        self.bad(self.path("none"), "No such file", prefix="oci:")
        result = self.run_program("run", "nowhere:app.tar", cwd=self.folder)
        self.assert_error(result, 3, "nowhere:app.tar", "no known transport")

    def test_wrong_types(self):
        fifo, place = self.path("fifo"), self.path("socket")
        os.mkfifo(fifo)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(place)
            self.bad(place, "No such device")
        self.bad(self.folder, "has no file oci-layout")
        self.bad(self.folder, "is a directory", prefix="docker-archive:")
        self.bad(self.folder, "is a directory", prefix="tar:")
        self.bad(self.write("file", b"x"), "is a file", prefix="oci:")
        self.bad(fifo, "is a pipe", prefix="oci:")
        self.bad("/dev/null", "character device")

    def test_fifo_without_a_writer_does_not_hang(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        for prefix in ("", "docker-archive:", "tar:"):
            with self.subTest(prefix):
                self.bad(fifo, "nobody wrote to the pipe", prefix=prefix)

    def test_unreadable(self):
        path = self.write("app.tar", images.old_archive(good_image()))
        os.chmod(path, 0)

        def become_nobody():
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)

        program = self.path("userns-repro")
        programtest.shutil.copy(unrtest.PROGRAM, program)
        result = self.run_program("run", path, program=program, preexec_fn=become_nobody)
        self.assert_error(result, 3, path, "Permission denied")

    def test_link_to_nothing_and_to_itself(self):
        os.symlink("nothing", self.path("dangling"))
        os.symlink("loop", self.path("loop"))
        self.bad(self.path("dangling"), "No such file")
        self.bad(self.path("loop"), "Too many levels")


class Layouts(programtest.ProgramTest):
    """OCI directories that lie."""

    def setUp(self):
        super().setUp()
        self.layout = self.path("layout")
        self.image = good_image(tags=())
        self.files = images.oci_files(self.image)
        self.layer = "blobs/sha256/" + hexdigest(images.GOOD_LAYER)
        self.config = "blobs/sha256/" + hexdigest(self.image.config())

    def bad(self, *words):
        for name in (self.layout, "oci:" + self.layout):
            self.assert_error(self.run_program("run", name), 3, self.layout, *words)

    def test_missing_files(self):
        for name in sorted(self.files):
            with self.subTest(name):
                files = dict(self.files)
                del files[name]
                images.write_layout(self.layout, files)
                self.bad(name)
                programtest.shutil.rmtree(self.layout)

    def test_wrong_content(self):
        for name in (self.config, "index.json", "oci-layout", self.layer):
            for content in (b"", b"x", b"{}", self.files[name] + b" "):
                files = {**self.files, name: content}
                if content == self.files[name] + b" " and name in ("index.json", "oci-layout"):
                    continue # white space is nothing to complain about
                with self.subTest(name, content=content[:4]):
                    images.write_layout(self.layout, files)
                    self.bad(os.path.basename(name))
                    programtest.shutil.rmtree(self.layout)

    def test_wrong_digest_of_the_same_size(self):
        wrong = self.files[self.config].replace(b"amd64", b"AMD64")
        images.write_layout(self.layout, {**self.files, self.config: wrong})
        self.bad(self.config[:40], "digest of its content is " + digest(wrong)[:20])

    def replace(self, name, make):
        """@make(path) puts something else in the place of a file."""
        images.write_layout(self.layout, self.files)
        path = os.path.join(self.layout, name)
        os.unlink(path)
        make(path)

    def test_links_out(self):
        outside = self.write("outside", images.GOOD_LAYER)
        for name, target in ((self.layer, outside), (self.layer, "../../../outside"),
                             ("index.json", "/etc/passwd"), ("oci-layout", "../outside"),
                             (self.config, "/proc/self/environ")):
            with self.subTest(name, target=target):
                self.replace(name, lambda path, target=target: os.symlink(target, path))
                self.bad(name, "leads out")
                programtest.shutil.rmtree(self.layout)

    def test_link_of_a_folder_out(self):
        images.write_layout(self.path("other"), self.files)
        images.write_layout(self.layout, {"oci-layout": self.files["oci-layout"],
                                          "index.json": self.files["index.json"]})
        os.symlink("../other/blobs", os.path.join(self.layout, "blobs"))
        self.bad("leads out")

    def test_link_inside_is_followed(self):
        images.write_layout(self.layout, self.files)
        path = os.path.join(self.layout, self.layer)
        os.rename(path, os.path.join(self.layout, "layer"))
        os.symlink("../../layer", path)
        self.assert_loads(self.run_program("run", self.layout))

    def test_no_files(self):
        for name in (self.layer, "index.json"):
            for make in (os.mkfifo, os.mkdir):
                with self.subTest(name, make=make.__name__):
                    self.replace(name, make)
                    self.bad(name, "is not a regular file")
                    programtest.shutil.rmtree(self.layout)

    def test_descriptors_that_lead_elsewhere(self):
        for wrong in ("sha256:../../../../etc/passwd", "sha256:" + "A" * 64, "md5:" + "a" * 32,
                      "sha256:" + "a" * 63, "", "/etc/passwd"):
            index = json.loads(self.files["index.json"])
            index["manifests"][0]["digest"] = wrong
            with self.subTest(wrong):
                images.write_layout(self.layout, {**self.files, "index.json": dumps(index)})
                self.bad("digest: is not a digest")
                programtest.shutil.rmtree(self.layout)

    def test_an_index_that_contains_itself(self):
        # A digest cannot really do so; a chain of nine is as deep as can be made.
        files, inner = dict(self.files), json.loads(self.files["index.json"])["manifests"][0]
        for _ in range(9):
            data = dumps({"schemaVersion": 2, "manifests": [inner]})
            files["blobs/sha256/" + hexdigest(data)] = data
            inner = {"mediaType": images.OCI_INDEX, "digest": digest(data), "size": len(data)}
        files["index.json"] = dumps({"schemaVersion": 2, "manifests": [inner]})
        images.write_layout(self.layout, files)
        self.bad("more than 8 indexes")


class References(programtest.ProgramTest):
    """Archives with several images: which one is meant has to be said."""

    def test_none_given(self):
        two = [good_image(tags=("app:1", "app:one")), images.bad_image(tags=())]
        old = self.write("old.tar", images.old_archive(*two))
        new = self.write("new.tar", images.new_archive(*two))
        for path in (old, new, "docker-archive:" + old, "docker-archive:" + new):
            with self.subTest(path):
                self.assert_error(self.run_program("run", path), 2, "several images", "app:1",
                                  "@1")

    def test_none_of_that_name(self):
        two = [good_image(tags=("app:1",)), images.bad_image(tags=("app:2",))]
        path = self.write("app.tar", images.old_archive(*two))
        for reference in ("app:3", "@2", "@x", "@-1", "@18446744073709551616", "x\x1b[2J"):
            with self.subTest(reference):
                result = self.run_program("run", f"docker-archive:{path}:{reference}")
                self.assert_error(result, 2, path)

    def test_a_thousand_images_are_not_listed(self):
        many = [good_image(tags=(f"app:{i}",)) for i in range(1000)]
        path = self.write("app.tar", images.old_archive(*many))
        result = self.run_program("run", path)
        self.assert_error(result, 2, "app:0", " more")
        self.assertLess(len(result.stderr), 500)

    def test_layout(self):
        layout = self.path("layout")
        images.write_layout(layout, images.oci_files(good_image(tags=("one",)),
                                                     images.bad_image(tags=("two",))))
        self.assert_error(self.run_program("run", layout), 2, "several images", "one, two")
        self.assert_error(self.run_program("run", f"oci:{layout}:three"), 2, "three", "one, two")


if __name__ == "__main__":
    programtest.main()
