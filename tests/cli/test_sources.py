# SPDX-License-Identifier: MIT
"""The same image from every source: the same failures, whichever way it comes in."""
import gzip
import json
import os
import subprocess

import images
import programtest
from images import bad_image, entry, good_image, tar

# What the failures of bad_image() are, wherever it lies.
BAD = [(1, "srv/high", 1000000, 1000000)]


class Sources(programtest.ProgramTest):
    """Archives, layouts and layers."""

    def report(self, image, *options, status=1, **more):
        """The JSON report of a run."""
        result = self.run_program("run", "--format", "json", *options, image, **more)
        self.assertEqual((result.returncode, result.stderr), (status, ""), image)
        return json.loads(result.stdout)

    def assert_bad(self, report, failures=None):
        found = [(one["layer"], one["path"], one["uid"], one["gid"])
                 for one in report["failures"]]
        self.assertEqual(found, BAD if failures is None else failures)

    def files(self, image):
        """The image in every form that lies in a file or folder: what to write and its kind."""
        old, new = images.old_archive(image), images.new_archive(image)
        layout = self.path("layout")
        images.write_layout(layout, images.oci_files(image))
        oci = images.archive(sorted(images.oci_files(image).items()))
        return {self.write("oci.tar", oci): "oci-archive",
                self.write("oci.tar.gz", gzip.compress(oci)): "oci-archive",
                self.write("old.tar", old): "docker-archive",
                self.write("new.tar", new): "docker-archive",
                self.write("old.tar.gz", gzip.compress(old)): "docker-archive",
                self.write("new.tgz", gzip.compress(new[:3000]) + gzip.compress(new[3000:])):
                    "docker-archive",
                layout: "oci"}

    def test_every_form(self):
        for compress in (False, True):
            image = bad_image(compress=compress)
            for path, kind in self.files(image).items():
                for name in (path, f"{kind}:{path}", f"{kind}:{path}:app:latest",
                             f"{kind}:{path}:@0"):
                    with self.subTest(name, compress=compress):
                        report = self.report(name)
                        self.assert_bad(report)
                        self.check_image(report, image, name, kind)
            programtest.shutil.rmtree(self.path("layout"))

    def check_image(self, report, image, name, kind):
        """What is said of the image does not depend on where it lies."""
        told = report["image"]
        self.assertEqual((told["source"], told["reference"]), (name, "app:latest"))
        self.assertEqual(told["config_digest"], images.digest(image.config()))
        self.assertEqual([layer["diff_id"] for layer in told["layers"]],
                         [images.digest(layer) for layer in image.layers])
        self.assertEqual([layer["size"] for layer in told["layers"]],
                         [len(blob) for blob in image.blobs])
        if kind != "docker-archive":
            self.assertEqual([layer["digest"] for layer in told["layers"]],
                             [images.digest(blob) for blob in image.blobs])
        pulled = report["verdict"]["message"].startswith("failed to register layer: ")
        self.assertEqual(pulled, kind != "docker-archive")

    def test_bare_layers(self):
        halves = gzip.compress(images.BAD_LAYER[:700]) + gzip.compress(images.BAD_LAYER[700:])
        for name, data in {"plain": images.BAD_LAYER, "gzip": gzip.compress(images.BAD_LAYER),
                           "two members": halves, "no end": images.BAD_LAYER[:-1024],
                           "much end": images.BAD_LAYER + b"\0" * 10240}.items():
            path = self.write("layer", data)
            for spec in (path, "tar:" + path):
                with self.subTest(name, spec=spec):
                    report = self.report(spec)
                    self.assert_bad(report, [(0, "srv/high", 1000000, 1000000)])
                    self.assertTrue(report["verdict"]["message"]
                                    .startswith("failed to register layer: "))

    def test_standard_input(self):
        image = bad_image(compress=True)
        forms = {"old": images.old_archive(image), "new": images.new_archive(image),
                 "gzip": gzip.compress(images.old_archive(image))}
        for name, data in forms.items():
            path = self.write("in", data)
            for spec in ("-", "docker-archive:-", "docker-archive:-:app"):
                with self.subTest(name, spec=spec):
                    with open(path, "rb") as file:
                        self.assert_bad(self.report(spec, stdin=file))
                    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as cat:
                        self.assert_bad(self.report(spec, stdin=cat.stdout))
        with subprocess.Popen(["cat", self.write("in", images.BAD_LAYER)],
                              stdout=subprocess.PIPE) as cat:
            self.assert_bad(self.report("tar:-", stdin=cat.stdout),
                            [(0, "srv/high", 1000000, 1000000)])

    def test_standard_input_is_read_from_where_it_is(self):
        path = self.write("in", b"x" * 1000 + images.old_archive(bad_image()))
        with open(path, "rb", buffering=0) as file:
            file.seek(1000)
            self.assert_bad(self.report("-", stdin=file))

    def test_standard_input_is_a_folder(self):
        layout = self.path("layout")
        images.write_layout(layout, images.oci_files(bad_image()))
        fd = os.open(layout, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.assert_bad(self.report("-", stdin=fd))
        finally:
            os.close(fd)

    def test_fifo_with_a_writer(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        # Read and write: the open does not wait, and the data is there before the program is.
        keeper = os.open(fifo, os.O_RDWR)
        with subprocess.Popen(["dd", f"of={fifo}", "status=none"],
                              stdin=subprocess.PIPE) as writer:
            writer.stdin.write(images.old_archive(bad_image()))
            writer.stdin.close()
            self.assertEqual(writer.wait(), 0)
            process = self.start_program("run", "--format", "json", fifo, stdout=subprocess.PIPE)
            wait_for_another_reader(process, fifo)
            os.close(keeper)
            report = json.loads(process.stdout.read())
        self.assert_bad(report)

    def test_layers_that_come_twice(self):
        image = images.Image(images.BAD_LAYER, images.GOOD_LAYER, images.BAD_LAYER)
        self.assertIsInstance(images.old_files(image)[8][1], str) # a link
        wanted = [(0, "srv/high", 1000000, 1000000), (2, "srv/high", 1000000, 1000000)]
        for data in (images.old_archive(image), images.new_archive(image)):
            self.assert_bad(self.report(self.write("app.tar", data)), wanted)

    def test_links_are_followed_from_where_they_are(self):
        image = bad_image()
        first, second = (f"layers/{images.hexdigest(blob)}" for blob in image.blobs)
        manifest = [{"Config": "c.json", "RepoTags": None, "Layers": ["a/b/0", "a/b/1"]}]
        files = images.tar(
            entry(first, data=image.blobs[0]), entry("a/b/one", data=image.blobs[1]),
            entry("a/b/0", kind=images.SYMLINK, link="../../" + first),
            entry("a/b/1", kind=images.SYMLINK, link="hard"),
            # A hard link's target counts from the top.
            entry("a/b/hard", kind=b"1", link="a/b/one"), entry(second),
            entry("c.json", data=image.config()),
            entry("manifest.json", data=images.dumps(manifest)))
        self.assert_bad(self.report(self.write("app.tar", files)))

    def test_names_that_are_written_in_other_ways(self):
        files = [("./" + name, data) for name, data in images.old_files(bad_image())]
        self.assert_bad(self.report(self.write("app.tar", images.archive(files))))
        files = [("/" + name, data) for name, data in images.old_files(bad_image())]
        self.assert_bad(self.report(self.write("app.tar", images.archive(files))))

    def test_the_later_member_counts(self):
        files = images.old_files(bad_image())
        files = [("manifest.json", b"not this")] + files
        self.assert_bad(self.report(self.write("app.tar", images.archive(files))))

    def test_references(self):
        two = [good_image(tags=("good:1", "localhost:5000/good:2")), bad_image(tags=("bad",))]
        for data in (images.old_archive(*two), images.new_archive(*two)):
            path = "docker-archive:" + self.write("two.tar", data)
            for reference in ("good:1", "localhost:5000/good:2", "@0",
                              "docker.io/library/good:1", "library/good:1"):
                with self.subTest(reference):
                    report = self.report(f"{path}:{reference}", status=0)
                    self.assertTrue(report["verdict"]["ok"])
            for reference in ("bad", "bad:latest", "docker.io/library/bad", "@1"):
                with self.subTest(reference):
                    self.assert_bad(self.report(f"{path}:{reference}"))

    def test_layout_with_several_platforms(self):
        layout = self.path("layout")
        files = images.oci_files(good_image(tags=()))
        other = images.oci_files(bad_image(tags=()))
        lines = json.loads(files["index.json"])["manifests"]
        strange = json.loads(other["index.json"])["manifests"]
        strange[0]["platform"] = {"os": "linux", "architecture": "m68k"}
        index = images.dumps({"schemaVersion": 2, "manifests": strange + lines})
        images.write_layout(layout, {**other, **files, "index.json": index})
        self.assertTrue(self.report(layout, status=0)["verdict"]["ok"])

    def test_a_platform_that_is_asked_for(self):
        layout, files, lines = self.path("layout"), {}, []
        for image, variant in ((good_image(tags=()), "v5"), (bad_image(tags=()), "v7")):
            more = images.oci_files(image)
            line = json.loads(more["index.json"])["manifests"][0]
            lines.append({**line, "platform": {"os": "linux", "architecture": "arm",
                                               "variant": variant}})
            files.update(more)
        files["index.json"] = images.dumps({"schemaVersion": 2, "manifests": lines})
        images.write_layout(layout, files)
        for platform in ("linux/arm/v7", "linux/arm", "linux/arm64"):
            self.assert_bad(self.report(layout, "--platform", platform))
        for platform in ("linux/arm/v5", "linux/arm/v6"):
            self.assertTrue(self.report(layout, "--platform", platform,
                                        status=0)["verdict"]["ok"])
        self.assert_error(self.run_program("run", "--platform", "linux/s390x", layout), 3,
                          "has no image for linux/s390x; it has linux/arm/v5, linux/arm/v7")
        self.assert_error(self.run_program("run", "--platform", "arm", layout), 2,
                          "--platform 'arm' is not OS/ARCH")

    def test_paths_with_odd_names(self):
        os.mkdir(self.path("odd"))
        for name in ("with blank", "ümlaut", "a:b", "-dash", "a\nb", "\udcff"):
            path = os.path.join(self.path("odd"), name)
            with open(path, "wb") as file:
                file.write(images.old_archive(bad_image()))
            with self.subTest(name):
                result = self.run_program("run", "./" + name, cwd=self.path("odd"))
                self.assert_refused(result, images.BAD_MESSAGE)
                self.assertNotIn("a\nb", result.stdout)
                self.assert_bad(self.report(name, "--", cwd=self.path("odd")))

    def test_layers_in_one_tree_take_turns(self):
        low = tar(entry("big", data=bytes(32 << 20)), entry("a"))
        high = tar(entry("b", kind=images.tarfile.LNKTYPE, link="a"))
        path = self.write("app.tar", images.old_archive(images.Image(low, high)))
        own = ("--uidmap", f"0:{os.geteuid()}:1", "--gidmap", f"0:{os.getegid()}:1")
        for options in (("--engine", "docker-rootless-20.10"), ("--driver", "vfs")):
            with self.subTest(options):
                self.assert_loads(self.run_program("run", *own, *options, path))

    def test_an_image_without_layers(self):
        image = images.Image()
        for data in (images.old_archive(image), images.new_archive(image)):
            self.assert_loads(self.run_program("run", self.write("empty.tar", data)))

    def test_many_layers(self):
        image = images.Image(*(tar(entry(f"f{i}", 65536 if i == 126 else 0)) for i in range(127)))
        report = self.report(self.write("app.tar", images.old_archive(image)))
        self.assert_bad(report, [(126, "f126", 65536, 0)])
        self.assertEqual(len(report["image"]["layers"]), 127)


class Verification(programtest.ProgramTest):
    """The diffID: dockerd compares it, so we do."""

    def test_wrong_diff_id(self):
        image = good_image()
        files = images.old_files(image)
        harmless = tar(entry("harmless"))
        swapped = [(name, harmless if name.endswith("/layer.tar") else data)
                   for name, data in files]
        path = self.write("app.tar", images.archive(swapped))
        words = (images.digest(images.GOOD_LAYER), images.digest(harmless))
        self.assert_refused(self.run_program("run", path), "invalid diffID for layer 0", *words)
        self.assert_refused(self.run_program("run", "--as", "pull", path),
                            "layers from manifest don't match image configuration")
        self.assert_loads(self.run_program("run", "--no-verify", path))

    def test_wrong_digest(self):
        layout, files = self.path("layout"), images.oci_files(good_image())
        layer = next(name for name, data in files.items() if data == images.GOOD_LAYER)
        images.write_layout(layout, {**files, layer: images.GOOD_LAYER[:-512]})
        self.assert_error(self.run_program("run", layout), 3,
                          layout + ": filesystem layer verification failed for digest sha256:"
                          + os.path.basename(layer))
        self.assert_loads(self.run_program("run", "--no-verify", layout))
        # A load knows nothing of digests.
        self.assert_refused(self.run_program("run", "--as", "load", layout),
                            "invalid diffID for layer 0")

    def test_bytes_behind_the_tar_count(self):
        files = images.old_files(good_image())
        longer = [(name, data + b"x" if name.endswith("/layer.tar") else data)
                  for name, data in files]
        path = self.write("app.tar", images.archive(longer))
        self.assert_refused(self.run_program("run", path), "invalid diffID for layer 0")

    def test_a_layer_that_is_cut(self):
        for compress in (False, True):
            image = bad_image(compress=compress)
            image.blobs[0] = image.blobs[0][:100 if compress else 700]
            path = self.write("app.tar", images.old_archive(image))
            with self.subTest(compress=compress):
                self.assert_refused(self.run_program("run", path), "unexpected EOF",
                                    "srv/high")


def wait_for_another_reader(process, fifo):
    """Returns once the process has the FIFO open; it cannot end while it is empty and written."""
    place = os.stat(fifo)
    with programtest.patience("the program to open the FIFO"):
        while True:
            for fd in os.listdir(f"/proc/{process.pid}/fd"):
                try:
                    there = os.stat(f"/proc/{process.pid}/fd/{fd}")
                except OSError:
                    continue
                if (there.st_dev, there.st_ino) == (place.st_dev, place.st_ino):
                    return


if __name__ == "__main__":
    programtest.main()
