/* SPDX-License-Identifier: MIT */
/* The text report as a whole: what comes first, and the facts around it. */
#include "report_fixture.h"

#define IMAGE "image   app:latest, 2 layers, 60,122 entries (docker-archive:app.tar)\n"
#define MAP "map     inside 0..65535 -> outside 100000..165535 (profile appservice)\n"
#define NPM_LAYER                                                                                  \
	"layer 1  RUN npm i -g npm@9.1.1 && npm i                     sha256:fe1c00ff3ffe\n"

static void expect(struct unr_result *result, const char *expected)
{
	fixture_expect(result, UNR_REPORT_TEXT, NULL, expected);
}

static void expect_part(struct unr_result *result, const char *expected)
{
	fixture_expect_part(result, UNR_REPORT_TEXT, NULL, expected);
}

static void high_uid__message_first_then_facts_then_the_file(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	expect(&result,
	       "failed to register layer: Error processing tar file(exit status 1): Container ID "
	       "1000000 cannot be mapped to a host ID\n"
	       "\n" IMAGE MAP
	       "engine  docker-20.10.9 on overlay2 stops in layer 1 at uid 1000000 of\n"
	       "        var/www/html/file-with-high-id\n"
	       "kernel  6.1.0-41-amd64 refused 1 of 60,122 chowns in a user namespace (EINVAL)\n"
	       "\n" NPM_LAYER "1 entry, uid and gid outside the map, lchown: EINVAL\n"
	       "-rw-r--r-- 1 1000000 1000000 0 Jun 30 21:24 var/www/html/file-with-high-id\n"
	       "\n"
	       "cure    In the same RUN (a chown in a later RUN leaves this layer as it is):\n"
	       "          RUN npm i -g npm@9.1.1 && npm i && \\\n"
	       "        +     chown -h root:root /var/www/html/file-with-high-id\n"
	       "\n"
	       "needs   a map that holds every id of this image: 1,000,001 uids and 1,000,001\n"
	       "        gids from 0; App Service's range cannot be changed.\n");
}

static void gid_only__blames_the_gid(void **state)
{
	struct unr_result result = fixture_result();
	const struct unr_finding *finding = fixture_failure(&result, 0, "etc/x", 33, 70000);

	(void) state;
	fixture_verdict(&result, finding, "Container ID 70000 cannot be mapped to a host ID");
	expect(&result,
	       "Container ID 70000 cannot be mapped to a host ID\n"
	       "\n" IMAGE MAP
	       "engine  docker-20.10.9 on overlay2 stops in layer 0 at gid 70000 of etc/x\n"
	       "kernel  6.1.0-41-amd64 refused 1 of 60,122 chowns in a user namespace (EINVAL)\n"
	       "\n"
	       "layer 0  ADD file:1 in /                                     sha256:6f199d2c4d2f\n"
	       "1 entry, gid outside the map, lchown: EINVAL\n"
	       "-rw-r--r-- 1 33 70000 0 Jun 30 21:24 etc/x\n"
	       "\n"
	       "why     70000 is the id of a group, not of a user.\n"
	       "\n"
	       "needs   a map that holds every id of this image: 34 uids and 70,001 gids from 0;\n"
	       "        App Service's range cannot be changed.\n");
}

static void layers__every_one_that_fails(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	(void) fixture_failure(&result, 0, "a", 70000, 0);
	(void) fixture_failure(&result, 1, "b", 80000, 0);
	fixture_verdict(&result, &fixture_findings[0], "no");
	expect_part(
		&result,
		"stops in layer 0 at uid 70000 of a\n"
		"        (the first of 2)\n"
		"kernel  6.1.0-41-amd64 refused 2 of 60,122 chowns in a user namespace (EINVAL)\n"
		"\n"
		"layer 0  ADD file:1 in /                                     "
		"sha256:6f199d2c4d2f\n"
		"1 entry, uid outside the map, lchown: EINVAL\n"
		"-rw-r--r-- 1 70000 0 0 Jun 30 21:24 a\n"
		"\n" NPM_LAYER "1 entry, uid outside the map, lchown: EINVAL\n"
		"-rw-r--r-- 1 80000 0 0 Jun 30 21:24 b\n");
}

static void layers__do_not_list_what_only_the_kernel_refuses(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	(void) fixture_kernel_only(&result, 1, "hostroot", 100000, 0);
	expect_part(&result, "\n1 entry, uid and gid outside the map, lchown: EINVAL\n"
			     "-rw-r--r-- 1 1000000 1000000 0 Jun 30 21:24 "
			     "var/www/html/file-with-high-id\n\ncure");
}

static void damaged__shows_layer_and_entry(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_damage(&result, 1, "l/x", "mkdir /l: file exists");
	expect(&result,
	       "mkdir /l: file exists\n"
	       "\n" IMAGE MAP "engine  docker-20.10.9 on overlay2 stops in layer 1 at l/x\n"
	       "kernel  6.1.0-41-amd64 refused none of 60,122 chowns in a user namespace\n"
	       "\n" NPM_LAYER);
}

static void damaged__without_an_entry_shows_the_layer(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_damage(&result, 1, NULL, "unexpected EOF");
	expect_part(&result, "engine  docker-20.10.9 on overlay2 stops in layer 1\nkernel ");
}

static void message__keeps_its_newline_and_loses_its_controls(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_damage(&result, 1, NULL, "time=\"x\" level=warning\nunlinkat \\a \033]0;x\a\t.");
	expect_part(&result, "time=\"x\" level=warning\nunlinkat \\a \\033]0;x\\a\\t.\n\nimage");
}

static void loads__is_two_lines_and_claims_nothing_about_user(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	expect(&result,
	       "app:latest loads: 2 layers, 60,122 entries, 60,122 real chowns; USER not checked\n"
	       "map 0..65535 -> 100000..165535, docker-20.10.9 on overlay2 (profile appservice)\n");
}

static void loads__bare_layer_of_one_entry(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	unr_image_done(&result.image);
	free(result.layers);
	result.layers = NULL;
	result.source = "tar:my layer.tar";
	fixture_layer(&result, NULL, 1, 1, "");
	expect_part(&result, "tar:my\\ layer.tar loads: 1 layer, 1 entry, 1 real chown; USER");
}

static void standard_input__has_a_name(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	result.source = "-";
	expect_part(&result,
		    "\nimage   app:latest, 2 layers, 60,122 entries (standard input)\nmap");
	result = fixture_high_uid();
	result.source = "-";
	free(result.image.reference);
	result.image.reference = NULL;
	expect_part(&result, "\nimage   standard input, 2 layers, 60,122 entries\nmap");
	result = fixture_result();
	result.source = "-";
	free(result.image.reference);
	result.image.reference = NULL;
	expect_part(&result, "standard input loads: 2 layers, ");
}

/* A bare layer of which nothing could be read. */
static struct unr_result make_bare_layer(void)
{
	struct unr_result result = fixture_result();

	unr_image_done(&result.image);
	free(result.layers);
	result.layers = NULL;
	result.source = "tar:/etc/passwd";
	fixture_layer(&result, NULL, 1, 0, "");
	fixture_damage(&result, 0, NULL, "archive/tar: invalid tar header");
	return result;
}

static void bare_layer__that_is_no_tar_gets_a_hint(void **state)
{
	struct unr_result result = make_bare_layer();
	char *text;

	(void) state;
	expect_part(&result, "kernel  6.1.0-41-amd64 was asked for no chown in a user namespace\n"
			     "note    the file does not begin like a tar: is it a layer at all?\n"
			     "\n"
			     "layer 0  (a bare layer has no history)                       "
			     "sha256:d1ffd1ffd1ff\n");
	/* Damage further on, and an image's layer, are another matter. */
	result = make_bare_layer();
	result.layers[0].entries = 1;
	text = fixture_render(&result, UNR_REPORT_TEXT, NULL);
	assert_null(strstr(text, "note "));
	free(text);
	result.layers[0].entries = 0;
	result.image.config_digest = fixture_string("sha256:c0ffee");
	text = fixture_render(&result, UNR_REPORT_TEXT, NULL);
	assert_null(strstr(text, "note "));
	free(text);
	fixture_done(&result);
}

static void image__without_a_reference_is_named_once(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	free(result.image.reference);
	result.image.reference = NULL;
	expect_part(&result, "\nimage   docker-archive:app.tar, 2 layers, 60,122 entries\nmap");
}

static void map__uid_and_gid_apart(void **state)
{
	struct unr_result result = fixture_high_uid();
	const struct unr_id_range range = { 65536, 1000, 1 };

	(void) state;
	assert_int_equal(unr_idmap_add(&result.map.of[UNR_GID], range), 0);
	assert_int_equal(unr_idmap_add(&result.engine_map.of[UNR_GID], range), 0);
	expect_part(&result,
		    "map     uid inside 0..65535 -> outside 100000..165535 (profile appservice)\n"
		    "        gid inside 0..65535 -> outside 100000..165535\n"
		    "        gid inside 65536 -> outside 1000\n"
		    "engine");
}

static void map__uid_and_gid_apart_in_a_sentence(void **state)
{
	struct unr_result result = fixture_result();
	const struct unr_id_range range = { 65536, 1000, 1 };

	(void) state;
	assert_int_equal(unr_idmap_add(&result.map.of[UNR_GID], range), 0);
	assert_int_equal(unr_idmap_add(&result.engine_map.of[UNR_GID], range), 0);
	expect_part(&result, "\nuid map 0..65535 -> 100000..165535, gid map 0..65535 -> "
			     "100000..165535, 65536 ->\n1000, docker-20.10.9 on overlay2 ");
}

static void map__long_one_is_shortened_unless_verbose(void **state)
{
	static const struct unr_report_options verbose = { .verbose = true };
	struct unr_result result = fixture_high_uid();
	char *text;

	(void) state;
	for (uint32_t i = 0; i < 7; i++) {
		fixture_map(&result.map, 100000 + i, 500000 + i, 1);
		fixture_map(&result.engine_map, 100000 + i, 500000 + i, 1);
	}
	text = fixture_render(&result, UNR_REPORT_TEXT, NULL);
	assert_non_null(strstr(text, "        inside 100004 -> outside 500004\n"
				     "        (2 ranges more; --verbose lists them)\n"
				     "engine"));
	free(text);
	fixture_expect_part(&result, UNR_REPORT_TEXT, &verbose,
			    "        inside 100006 -> outside 500006\nengine");
}

static void map__empty_is_said(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	unr_idmaps_done(&result.map);
	unr_idmaps_done(&result.engine_map);
	expect_part(&result, "map     nothing is mapped (profile appservice)\nengine");
}

static void map__narrower_kernel_map_is_shown_with_its_note(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	unr_idmaps_done(&result.map);
	fixture_map(&result.map, 0, 1000, 1);
	(void) strcpy(result.map_note, "newuidmap is not installed and alice has no subordinate "
				       "ranges, so one id alone could be mapped");
	expect_part(
		&result,
		"image       app:latest, 2 layers, 60,122 entries (docker-archive:app.tar)\n"
		"map         inside 0..65535 -> outside 100000..165535 (profile appservice)\n"
		"kernel map  inside 0 -> outside 1000\n"
		"            newuidmap is not installed and alice has no subordinate ranges, so\n"
		"            one id alone could be mapped\n"
		"engine      docker-20.10.9 on overlay2 stops in layer 1 at uid 1000000 of\n"
		"            var/www/html/file-with-high-id\n"
		"kernel      6.1.0-41-amd64 refused 1");
}

static void map__written_by_the_helper_is_said(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	result.map_method = UNR_MAP_NEWUIDMAP;
	(void) strcpy(result.map_note, "direct: no CAP_SETUID"); /* of no use to a reader here */
	expect_part(&result, "(profile appservice)\n        written through newuidmap\nengine  ");
}

static void map__narrower_kernel_map_of_an_image_that_loads(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	unr_idmaps_done(&result.map);
	fixture_map(&result.map, 0, 1000, 1);
	(void) strcpy(result.map_note, "not root; newuidmap is not on PATH");
	result.map_method = UNR_MAP_SELF;
	expect(&result,
	       "app:latest loads: 2 layers, 60,122 entries, 60,122 real chowns; USER not checked\n"
	       "map 0..65535 -> 100000..165535, docker-20.10.9 on overlay2 (profile appservice)\n"
	       "\n"
	       "kernel map  inside 0 -> outside 1000 (the caller's own id alone)\n"
	       "            not root; newuidmap is not on PATH\n");
}

static void kernel__names_every_errno_once(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	fixture_failure(&result, 1, "b", 70000, 0)->error = EPERM;
	(void) fixture_failure(&result, 1, "c", 70000, 0);
	expect_part(&result, "kernel  6.1.0-41-amd64 refused 3 of 60,122 chowns in a user "
			     "namespace (EPERM,\n        EINVAL)\n");
}

static void kernel__that_was_not_asked(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	for (size_t i = 0; i < 2; i++)
		result.layers[i].chowns = result.layers[i].refused = 0;
	fixture_findings[0].call = UNR_CALL_NONE;
	fixture_findings[0].error = 0;
	expect_part(&result, "kernel  6.1.0-41-amd64 was asked for no chown in a user namespace\n");
}

static void stop__at_first_is_said(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	result.stopped_at_first = true;
	expect_part(&result,
		    "(EINVAL)\n"
		    "note    stopped at the first failure as asked; the rest was not read\n"
		    "\nlayer 1");
}

static void skipped__steps_are_said_of_good_and_bad_images(void **state)
{
	struct unr_result result = fixture_high_uid();

	(void) state;
	result.stand_ins = 1;
	expect_part(
		&result,
		"(EINVAL)\n"
		"note    not done, as it takes root on the host: 1 device node (a fifo stands in)\n"
		"\nlayer 1");
	result = fixture_result();
	result.stand_ins = 1234;
	result.skipped_xattrs = 2;
	expect_part(
		&result,
		"overlay2 (profile appservice)\n"
		"note    not done, as it takes root on the host: 1,234 device nodes (fifos stand\n"
		"        in), 2 extended attributes\n");
}

static void skipped__owners_come_last(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.skipped_xattrs = 1;
	result.skipped_owners = 3;
	expect_part(&result,
		    "note    not done, as it takes root on the host: 1 extended attribute, 3\n"
		    "        directories left to the host's root\n");
}

static void kept_tree__says_where_or_why_not(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.rootfs = "kept";
	expect_part(&result, "overlay2 (profile appservice)\n"
			     "tree    kept in kept\n");
	result = fixture_high_uid();
	result.rootfs = "kept";
	expect_part(
		&result,
		"(EINVAL)\n"
		"tree    kept in kept although it fails; what has no place in the map belongs to\n"
		"        inside 0 there\n");
	result = fixture_high_uid();
	result.rootfs_cleared = true;
	expect_part(&result,
		    "tree    not kept, as the engine keeps nothing of an image that fails\n");
}

static void heading__without_history_and_digest(void **state)
{
	struct unr_result result = fixture_high_uid();
	struct unr_layer *layer = &result.image.layers[1];

	(void) state;
	free(layer->digest);
	free(layer->diff_id);
	free(layer->created_by);
	*layer = (struct unr_layer) { 0 };
	expect_part(&result, "\n\nlayer 1  (no step in the history)\n1 entry, ");
}

static void heading__long_step_leaves_room_for_the_digest(void **state)
{
	struct unr_result result = fixture_high_uid();
	struct unr_layer *layer = &result.image.layers[1];

	(void) state;
	free(layer->created_by);
	layer->created_by = fixture_string("RUN /bin/sh -c 0123456789 0123456789 0123456789 "
					   "0123456789 0123456789 # buildkit");
	expect_part(&result, "\nlayer 1  RUN 0123456789 0123456789 0123456789 0123456789...  "
			     "sha256:fe1c00ff3ffe\n");
}

static void colour__only_when_asked_for(void **state)
{
	static const struct unr_report_options color = { .color = true };
	struct unr_result result = fixture_high_uid();
	char *text = fixture_render(&result, UNR_REPORT_TEXT, NULL);

	(void) state;
	assert_null(strchr(text, '\033'));
	free(text);
	text = fixture_render(&result, UNR_REPORT_TEXT, &color);
	assert_memory_equal(text, "\033[1;31mfailed to register", 25);
	assert_non_null(strstr(text, "host ID\033[0m\n\nimage "));
	assert_non_null(
		strstr(text, "npm i                     \033[2msha256:fe1c00ff3ffe\033[0m\n"));
	free(text);
	fixture_done(&result);
	result = fixture_result();
	fixture_expect_part(&result, UNR_REPORT_TEXT, &color,
			    "\033[1mapp:latest loads:\033[0m 2 layers");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(high_uid__message_first_then_facts_then_the_file),
	cmocka_unit_test(gid_only__blames_the_gid),
	cmocka_unit_test(layers__every_one_that_fails),
	cmocka_unit_test(layers__do_not_list_what_only_the_kernel_refuses),
	cmocka_unit_test(damaged__shows_layer_and_entry),
	cmocka_unit_test(damaged__without_an_entry_shows_the_layer),
	cmocka_unit_test(message__keeps_its_newline_and_loses_its_controls),
	cmocka_unit_test(loads__is_two_lines_and_claims_nothing_about_user),
	cmocka_unit_test(loads__bare_layer_of_one_entry),
	cmocka_unit_test(standard_input__has_a_name),
	cmocka_unit_test(bare_layer__that_is_no_tar_gets_a_hint),
	cmocka_unit_test(image__without_a_reference_is_named_once),
	cmocka_unit_test(map__uid_and_gid_apart),
	cmocka_unit_test(map__uid_and_gid_apart_in_a_sentence),
	cmocka_unit_test(map__long_one_is_shortened_unless_verbose),
	cmocka_unit_test(map__empty_is_said),
	cmocka_unit_test(map__narrower_kernel_map_is_shown_with_its_note),
	cmocka_unit_test(map__written_by_the_helper_is_said),
	cmocka_unit_test(map__narrower_kernel_map_of_an_image_that_loads),
	cmocka_unit_test(kernel__names_every_errno_once),
	cmocka_unit_test(kernel__that_was_not_asked),
	cmocka_unit_test(stop__at_first_is_said),
	cmocka_unit_test(skipped__steps_are_said_of_good_and_bad_images),
	cmocka_unit_test(skipped__owners_come_last),
	cmocka_unit_test(kept_tree__says_where_or_why_not),
	cmocka_unit_test(heading__without_history_and_digest),
	cmocka_unit_test(heading__long_step_leaves_room_for_the_digest),
	cmocka_unit_test(colour__only_when_asked_for),
};

UNR_TEST_MAIN("report.text", tests, NULL);
