/* SPDX-License-Identifier: MIT */
/* What a runtime makes of ids: its check, the order of the calls, the words by version. */
#include <errno.h>

#include "engine/engine.h"
#include "unr_test.h"

static void expect(const char *engine, uint32_t uid, uint32_t gid, uint32_t group,
		   const char *words)
{
	const struct unr_start *start = unr_engine_find(engine)->start;
	const struct unr_start_ids ids = { uid, gid, &group, 1 };
	const struct unr_id_range range = { 0, 100000, 65536 };
	struct unr_idmaps maps = { 0 };
	struct unr_text fault = { 0 };
	struct unr_start_answers answers;

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		assert_int_equal(unr_idmap_add(&maps.of[kind], range), 0);
	answers = unr_start_expect(&maps, &ids);
	unr_start_fault(start, &maps, &ids, &answers, &fault);
	assert_string_equal(unr_text_string(&fault), words);
	unr_text_done(&fault);
	unr_idmaps_done(&maps);
}

#define UID_WORDS "cannot set uid to unmapped user in user namespace"
#define GID_WORDS "cannot set gid to unmapped user in user namespace"

static void fault__uid_before_gid_before_groups(void **state)
{
	(void) state;
	expect("docker-20.10", 65535, 65535, 65535, "");
	expect("docker-20.10", 65536, 65536, 65536, UID_WORDS);
	expect("docker-20.10", 0, 65536, 65536, GID_WORDS);
	expect("docker-20.10", 0, 0, 65536, "setgroups: invalid argument");
	expect("docker-20.10.9", 0, 0, 65536, "invalid argument");
	/* The outside id of inside 0 is an exception for files only. */
	expect("docker-20.10", 100000, 0, 0, UID_WORDS);
}

static void fault__without_a_check_the_first_call_that_fails(void **state)
{
	(void) state;
	expect("docker-29.7", 65536, 65536, 65536, "setgroups: invalid argument");
	expect("docker-29.7", 65536, 70000, 0,
	       "cannot setgid to unmapped gid 70000 in user namespace");
	expect("docker-29.7", 4294967295, 0, 0,
	       "cannot setuid to unmapped uid 4294967295 in user namespace");
}

/* crun is in C, and its words for an errno are the C library's. */
static void fault__in_the_words_of_crun(void **state)
{
	(void) state;
	expect("podman-rootless", 65535, 65535, 65535, "");
	expect("podman-rootless", 65536, 65536, 65536, "setgroups: Invalid argument");
	expect("podman-rootless", 65536, 0, 0, "cannot setresuid to 65536: Invalid argument");
	expect("containerd-rootless", 65536, 0, 0, "invalid argument");
}

static void message__words_around_it(void **state)
{
	static const struct {
		const char *engine, *fault, *message;
	} cases[] = {
		{ "docker-20.10.9", UID_WORDS,
		  "OCI runtime create failed: container_linux.go:380: starting container process "
		  "caused: setup user: " UID_WORDS ": unknown" },
		{ "docker-23.0", UID_WORDS,
		  "failed to create shim task: OCI runtime create failed: runc create failed: "
		  "unable to start container process: unable to setup user: " UID_WORDS
		  ": unknown" },
		{ "docker-24.0", "read /etc/group: is a directory",
		  "failed to create task for container: failed to create shim task: OCI runtime "
		  "create failed: runc create failed: unable to start container process: unable "
		  "to setup user: read /etc/group: is a directory: unknown" },
		{ "docker-25.0", "read /etc/group: is a directory",
		  "failed to create task for container: failed to create shim task: OCI runtime "
		  "create failed: runc create failed: unable to start container process: unable "
		  "to setup user: read /etc/group: is a directory: unknown: permission denied" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_text text = { 0 };

		unr_start_message(unr_engine_find(cases[i].engine)->start, cases[i].fault, &text);
		assert_string_equal(unr_text_string(&text), cases[i].message);
		unr_text_done(&text);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(fault__uid_before_gid_before_groups),
	cmocka_unit_test(fault__without_a_check_the_first_call_that_fails),
	cmocka_unit_test(fault__in_the_words_of_crun),
	cmocka_unit_test(message__words_around_it),
};

UNR_TEST_MAIN("engine.start", tests, NULL);
