/* SPDX-License-Identifier: MIT */
/* What `docker save` writes, in both layouts, and every way in which it may be wrong. */
#include "fixture.h"

#define ONE(config, layers) "[{\"Config\":" config ",\"Layers\":" layers "}]"

static void load__reads_the_layout_with_a_folder_a_layer(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_int_equal(o.r, 0);
	assert_string_equal(o.image.reference, "app:latest");
	assert_string_equal(o.image.user, "node");
	assert_int_equal(o.image.n_layers, 2);
	assert_null(o.image.layers[0].digest);
	assert_string_equal(o.image.layers[0].diff_id, DIFF_A);
	assert_string_equal(o.image.layers[0].created_by, "ADD root");
	assert_int_equal(o.image.layers[0].size, 12);
	assert_string_equal(o.image.layers[1].created_by, "RUN npm i");
	assert_blob(&o.blobs[0], "bottom layer");
	assert_blob(&o.blobs[1], "upper layer");
	outcome_done(&o);
}

static void load__config_digest_is_that_of_its_bytes(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	char digest[UNR_DIGEST_SIZE];
	struct outcome o;

	(void) state;
	assert_int_equal(unr_digest_sha256(TWO_LAYERS, strlen(TWO_LAYERS), digest, NULL), 0);
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_string_equal(o.image.config_digest, digest);
	outcome_done(&o);
}

static void load__reads_the_layout_with_blobs(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	tar_build_directory(&tar, "blobs/");
	tar_build_directory(&tar, "blobs/sha256/");
	tar_build_text(&tar, "blobs/sha256/" HEX_A, "bottom");
	tar_build_text(&tar, "blobs/sha256/" HEX_B, TWO_LAYERS);
	tar_build_text(&tar, "index.json", "{\"manifests\":[]}");
	tar_build_text(&tar, "manifest.json",
		       "[{\"Config\":\"blobs/sha256/" HEX_B "\",\"RepoTags\":null,"
		       "\"Layers\":[\"blobs/sha256/" HEX_A "\",\"blobs/sha256/" HEX_A "\"]}]");
	tar_build_text(&tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	tar_build_end(&tar);
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_int_equal(o.r, 0);
	assert_null(o.image.reference);
	assert_string_equal(o.image.layers[0].digest, DIFF_A);
	assert_string_equal(o.image.layers[1].digest, DIFF_A);
	assert_blob(&o.blobs[0], "bottom");
	assert_blob(&o.blobs[1], "bottom");
	outcome_done(&o);
}

static void load__follows_the_links_of_old_engines(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	tar_build_text(&tar, HEX_A "/layer.tar", "shared");
	tar_build_link(&tar, '2', HEX_B "/layer.tar", "../" HEX_A "/layer.tar");
	tar_build_text(&tar, "config.json", TWO_LAYERS);
	tar_build_text(&tar, "manifest.json", MANIFEST);
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.blobs[0].offset, o.blobs[1].offset);
	assert_blob(&o.blobs[1], "shared");
	outcome_done(&o);
}

static void load__image_without_layers_has_none(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	build_docker(&tar, NO_LAYERS, ONE("\"config.json\"", "null"));
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.image.n_layers, 0);
	assert_null(o.blobs);
	outcome_done(&o);
}

#define THREE_IMAGES                                                                               \
	"[{\"Config\":\"config.json\",\"RepoTags\":[\"app:latest\",\"app:1.0\"],\"Layers\":[]},"   \
	"{\"Config\":\"config.json\",\"RepoTags\":[\"docker.io/library/base:12\"],"                \
	"\"Layers\":[]},"                                                                          \
	"{\"Config\":\"user.json\",\"RepoTags\":null,\"Layers\":[]}]"

static void build_three(struct tar_build *tar)
{
	tar_build_text(tar, "user.json", "{\"config\":{\"User\":\"third\"},\"rootfs\":{}}");
	build_docker(tar, NO_LAYERS, THREE_IMAGES);
}

static void load__reference_picks_one_of_several(void **state)
{
	static const struct {
		const char *reference, *tag, *user;
	} cases[] = {
		{ "app", "app:latest", "" },         { "app:latest", "app:latest", "" },
		{ "app:1.0", "app:1.0", "" },        { "base:12", "docker.io/library/base:12", "" },
		{ "@0", "app:latest", "" },          { "@2", NULL, "third" },
		{ "library/app", "app:latest", "" },
	};
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	build_three(&tar);
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct outcome o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, cases[i].reference);

		assert_int_equal(o.r, 0);
		assert_string_equal(o.image.user, cases[i].user);
		if (cases[i].tag == NULL)
			assert_null(o.image.reference);
		else
			assert_string_equal(o.image.reference, cases[i].tag);
		outcome_done(&o);
	}
}

static void load__reference_that_decides_nothing_is_a_usage_error(void **state)
{
	static const struct {
		const char *reference, *message;
	} cases[] = {
		{ NULL, "app.tar: holds several images, name one of them: app:latest, "
			"docker.io/library/base:12, @2" },
		{ "other", "app.tar: has no image other; it has app:latest, "
			   "docker.io/library/base:12, @2" },
		{ "base", "app.tar: has no image base; it has app:latest, "
			  "docker.io/library/base:12, @2" },
		{ "@3", "app.tar has 3 images, @0 to @2; there is no @3" },
	};
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	build_three(&tar);
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct outcome o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, cases[i].reference);

		assert_refused(&o, -EINVAL, UNR_ERROR_USAGE, cases[i].message);
	}
}

static void load__refuses_bad_manifests(void **state)
{
	static const struct {
		const char *config, *manifest;
		int code;
		const char *message;
	} cases[] = {
		{ TWO_LAYERS, NULL, -EBADMSG,
		  "app.tar: has no manifest.json, so it is not a docker archive" },
		{ TWO_LAYERS, "", -ENODATA, "app.tar: manifest.json: is empty" },
		{ TWO_LAYERS, "[{]", -EBADMSG,
		  "app.tar: manifest.json: is not valid JSON: line 1, column 3: string or '}' "
		  "expected near ']'" },
		{ TWO_LAYERS, "{}", -EBADMSG, "app.tar: manifest.json: is not an array" },
		{ TWO_LAYERS, "[]", -EBADMSG, "app.tar: manifest.json: names no image" },
		{ TWO_LAYERS, "[7]", -EBADMSG, "app.tar: manifest.json: [0]: is not an object" },
		{ TWO_LAYERS, "[{}]", -EBADMSG, "app.tar: manifest.json: [0].Config: is missing" },
		{ TWO_LAYERS, ONE("[]", "[]"), -EBADMSG,
		  "app.tar: manifest.json: [0].Config: is not a string" },
		{ TWO_LAYERS, "[{\"RepoTags\":\"app\"}]", -EBADMSG,
		  "app.tar: manifest.json: [0].RepoTags: is not an array" },
		{ TWO_LAYERS, "[{\"RepoTags\":[1]}]", -EBADMSG,
		  "app.tar: manifest.json: [0].RepoTags[0]: is not a string" },
		{ TWO_LAYERS, ONE("\"config.json\"", "{}"), -EBADMSG,
		  "app.tar: manifest.json: [0].Layers: is not an array" },
		{ TWO_LAYERS, ONE("\"config.json\"", "[\"" HEX_A "/layer.tar\",3]"), -EBADMSG,
		  "app.tar: manifest.json: [0].Layers[1]: is not a string" },
		{ TWO_LAYERS, ONE("\"config.json\"", "[\"x\"]"), -EBADMSG,
		  "app.tar: invalid manifest, layers length mismatch: expected 1, got 2" },
		{ TWO_LAYERS, ONE("\"config.json\"", "[\"gone/layer.tar\",\"x\"]"), -ENOENT,
		  "app.tar: has no member gone/layer.tar" },
		{ TWO_LAYERS, ONE("\"config.json\"", "[\"" HEX_A "\",\"x\"]"), -ENOTSUP,
		  "app.tar: member " HEX_A " is not a regular file" },
		{ TWO_LAYERS, ONE("\"../../etc/passwd\"", "[]"), -ENOENT,
		  "app.tar: has no member ../../etc/passwd" },
		{ TWO_LAYERS, ONE("\"config.json\"", "[\"../../etc/passwd\",\"x\"]"), -ENOENT,
		  "app.tar: has no member ../../etc/passwd" },
		{ NULL, MANIFEST, -ENOENT, "app.tar: has no member config.json" },
		{ "[]", MANIFEST, -EBADMSG, "app.tar: config.json: is not an object" },
		{ "x", MANIFEST, -EBADMSG,
		  "app.tar: config.json: is not valid JSON: line 1, column 1: "
		  "invalid token near 'x'" },
		{ TWO_LAYERS, ONE("\"a\\u001b[31mb\"", "[]"), -ENOENT,
		  "app.tar: has no member a\\033[31mb" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(tar_build_done) struct tar_build tar = { 0 };
		struct outcome o;

		build_docker(&tar, cases[i].config, cases[i].manifest);
		o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
		assert_refused(&o, cases[i].code, UNR_ERROR_FAILED, cases[i].message);
	}
}

static void load__refuses_json_of_ten_gigabytes(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	const int64_t huge = INT64_C(10) << 30;
	union tar_header header;
	struct outcome o;
	int fd;

	(void) state;
	tar_header_init(&header, "manifest.json", '0');
	tar_header_base256(header.field.size, sizeof(header.field.size), huge);
	tar_build_header(&tar, &header);
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_refused(&o, -ENODATA, UNR_ERROR_FAILED,
		       "app.tar: is cut short: member manifest.json has 10737418240 bytes from "
		       "byte 512 on, the archive ends at 512: unexpected EOF");
	/* The same with a file that really is that long, all hole. */
	fd = tar_build_memfd(&tar);
	assert_int_equal(ftruncate(fd, huge + 512), 0);
	o = load_fd(UNR_TRANSPORT_DOCKER_ARCHIVE, fd, NULL, NULL);
	assert_refused(&o, -E2BIG, UNR_ERROR_FAILED,
		       "app.tar: manifest.json: has 10737418240 bytes, and more than 33554432 are "
		       "not read");
}

static void load__refuses_more_layers_than_any_engine_takes(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct outcome o;

	(void) state;
	unr_text_puts(&text, "[{\"Config\":\"config.json\",\"Layers\":[\"x\"");
	for (int i = 0; i < 4096; i++)
		unr_text_puts(&text, ",\"x\"");
	unr_text_puts(&text, "]}]");
	build_docker(&tar, TWO_LAYERS, text.bytes);
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_refused(&o, -E2BIG, UNR_ERROR_FAILED,
		       "app.tar: manifest.json: [0].Layers: has 4097 items, and more than 4096 are "
		       "not read");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(load__reads_the_layout_with_a_folder_a_layer),
	cmocka_unit_test(load__config_digest_is_that_of_its_bytes),
	cmocka_unit_test(load__reads_the_layout_with_blobs),
	cmocka_unit_test(load__follows_the_links_of_old_engines),
	cmocka_unit_test(load__image_without_layers_has_none),
	cmocka_unit_test(load__reference_picks_one_of_several),
	cmocka_unit_test(load__reference_that_decides_nothing_is_a_usage_error),
	cmocka_unit_test(load__refuses_bad_manifests),
	cmocka_unit_test(load__refuses_json_of_ten_gigabytes),
	cmocka_unit_test(load__refuses_more_layers_than_any_engine_takes),
};

UNR_TEST_MAIN("image.docker_archive", tests, NULL);
