/* SPDX-License-Identifier: MIT */
/*
 * unpack/ on a real tree under the map of a rootless engine, 65537 ids in two
 * ranges: the kernel decides, and devices are left out.
 */
#include "layer_run.h"

struct owned {
	char type;
	const char *name;
	int64_t uid, gid;
};

#define OWNED_MAX 3

struct rootless_case {
	struct owned entries[OWNED_MAX];
	const char *expected; /* before the tree */
	const char *tree;     /* NULL: not looked at */
};

/* As unr_rootless_maps() lays it, for a user 54321 with 100000:65536. */
static struct unr_idmaps rootless_maps(void)
{
	struct unr_idmaps maps = { 0 };

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		if (unr_idmap_add(&maps.of[kind], (struct unr_id_range) { 0, 54321, 1 }) < 0 ||
		    unr_idmap_add(&maps.of[kind], (struct unr_id_range) { 1, 100000, 65536 }) < 0)
			abort();
	return maps;
}

static void assert_rootless(const struct rootless_case *cases, size_t n, const char *engine,
			    enum unr_driver driver)
{
	for (size_t i = 0; i < n; i++) {
		struct tar_build tar = { 0 };
		unr_autofree char *text = NULL;
		char *tree;

		for (size_t k = 0; k < OWNED_MAX && cases[i].entries[k].type != '\0'; k++) {
			const struct owned *owned = &cases[i].entries[k];
			union tar_header header;

			tar_header_init(&header, owned->name, owned->type);
			tar_header_owner(&header, owned->uid, owned->gid);
			tar_build_header(&tar, &header);
		}
		tar_build_end(&tar);
		text = tell_run((struct layer_run) { .tar_fd = tar_build_memfd(&tar),
						     .lower_fd = -1,
						     .driver = driver,
						     .engine = engine,
						     .maps = rootless_maps() });
		tar_build_done(&tar);
		tree = find_tree(text);
		if (cases[i].tree != NULL)
			assert_string_equal(tree, cases[i].tree);
		*tree = '\0';
		assert_string_equal(text, cases[i].expected);
	}
}

#define REFUSED(path) "stop child 0 " path ": lchown /" path ": invalid argument\n"

static void owner__is_the_kernels_affair(void **state)
{
	static const struct rootless_case cases[] = {
		{ { { '0', "f", 65536, 65536 } }, "", ". d755 @now\nf -644 65536:65536 @0\n" },
		{ { { '0', "f", 65537, 65536 } },
		  "found 0 f file 65537:65536 uid lchown EINVAL\n" REFUSED("f"),
		  NULL },
		{ { { '0', "f", 65536, 65537 } },
		  "found 0 f file 65536:65537 gid lchown EINVAL\n" REFUSED("f"),
		  NULL },
		/* No id counts as mapped already: neither the root's nor the range's first. */
		{ { { '0', "f", 54321, 0 } }, "", ". d755 @now\nf -644 54321:0 @0\n" },
		{ { { '0', "f", 100000, 0 } },
		  "found 0 f file 100000:0 uid lchown EINVAL\n" REFUSED("f"),
		  NULL },
		/* -1 and 4294967295 leave that half as it is, and no more than that half. */
		{ { { '0', "f", -1, 7 } }, "", ". d755 @now\nf -644 0:7 @0\n" },
		{ { { '0', "f", 4294967295, 4294967295 } }, "", ". d755 @now\nf -644 @0\n" },
		{ { { '0', "f", 4294967295, 70000 } },
		  "found 0 f file 4294967295:70000 gid lchown EINVAL\n" REFUSED("f"),
		  NULL },
		/* The low 32 bits count: 0, and 65537. */
		{ { { '0', "f", 4294967296, 0 } }, "", ". d755 @now\nf -644 @0\n" },
		{ { { '0', "f", 4295032833, 0 } },
		  "found 0 f file 4295032833:0 uid lchown EINVAL\n" REFUSED("f"),
		  NULL },
		/* The first stops it, all are found. */
		{ { { '5', "d", 70000, 0 }, { '0', "e", 1, 1 }, { '0', "f", 0, 70000 } },
		  "found 0 d directory 70000:0 uid lchown EINVAL\n"
		  "found 2 f file 0:70000 gid lchown EINVAL\n" REFUSED("d"),
		  NULL },
	};

	(void) state;
	assert_rootless(cases, UNR_COUNT(cases), "docker-rootless-20.10", UNR_DRIVER_VFS);
}

static void device__is_left_out(void **state)
{
	static const struct rootless_case cases[] = {
		{ { { '3', "c", 70000, 0 }, { '4', "b", 70000, 0 } }, "", ". d755 @now\n" },
		{ { { '3', "c", 0, 0 }, { '0', "f", 0, 0 } }, "", ". d755 @now\nf -644 @0\n" },
		{ { { '6', "p", 70000, 0 } },
		  "found 0 p fifo 70000:0 uid lchown EINVAL\n" REFUSED("p"),
		  NULL },
	};

	(void) state;
	assert_rootless(cases, UNR_COUNT(cases), "docker-rootless-20.10", UNR_DRIVER_VFS);
}

#define INSUFFICIENT(call, path)                                                                   \
	"potentially insufficient UIDs or GIDs available in user namespace (requested 70000:0 "    \
	"for " path "): Check /etc/subuid and /etc/subgid if configured locally and run "          \
	"podman-system-migrate: " call " " path ": invalid argument\n"

/* podman's overlay chowns the device that stands for a whiteout. */
static void whiteout__on_overlay_has_an_owner(void **state)
{
	static const struct rootless_case cases[] = {
		{ { { '0', ".wh.a", 70000, 0 } },
		  "found 0 .wh.a whiteout 70000:0 uid lchown EINVAL\n"
		  "stop child 0 .wh.a: " INSUFFICIENT("chown", "/a"),
		  NULL },
		{ { { '0', ".wh..wh..opq", 70000, 0 } }, "", NULL },
		{ { { '3', "c", 70000, 0 } }, "", ". d755 @now\n" },
		{ { { '0', "f", 70000, 0 } },
		  "found 0 f file 70000:0 uid lchown EINVAL\n"
		  "stop child 0 f: " INSUFFICIENT("lchown", "/f"),
		  NULL },
	};

	(void) state;
	assert_rootless(cases, UNR_COUNT(cases), "podman-rootless", UNR_DRIVER_OVERLAY2);
}

static void containerd__looks_at_no_root_and_takes_names_twice(void **state)
{
	static const struct rootless_case cases[] = {
		{ { { '5', "./", 70000, 0 }, { '5', "/", 70000, 0 } }, "", ". d755 @now\n" },
		{ { { '0', "f", 0, 0 }, { '0', "f", 1, 1 } }, "", ". d755 @now\nf -644 1:1 @0\n" },
		{ { { '0', ".wh.a", 70000, 0 } }, "", ". d755 @now\n" },
	};

	(void) state;
	assert_rootless(cases, UNR_COUNT(cases), "containerd-rootless", UNR_DRIVER_VFS);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(owner__is_the_kernels_affair),
	cmocka_unit_test(device__is_left_out),
	cmocka_unit_test(whiteout__on_overlay_has_an_owner),
	cmocka_unit_test(containerd__looks_at_no_root_and_takes_names_twice),
};

/* These need owners other than 0:0 to be possible. */
static bool can_have_all_owners(const char **ret_why)
{
	return unr_needs_ranges(ret_why) && can_extract(ret_why);
}

UNR_TEST_MAIN("unpack_rootless", tests, can_have_all_owners);
