# SPDX-License-Identifier: MIT
"""Ubuntu 24.04 as it comes: AppArmor takes the capabilities of an ordinary user's namespace."""
import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
# pylint: disable=wrong-import-position
import images
import programtest

SWITCH = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
REMEDY = "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"


class Restricted(programtest.ProgramTest):
    """As an ordinary user."""

    def setUp(self):
        super().setUp()
        self.assertNotEqual(os.geteuid(), 0, "root is not restricted")
        with open(SWITCH, encoding="ascii") as file:
            self.assertEqual(file.read(), "1\n", "this is not the machine for this test")

    def test_run(self):
        path = self.write("layer.tar", images.BAD_LAYER)
        self.assert_error(self.run_program("run", "tar:" + path), 77, REMEDY)

    def test_doctor(self):
        result = self.run_program("doctor", "--json")
        self.assertEqual((result.returncode, result.stderr), (77, ""))
        checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
        self.assertEqual(checks["apparmor"]["remedy"], REMEDY)
        self.assertEqual(checks["run"]["health"], "missing")

    def test_selftest(self):
        """No promise of the kernel is broken by that; the switch has a case of its own."""
        result = self.run_program("selftest", "--json", timeout=600)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        cases = {case["name"]: case for case in json.loads(result.stdout)["cases"]}
        self.assertEqual({case["outcome"] for case in cases.values()}, {"ok", "skip"})
        self.assertEqual(cases["create.switch-apparmor"]["outcome"], "ok")
        self.assertIn("apparmor_restrict_unprivileged_userns is on",
                      cases["create.capabilities"]["reason"])


if __name__ == "__main__":
    programtest.main()
