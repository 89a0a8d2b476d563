/* SPDX-License-Identifier: MIT */
/* src/obstacle, src/distribution: each remedy, by distribution, and which distribution it is. */
#include "unr_test.h"

#include <string.h>

#include "base/cleanup.h"
#include "usernsrepro/obstacle.h"

static void distribution__by_os_release(void **state)
{
	static const struct {
		const char *text;
		enum unr_distribution distribution;
	} cases[] = {
		{ "PRETTY_NAME=\"Debian\"\nNAME=\"x\"\nVERSION_ID=\"12\"\nID=debian\n",
		  UNR_DISTRIBUTION_DEBIAN },
		{ "ID=ubuntu\nID_LIKE=debian\n", UNR_DISTRIBUTION_DEBIAN },
		{ "ID_LIKE=\"ubuntu debian\"\nID=linuxmint\n", UNR_DISTRIBUTION_DEBIAN },
		{ "ID=\"rhel\"\nID_LIKE=\"fedora\"\n", UNR_DISTRIBUTION_FEDORA },
		{ "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", UNR_DISTRIBUTION_FEDORA },
		{ "ID='fedora'\n", UNR_DISTRIBUTION_FEDORA },
		{ "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", UNR_DISTRIBUTION_SUSE },
		{ "ID=arch\nBUILD_ID=rolling\n", UNR_DISTRIBUTION_ARCH },
		{ "ID=alpine", UNR_DISTRIBUTION_ALPINE },
		{ "ID=alpine\r\n", UNR_DISTRIBUTION_ALPINE },
		/* Not a word of its own, not at the start of a line, nothing at all. */
		{ "ID=debianish\nID_LIKE=archetype\n", UNR_DISTRIBUTION_OTHER },
		{ "VARIANT_ID=debian\n#ID=arch\n", UNR_DISTRIBUTION_OTHER },
		{ "ID=\n", UNR_DISTRIBUTION_OTHER },
		{ "ID=", UNR_DISTRIBUTION_OTHER },
		{ "", UNR_DISTRIBUTION_OTHER },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++)
		if (unr_distribution_of(cases[i].text) != cases[i].distribution)
			fail_msg("%s", cases[i].text);
}

static void distribution__has_a_name(void **state)
{
	(void) state;
	assert_string_equal(unr_distribution_name(UNR_DISTRIBUTION_OTHER), "other");
	assert_string_equal(unr_distribution_name(UNR_DISTRIBUTION_ALPINE), "alpine");
}

/* Commands, with "X" for the subject: the common one, then those that differ. */
static const struct {
	enum unr_remedy remedy;
	const char *other, *debian, *fedora, *suse, *arch, *alpine;
} commands[] = {
	{ UNR_REMEDY_NONE, .other = "" },
	{ UNR_REMEDY_SYSCTL, .other = "sysctl -w X" },
	{ UNR_REMEDY_KERNEL, .other = "boot a kernel with X" },
	{ UNR_REMEDY_CONTAINER,
	  .other = "start the surrounding container with X, or run this outside of it" },
	{ UNR_REMEDY_OUTSIDE, .other = "run this outside of X" },
	{ UNR_REMEDY_SELINUX, .other = "ausearch -m avc -ts recent | audit2allow -M userns-repro "
				       "&& semodule -i userns-repro.pp" },
	{ UNR_REMEDY_SUSPECTS,
	  .other = "look at the seccomp profile of a surrounding container, at security modules, "
		   "and at 'journalctl -k'" },
	{ UNR_REMEDY_PROC_MOUNT, .other = "mount -t proc proc /proc" },
	{ UNR_REMEDY_PROC_WRITABLE, .other = "mount -o remount,rw /proc" },
	{ UNR_REMEDY_MODULE, .other = "modprobe X" },
	{ UNR_REMEDY_HELPERS,
	  .other = "install the package that has newuidmap and newgidmap: uidmap, shadow or "
		   "shadow-utils",
	  .debian = "apt-get install uidmap", .fedora = "dnf install shadow-utils",
	  .suse = "zypper install shadow", .arch = "pacman -S shadow",
	  .alpine = "apk add shadow-subids" },
	{ UNR_REMEDY_HELPER_SETUID, .other = "chown root:root X && chmod 4755 X",
	  .fedora = "setcap cap_setuid=ep X", .arch = "setcap cap_setuid=ep X" },
	{ UNR_REMEDY_HELPER_SETGID, .other = "chown root:root X && chmod 4755 X",
	  .fedora = "setcap cap_setgid=ep X", .arch = "setcap cap_setgid=ep X" },
	{ UNR_REMEDY_REMOUNT_SUID,
	  .other = "mount -o remount,suid \"$(findmnt -no TARGET -T X)\"" },
	{ UNR_REMEDY_NEW_PRIVILEGES,
	  .other = "start it without no_new_privs (docker: without --security-opt "
		   "no-new-privileges; Kubernetes: allowPrivilegeEscalation: true; systemd: "
		   "NoNewPrivileges=no)" },
	{ UNR_REMEDY_ACCOUNT, .other = "useradd --system X", .alpine = "adduser -S -D -H X" },
	{ UNR_REMEDY_LOGIN, .other = "useradd --uid X NAME", .alpine = "adduser -D -u X NAME" },
	{ UNR_REMEDY_READABLE, .other = "chmod a+r X" },
	{ UNR_REMEDY_ADD_SUBUIDS, .other = "usermod --add-subuids X",
	  .alpine = "apk add shadow && usermod --add-subuids X" },
	{ UNR_REMEDY_ADD_SUBGIDS, .other = "usermod --add-subgids X",
	  .alpine = "apk add shadow && usermod --add-subgids X" },
	{ UNR_REMEDY_REPLACE_SUBIDS, .other = "usermod X",
	  .alpine = "apk add shadow && usermod X" },
	{ UNR_REMEDY_DIRECTORY,
	  .other = "have them granted by the server behind 'X' in /etc/nsswitch.conf" },
	{ UNR_REMEDY_ROOT_IS_NO_USER,
	  .other = "run it as the user of the engine, or give that user's ids: --uidmap 0:UID:1 "
		   "--uidmap 1:START:COUNT" },
};

static void remedy__is_the_distributions_own(void **state)
{
	(void) state;
	assert_int_equal(UNR_COUNT(commands), UNR_REMEDY_COUNT_);
	for (size_t i = 0; i < UNR_COUNT(commands); i++) {
		const char *const expected[UNR_DISTRIBUTION_COUNT_] = {
			[UNR_DISTRIBUTION_OTHER] = commands[i].other,
			[UNR_DISTRIBUTION_DEBIAN] = commands[i].debian,
			[UNR_DISTRIBUTION_FEDORA] = commands[i].fedora,
			[UNR_DISTRIBUTION_SUSE] = commands[i].suse,
			[UNR_DISTRIBUTION_ARCH] = commands[i].arch,
			[UNR_DISTRIBUTION_ALPINE] = commands[i].alpine,
		};
		struct unr_obstacle obstacle;

		assert_int_equal(commands[i].remedy, i);
		unr_obstacle_set(&obstacle, commands[i].remedy, "X", "why");
		for (unsigned int d = 0; d < UNR_DISTRIBUTION_COUNT_; d++) {
			unr_autofree char *command =
				unr_obstacle_remedy(&obstacle, (enum unr_distribution) d);

			assert_string_equal(command,
					    expected[d] != NULL ? expected[d] : commands[i].other);
		}
	}
}

static void text__is_reason_and_remedy(void **state)
{
	struct unr_obstacle obstacle;
	struct unr_error err = { 0 };
	char text[100], cut[12];

	(void) state;
	unr_obstacle_set(&obstacle, UNR_REMEDY_MODULE, "overlay", "no %s here", "overlay");
	unr_obstacle_text(&obstacle, UNR_DISTRIBUTION_OTHER, sizeof(text), text);
	assert_string_equal(text, "no overlay here: modprobe overlay");
	unr_obstacle_text(&obstacle, UNR_DISTRIBUTION_OTHER, sizeof(cut), cut);
	assert_string_equal(cut, "no overlay ");
	assert_int_equal(unr_obstacle_fail(&obstacle, -ENODEV, &err), -ENODEV);
	assert_int_equal(err.kind, UNR_ERROR_CANNOT_RUN);
	assert_string_equal(err.message, "no overlay here: modprobe overlay");
	assert_string_equal(err.message + err.remedy, "modprobe overlay");
	(void) unr_fail_context(&err, "context");
	assert_string_equal(err.message + err.remedy, "modprobe overlay");
	unr_obstacle_set(&obstacle, UNR_REMEDY_NONE, "", "that is so");
	unr_obstacle_text(&obstacle, UNR_DISTRIBUTION_ARCH, sizeof(text), text);
	assert_string_equal(text, "that is so");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(distribution__by_os_release),
	cmocka_unit_test(distribution__has_a_name),
	cmocka_unit_test(remedy__is_the_distributions_own),
	cmocka_unit_test(text__is_reason_and_remedy),
};

UNR_TEST_MAIN("obstacle", tests, NULL);
