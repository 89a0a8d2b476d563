# SPDX-License-Identifier: MIT
"""Configs of every wrong kind: dockerd's words, and the program's own for who is no dockerd."""
import json

import images
import programtest
from images import archive, digest, dumps

# A config, what the program says of it, and what dockerd does.
INTO = "json: cannot unmarshal %s into Go "
WRONG_CONFIGS = {
    "list": ([], "is not an object", INTO % "array" + "value of type image.Image"),
    "string": ("x", "is not an object", INTO % "string" + "value of type image.Image"),
    "no rootfs": ({}, "rootfs: is missing", "invalid image JSON, no RootFS key"),
    "rootfs is a list": ({"rootfs": []}, "rootfs: is not an object",
                         INTO % "array" + "struct field Image.rootfs of type image.RootFS"),
    "diff_ids are an object": ({"rootfs": {"diff_ids": {}}}, "diff_ids: is not an array",
                               INTO % "object" + "struct field RootFS.rootfs.diff_ids of type"),
    "diff_id is a number": ({"rootfs": {"diff_ids": [7]}}, "diff_ids[0]: is not a string",
                            INTO % "number" + "struct field RootFS.rootfs.diff_ids of type"),
    "diff_id is no digest": ({"rootfs": {"diff_ids": ["sha256:../../x"]}},
                             "diff_ids[0]: is not a digest",
                             'invalid diffID for layer 0: expected "sha256:../../x", got "sha256:'),
    "config is a list": ({"config": [], "rootfs": {}}, "config: is not an object",
                         INTO % "array" + "struct field Image.config of type container.Config"),
    "user is a number": ({"config": {"User": 5}, "rootfs": {}}, "User: is not a string",
                         INTO % "number" + "struct field Config.config.User of type string"),
    "history is an object": ({"rootfs": {"diff_ids": [digest(b"")]}, "history": {}},
                             "history: is not an array",
                             INTO % "object" + "struct field Image.history of type"),
    "history line": ({"rootfs": {"diff_ids": [digest(b"")]}, "history": [1]},
                     "history[0]: is not an object",
                     INTO % "number" + "struct field Image.history of type image.History"),
    "empty_layer is a string": ({"rootfs": {"diff_ids": [digest(b"")]},
                                 "history": [{"empty_layer": "yes"}]}, "empty_layer",
                                INTO % "string" + "struct field History.history.empty_layer of type bool"),
}


class Configs(programtest.ProgramTest):
    """Archives that are right but for their config."""

    LAYER = images.GOOD_LAYER

    def image(self, manifest, config):
        """An archive with these two documents."""
        return self.write("app.tar", archive([("c.json", config), ("l", self.LAYER),
                                              ("manifest.json", manifest)]))

    def test_configs(self):
        manifest = dumps([{"Config": "c.json", "Layers": ["l"]}])
        for name, (value, ours, docker) in WRONG_CONFIGS.items():
            with self.subTest(name):
                path = self.image(manifest, dumps(value))
                result = self.run_program("run", "--format", "json", path)
                self.assert_refused(result)
                self.assertIn(docker, json.loads(result.stdout)["verdict"]["message"])
                # A shell asks no engine.
                self.assert_error(self.run_program("shell", path, "--", "true"), 3,
                                  path, "c.json", ours)

    def test_a_refused_config_has_no_layers_in_the_report(self):
        config = {"author": 1, "rootfs": {"diff_ids": [digest(self.LAYER)]}}
        path = self.image(dumps([{"Config": "c.json", "Layers": ["l"]}]), dumps(config))
        report = json.loads(self.run_program("run", "--format", "json", path).stdout)
        self.assertEqual((report["verdict"]["ok"], report["image"]["layers"]), (False, []))
        self.assert_refused(self.run_program("run", path), "type string", "does not take it")
        # A shell is given what there is.
        self.assertEqual(self.run_program("shell", path, "--", "true").returncode, 127)

    def test_another_operating_system(self):
        config = {"os": "windows", "rootfs": {"diff_ids": [digest(self.LAYER)]}}
        path = self.image(dumps([{"Config": "c.json", "Layers": ["l"]}]), dumps(config))
        for way, words in {"load": "cannot load windows image on linux",
                           "pull": 'image operating system "windows" cannot be used'}.items():
            result = self.run_program("run", "--as", way, path)
            self.assert_refused(result, words, "does not take it")
        # The engine would not give a shell either.
        self.assert_error(self.run_program("shell", path, "--", "true"), 3, path,
                          "cannot load windows image on linux")


if __name__ == "__main__":
    programtest.main()
