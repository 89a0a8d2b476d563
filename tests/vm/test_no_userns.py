# SPDX-License-Identifier: MIT
"""A host with user.max_user_namespaces=0, as hardened ones are: everything says so, and nothing
is called a verdict."""
import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
# pylint: disable=wrong-import-position
import images
import programtest

LIMIT = "/proc/sys/user/max_user_namespaces"


class NoNamespaces(programtest.ProgramTest):
    """As whoever runs the test."""

    def setUp(self):
        super().setUp()
        with open(LIMIT, encoding="ascii") as file:
            self.assertEqual(file.read(), "0\n", "this is not the machine for this test")

    def test_run(self):
        path = self.write("layer.tar", images.BAD_LAYER)
        self.assert_error(self.run_program("run", "tar:" + path), 77,
                          "sysctl -w user.max_user_namespaces=")

    def test_doctor(self):
        result = self.run_program("doctor", "--json")
        self.assertEqual((result.returncode, result.stderr), (77, ""))
        checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
        for name in ("namespaces", "limit", "run"):
            self.assertEqual(checks[name]["health"], "missing", checks[name])
        self.assertIn("user.max_user_namespaces", checks["limit"]["remedy"])

    def test_scenarios_are_skipped(self):
        result = self.run_program("scenario", "run", "npm9")
        self.assertEqual(result.returncode, 77)
        self.assertIn("0 ok, 0 failed, 1 skipped", result.stdout)

    def test_selftest(self):
        """No promise of the kernel is broken by that."""
        result = self.run_program("selftest", "--json", timeout=600)
        self.assertIn((result.returncode, result.stderr), ((0, ""), (77, "")))
        cases = {case["name"]: case for case in json.loads(result.stdout)["cases"]}
        self.assertLessEqual({case["outcome"] for case in cases.values()}, {"ok", "skip"})
        self.assertIn("user.max_user_namespaces is 0", cases["create.capabilities"]["reason"])


if __name__ == "__main__":
    programtest.main()
