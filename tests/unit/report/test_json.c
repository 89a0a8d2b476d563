/* SPDX-License-Identifier: MIT */
/* The JSON report: its fields in their order, and bytes that JSON cannot hold. */
#include "report_fixture.h"

#define UID_AND_GID_UNMAPPED                                                                       \
	"      \"unmapped\": [\n"                                                                  \
	"        \"uid\",\n"                                                                       \
	"        \"gid\"\n"                                                                        \
	"      ],\n"

static void expect_part(struct unr_result *result, const char *expected)
{
	fixture_expect_part(result, UNR_REPORT_JSON, NULL, expected);
}

static const char head[] = "{\n"
			   "  \"version\": 1,\n"
			   "  \"tool\": {\n"
			   "    \"name\": \"userns-repro\",\n"
			   "    \"version\": \"";

static const char high_uid[] =
	"\"\n"
	"  },\n"
	"  \"host\": {\n"
	"    \"kernel\": \"6.1.0-41-amd64\",\n"
	"    \"map_method\": \"direct\"\n"
	"  },\n"
	"  \"profile\": \"appservice\",\n"
	"  \"engine\": {\n"
	"    \"name\": \"docker-20.10.9\",\n"
	"    \"driver\": \"overlay2\"\n"
	"  },\n"
	"  \"map\": {\n"
	"    \"uid\": [\n"
	"      {\n"
	"        \"inside\": 0,\n"
	"        \"outside\": 100000,\n"
	"        \"count\": 65536\n"
	"      }\n"
	"    ],\n"
	"    \"gid\": [\n"
	"      {\n"
	"        \"inside\": 0,\n"
	"        \"outside\": 100000,\n"
	"        \"count\": 65536\n"
	"      }\n"
	"    ]\n"
	"  },\n"
	"  \"image\": {\n"
	"    \"source\": \"docker-archive:app.tar\",\n"
	"    \"reference\": \"app:latest\",\n"
	"    \"config_digest\": \"sha256:c0ffee\",\n"
	"    \"user\": \"node\",\n"
	"    \"layers\": [\n"
	"      {\n"
	"        \"index\": 0,\n"
	"        \"digest\": \"sha256:6f199d2c4d2fa7cf69b4fa1b\",\n"
	"        \"diff_id\": \"sha256:d1ffd1ffd1ff0000\",\n"
	"        \"size\": 315392,\n"
	"        \"entries\": 60000,\n"
	"        \"failures\": 0,\n"
	"        \"created_by\": \"/bin/sh -c #(nop) ADD file:1 in / \"\n"
	"      },\n"
	"      {\n"
	"        \"index\": 1,\n"
	"        \"digest\": \"sha256:fe1c00ff3ffe19d18a3b9b52\",\n"
	"        \"diff_id\": \"sha256:d1ffd1ffd1ff0000\",\n"
	"        \"size\": 202,\n"
	"        \"entries\": 122,\n"
	"        \"failures\": 1,\n"
	"        \"created_by\": \"RUN /bin/sh -c npm i -g npm@9.1.1 &&     npm i # buildkit\"\n"
	"      }\n"
	"    ]\n"
	"  },\n"
	"  \"verdict\": {\n"
	"    \"ok\": false,\n"
	"    \"stage\": \"layer\",\n"
	"    \"layer\": 1,\n"
	"    \"path\": \"var/www/html/file-with-high-id\",\n"
	"    \"id\": 1000000,\n"
	"    \"id_kind\": \"uid\",\n"
	"    \"message\": \"failed to register layer: Error processing tar file(exit status 1): "
	"Container ID 1000000 cannot be mapped to a host ID\"\n"
	"  },\n"
	"  \"failures\": [\n"
	"    {\n"
	"      \"layer\": 1,\n"
	"      \"entry\": 0,\n"
	"      \"path\": \"var/www/html/file-with-high-id\",\n"
	"      \"type\": \"file\",\n"
	"      \"mode\": \"0644\",\n"
	"      \"size\": 0,\n"
	"      \"uid\": 1000000,\n"
	"      \"gid\": 1000000,\n" UID_AND_GID_UNMAPPED "      \"engine\": \"unmapped\",\n"
	"      \"kernel\": {\n"
	"        \"call\": \"lchown\",\n"
	"        \"errno\": \"EINVAL\"\n"
	"      }\n"
	"    }\n"
	"  ],\n"
	"  \"disagreements\": [],\n"
	"  \"needed_map\": {\n"
	"    \"uid\": 1000001,\n"
	"    \"gid\": 1000001,\n"
	"    \"changeable\": false,\n"
	"    \"sparse\": {\n"
	"      \"uid\": [\n"
	"        {\n"
	"          \"inside\": 0,\n"
	"          \"outside\": 100000,\n"
	"          \"count\": 65536\n"
	"        },\n"
	"        {\n"
	"          \"inside\": 1000000,\n"
	"          \"outside\": 165536,\n"
	"          \"count\": 1\n"
	"        }\n"
	"      ],\n"
	"      \"gid\": [\n"
	"        {\n"
	"          \"inside\": 0,\n"
	"          \"outside\": 100000,\n"
	"          \"count\": 65536\n"
	"        },\n"
	"        {\n"
	"          \"inside\": 1000000,\n"
	"          \"outside\": 165536,\n"
	"          \"count\": 1\n"
	"        }\n"
	"      ]\n"
	"    },\n"
	"    \"subuid\": \"dockremap:100000:1000001\",\n"
	"    \"subgid\": \"dockremap:100000:1000001\",\n"
	"    \"dockerd\": \"--userns-remap=default\",\n"
	"    \"podman\": \"--uidmap 0:100000:1000001 --gidmap 0:100000:1000001\",\n"
	"    \"podman_sparse\": \"--uidmap 0:100000:65536 --uidmap 1000000:165536:1 --gidmap 0:100000:65536 --gidmap 1000000:165536:1\"\n"
	"  },\n"
	"  \"advice\": [\n"
	"    {\n"
	"      \"layer\": 1,\n"
	"      \"kind\": \"same-run\",\n"
	"      \"inherited\": false,\n"
	"      \"text\": \"In the same RUN (a chown in a later RUN leaves this layer as it is):\\n  RUN npm i -g npm@9.1.1 && npm i && \\\\\\n+     chown -h root:root /var/www/html/file-with-high-id\\n\",\n"
	"      \"diff\": \"  RUN npm i -g npm@9.1.1 && npm i && \\\\\\n+     chown -h root:root /var/www/html/file-with-high-id\\n\",\n"
	"      \"scenario\": \"advised-same-run\"\n"
	"    }\n"
	"  ]\n"
	"}\n";

static void high_uid__is_the_whole_contract_in_order(void **state)
{
	struct unr_result result = fixture_high_uid();
	char *text = fixture_render(&result, UNR_REPORT_JSON, NULL);
	const char *rest;

	(void) state;
	assert_memory_equal(text, head, strlen(head));
	/* The version number itself is the build's. */
	rest = strchr(text + strlen(head), '"');
	assert_non_null(rest);
	assert_string_equal(rest, high_uid);
	free(text);
	fixture_done(&result);
}

static void loads__has_an_empty_message_and_no_place(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	expect_part(&result, "  \"verdict\": {\n"
			     "    \"ok\": true,\n"
			     "    \"stage\": \"none\",\n"
			     "    \"message\": \"\"\n"
			     "  },\n"
			     "  \"failures\": [],\n"
			     "  \"disagreements\": [],\n");
}

static void damaged__has_a_path_and_no_id(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	fixture_damage(&result, 0, "l/x", "mkdir /l: file exists");
	expect_part(&result, "    \"stage\": \"layer\",\n"
			     "    \"layer\": 0,\n"
			     "    \"path\": \"l/x\",\n"
			     "    \"message\": \"mkdir /l: file exists\"\n"
			     "  },\n");
}

static void path__not_utf8_is_lossy_with_base64_beside(void **state)
{
	struct unr_result result = fixture_result();
	const struct unr_finding *finding =
		fixture_failure(&result, 1, "caf\xe9/\xe2\x82\xac", 70000, 0);

	(void) state;
	fixture_verdict(&result, finding, "open /caf\xe9: no");
	expect_part(&result, "    \"path\": \"caf\xef\xbf\xbd/\xe2\x82\xac\",\n"
			     "    \"path_base64\": \"Y2Fm6S/igqw=\",\n"
			     "    \"id\": 70000,\n"
			     "    \"id_kind\": \"uid\",\n"
			     "    \"message\": \"open /caf\xef\xbf\xbd: no\",\n"
			     "    \"message_base64\": \"b3BlbiAvY2Fm6Togbm8=\"\n");
}

static void path__base64_of_every_remainder(void **state)
{
	static const struct {
		const char *path, *expected;
	} cases[] = {
		{ "\xff", "\"path_base64\": \"/w==\"" },
		{ "\xff\xfe", "\"path_base64\": \"//4=\"" },
		{ "\xff\xfe\xfd", "\"path_base64\": \"//79\"" },
		{ "\xff\xfe\xfd>", "\"path_base64\": \"//79Pg==\"" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_result result = fixture_result();

		(void) fixture_failure(&result, 1, cases[i].path, 70000, 0);
		expect_part(&result, cases[i].expected);
	}
}

static void path__control_characters_are_json_escapes(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	(void) fixture_failure(&result, 1, "a\n\033\"\\b", 70000, 0);
	expect_part(&result, "\"path\": \"a\\n\\u001B\\\"\\\\b\",\n");
}

static void failure__shows_link_and_special_mode(void **state)
{
	struct unr_result result = fixture_result();
	struct unr_finding *finding = fixture_failure(&result, 1, "bin/sh", 0, 70000);

	(void) state;
	finding->type = UNR_ENTRY_SYMLINK;
	finding->mode = 04755;
	finding->link = fixture_string("da\xffsh");
	finding->link_length = 5;
	expect_part(&result, "      \"type\": \"symlink\",\n"
			     "      \"link\": \"da\xef\xbf\xbdsh\",\n"
			     "      \"link_base64\": \"ZGH/c2g=\",\n"
			     "      \"mode\": \"4755\",\n"
			     "      \"size\": 0,\n"
			     "      \"uid\": 0,\n"
			     "      \"gid\": 70000,\n"
			     "      \"unmapped\": [\n"
			     "        \"gid\"\n"
			     "      ],\n");
}

static void failure__kernel_is_null_when_nothing_was_tried(void **state)
{
	struct unr_result result = fixture_result();
	struct unr_finding *finding = fixture_failure(&result, 1, "a", INT64_MAX, -1);

	(void) state;
	finding->call = UNR_CALL_NONE;
	finding->error = 0;
	expect_part(&result,
		    "      \"uid\": 9223372036854775807,\n"
		    "      \"gid\": -1,\n" UID_AND_GID_UNMAPPED "      \"engine\": \"unmapped\",\n"
		    "      \"kernel\": null\n"
		    "    }\n"
		    "  ],\n"
		    "  \"disagreements\": [],\n");
}

static void failure__kernel_that_took_it_is_a_disagreement_too(void **state)
{
	struct unr_result result = fixture_result();
	struct unr_finding *finding = fixture_failure(&result, 1, "a", 4294967295, 0);

	(void) state;
	finding->error = 0;
	expect_part(&result, "      \"kernel\": {\n"
			     "        \"call\": \"lchown\",\n"
			     "        \"errno\": null\n"
			     "      }\n"
			     "    }\n"
			     "  ],\n"
			     "  \"disagreements\": [\n"
			     "    {\n"
			     "      \"layer\": 1,\n"
			     "      \"path\": \"a\",\n"
			     "      \"uid\": 4294967295,\n"
			     "      \"gid\": 0,\n"
			     "      \"engine\": \"unmapped\",\n"
			     "      \"kernel\": \"ok\",\n"
			     "      \"why\": \"To the kernel 4294967295 is -1, ");
}

static void kernel_only__is_no_failure(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	(void) fixture_kernel_only(&result, 0, "hostroot", 100000, 100000);
	expect_part(&result, "  \"failures\": [],\n"
			     "  \"disagreements\": [\n"
			     "    {\n"
			     "      \"layer\": 0,\n"
			     "      \"path\": \"hostroot\",\n"
			     "      \"uid\": 100000,\n"
			     "      \"gid\": 100000,\n"
			     "      \"engine\": \"mapped\",\n"
			     "      \"kernel\": \"EINVAL\",\n"
			     "      \"why\": \"The id equals the outside id of the map's root");
}

static void maps__both_when_they_differ(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	unr_idmaps_done(&result.map);
	fixture_map(&result.map, 0, 1000, 1);
	result.map_method = UNR_MAP_SELF;
	(void) strcpy(result.map_note, "no subordinate ranges");
	expect_part(&result, "    ]\n"
			     "  },\n"
			     "  \"engine_map\": {\n"
			     "    \"uid\": [\n"
			     "      {\n"
			     "        \"inside\": 0,\n"
			     "        \"outside\": 100000,\n"
			     "        \"count\": 65536\n"
			     "      }\n"
			     "    ],\n"
			     "    \"gid\": [\n"
			     "      {\n"
			     "        \"inside\": 0,\n"
			     "        \"outside\": 100000,\n"
			     "        \"count\": 65536\n"
			     "      }\n"
			     "    ]\n"
			     "  },\n"
			     "  \"map_note\": \"no subordinate ranges\",\n"
			     "  \"image\": {\n");
}

static void skipped__steps_are_counted(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.skipped_xattrs = 2;
	expect_part(&result, "  \"disagreements\": [],\n"
			     "  \"skipped\": {\n"
			     "    \"device_nodes\": 0,\n"
			     "    \"xattrs\": 2,\n"
			     "    \"owners\": 0\n"
			     "  },\n");
}

static void kept_tree__is_named(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	result.rootfs = "kept";
	expect_part(&result, "  \"disagreements\": [],\n"
			     "  \"rootfs\": \"kept\",\n");
}

static void bare_layer__has_nulls_for_what_it_lacks(void **state)
{
	struct unr_result result = fixture_result();

	(void) state;
	unr_image_done(&result.image);
	free(result.layers);
	result.layers = NULL;
	result.source = "tar:layer.tar";
	fixture_layer(&result, NULL, 10240, 3, "");
	free(result.image.layers[0].diff_id);
	result.image.layers[0].diff_id = NULL;
	expect_part(&result, "    \"source\": \"tar:layer.tar\",\n"
			     "    \"reference\": null,\n"
			     "    \"config_digest\": null,\n"
			     "    \"user\": null,\n"
			     "    \"layers\": [\n"
			     "      {\n"
			     "        \"index\": 0,\n"
			     "        \"digest\": null,\n"
			     "        \"diff_id\": null,\n"
			     "        \"size\": 10240,\n"
			     "        \"entries\": 3,\n"
			     "        \"failures\": 0,\n"
			     "        \"created_by\": \"\"\n");
}

static void stop_at_first__is_said_of_what_it_cut_short(void **state)
{
	struct unr_result result = fixture_high_uid();
	char *text = fixture_render(&result, UNR_REPORT_JSON, NULL);

	(void) state;
	assert_null(strstr(text, "stopped_at_first"));
	free(text);
	result.stopped_at_first = true;
	expect_part(&result, "  },\n  \"stopped_at_first\": true,\n  \"failures\": [");
	/* All of an image that loads was read. */
	result = fixture_result();
	result.stopped_at_first = true;
	text = fixture_render(&result, UNR_REPORT_JSON, NULL);
	assert_null(strstr(text, "stopped_at_first"));
	free(text);
	fixture_done(&result);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(high_uid__is_the_whole_contract_in_order),
	cmocka_unit_test(loads__has_an_empty_message_and_no_place),
	cmocka_unit_test(damaged__has_a_path_and_no_id),
	cmocka_unit_test(path__not_utf8_is_lossy_with_base64_beside),
	cmocka_unit_test(path__base64_of_every_remainder),
	cmocka_unit_test(path__control_characters_are_json_escapes),
	cmocka_unit_test(failure__shows_link_and_special_mode),
	cmocka_unit_test(failure__kernel_is_null_when_nothing_was_tried),
	cmocka_unit_test(failure__kernel_that_took_it_is_a_disagreement_too),
	cmocka_unit_test(kernel_only__is_no_failure),
	cmocka_unit_test(maps__both_when_they_differ),
	cmocka_unit_test(skipped__steps_are_counted),
	cmocka_unit_test(kept_tree__is_named),
	cmocka_unit_test(bare_layer__has_nulls_for_what_it_lacks),
	cmocka_unit_test(stop_at_first__is_said_of_what_it_cut_short),
};

UNR_TEST_MAIN("report.json", tests, NULL);
