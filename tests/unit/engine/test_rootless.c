/* SPDX-License-Identifier: MIT */
/* engine/: the rows of rootless engines, and their words for a chown that was refused. */
#include "unr_test.h"

#include <errno.h>

#include "base/cleanup.h"
#include "engine/engine.h"

#define MORE "try increasing the number of subordinate IDs in /etc/subuid and /etc/subgid"
#define MOUNT "/tmp/containerd-mountN"
#define CHECK                                                                                      \
	"Check /etc/subuid and /etc/subgid if configured locally and run podman-system-migrate: "
#define BLOB "writing blob: adding layer with blob \"sha256:aa\": "

static void owner_text__has_path_and_ids(void **state)
{
	static const struct {
		const char *engine, *text;
	} cases[] = {
		{ "docker-rootless-20.10", "lchown /a \"b\": invalid argument" },
		{ "docker-rootless-23.0",
		  "failed to Lchown \"/a \\\"b\\\"\" for UID -5, GID 4295032833 (" MORE
		  "): lchown /a \"b\": invalid argument" },
		{ "containerd-rootless", "failed to Lchown \"" MOUNT
					 "/a \\\"b\\\"\" for UID -5, GID 4295032833: lchown " MOUNT
					 "/a \"b\": invalid argument (Hint: " MORE ")" },
		{ "podman-rootless",
		  "potentially insufficient UIDs or GIDs available in user namespace "
		  "(requested -5:4295032833 for /a \"b\"): " CHECK
		  "lchown /a \"b\": invalid argument" },
	};
	const struct unr_refusal refusal = {
		.call = "lchown", .path = "/a \"b\"", .uid = -5, .gid = 4295032833, .error = EINVAL
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_autofree char *text =
			unr_engine_owner_text(unr_engine_find(cases[i].engine), &refusal);

		assert_string_equal(text, cases[i].text);
	}
}

/* A percent sign in a name is no letter of the table, and no format. */
static void owner_text__takes_any_path(void **state)
{
	const struct unr_refusal refusal = { .call = "lchown", .path = "/%p%s%n%", .error = EPERM };
	unr_autofree char *text =
		unr_engine_owner_text(unr_engine_find("docker-rootless-20.10"), &refusal);

	(void) state;
	assert_string_equal(text, "lchown /%p%s%n%: operation not permitted");
}

static void message__is_wrapped_as_the_engine_does(void **state)
{
	static const struct {
		const char *engine;
		enum unr_driver driver;
		enum unr_way way;
		const char *message;
	} cases[] = {
		{ "docker-rootless-20.10", UNR_DRIVER_VFS, UNR_WAY_LOAD,
		  "ApplyLayer exit status 1 stdout:  stderr: log T%s" },
		/* overlay2 has no diff of its own in a user namespace. */
		{ "docker-rootless-20.10", UNR_DRIVER_OVERLAY2, UNR_WAY_PULL,
		  "failed to register layer: ApplyLayer exit status 1 stdout:  stderr: log T%s" },
		{ "docker-rootless-23.0", UNR_DRIVER_OVERLAY2, UNR_WAY_LOAD,
		  "ApplyLayer exit status 1 stdout:  stderr: log T%s" },
		{ "podman-rootless", UNR_DRIVER_OVERLAY2, UNR_WAY_LOAD,
		  BLOB "processing tar file(log T%s): exit status 1" },
		{ "podman-rootless", UNR_DRIVER_OVERLAY2, UNR_WAY_PULL,
		  BLOB "processing tar file(log T%s): exit status 1" },
		{ "podman-rootless", UNR_DRIVER_VFS, UNR_WAY_LOAD,
		  BLOB "ApplyLayer stdout:  stderr: log T%s exit status 1" },
		/* By the diffID, and what it logs goes elsewhere. */
		{ "containerd-rootless", UNR_DRIVER_OVERLAY2, UNR_WAY_LOAD,
		  "failed to extract layer sha256:dd: mount callback failed on " MOUNT
		  ": T%s: unknown" },
	};
	const struct unr_said said = { .kind = UNR_STOP_CHILD,
				       .text = "T%s",
				       .output = "",
				       .log = "log ",
				       .digest = "sha256:aa",
				       .diff_id = "sha256:dd" };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_autofree char *message = unr_engine_message(
			unr_engine_find(cases[i].engine), cases[i].driver, cases[i].way, &said);

		assert_string_equal(message, cases[i].message);
	}
}

/* An archive of `docker save` has one digest for both, a bare layer none. */
static void message__without_a_digest(void **state)
{
	struct unr_said said = { .kind = UNR_STOP_FEED,
				 .text = "T",
				 .output = "{}",
				 .log = "",
				 .diff_id = "sha256:aa" };
	const struct unr_engine *podman = unr_engine_find("podman-rootless");
	char *message = unr_engine_message(podman, UNR_DRIVER_VFS, UNR_WAY_LOAD, &said);

	(void) state;
	assert_string_equal(message, BLOB "ApplyLayer stdout: {} stderr:  T");
	free(message);
	said.diff_id = NULL;
	message = unr_engine_message(podman, UNR_DRIVER_OVERLAY2, UNR_WAY_LOAD, &said);
	assert_string_equal(message, "writing blob: adding layer with blob \"sha256:unknown\": "
				     "processing tar file({}): T");
	free(message);
}

static void steps__of_the_driver_or_of_vfs(void **state)
{
	static const struct {
		const char *engine;
		enum unr_driver overlay2;
	} cases[] = {
		{ "docker-20.10", UNR_DRIVER_OVERLAY2 },
		{ "docker-rootless-20.10", UNR_DRIVER_VFS },
		{ "docker-rootless-23.0", UNR_DRIVER_VFS },
		{ "containerd-rootless", UNR_DRIVER_VFS },
		{ "podman-rootless", UNR_DRIVER_OVERLAY2 },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		const struct unr_engine *engine = unr_engine_find(cases[i].engine);

		assert_int_equal(unr_engine_steps(engine, UNR_DRIVER_OVERLAY2), cases[i].overlay2);
		assert_int_equal(unr_engine_steps(engine, UNR_DRIVER_VFS), UNR_DRIVER_VFS);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(owner_text__has_path_and_ids),
	cmocka_unit_test(owner_text__takes_any_path),
	cmocka_unit_test(message__is_wrapped_as_the_engine_does),
	cmocka_unit_test(message__without_a_digest),
	cmocka_unit_test(steps__of_the_driver_or_of_vfs),
};

UNR_TEST_MAIN("rootless", tests, NULL);
