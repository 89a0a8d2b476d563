/* SPDX-License-Identifier: MIT */
/* OCI layouts, as a directory behind the parent and as an archive. */
#include "oci.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "image/descriptor.h"
#include "tmp.h"

static void load__single_image_with_its_digests(void **state)
{
	static const char *const media_types[] = { OCI_MANIFEST, DOCKER_MANIFEST, "", "other" };
	char config[UNR_DIGEST_SIZE], layer[UNR_DIGEST_SIZE];

	(void) state;
	assert_int_equal(unr_digest_sha256(ONE_LAYER, strlen(ONE_LAYER), config, NULL), 0);
	assert_int_equal(unr_digest_sha256("bytes", 5, layer, NULL), 0);
	for (size_t i = 0; i < UNR_COUNT(media_types); i++) {
		struct layout layout = { 0 };
		struct outcome o;

		put_index(&layout, put_image(&layout, media_types[i], "bytes", REF("v1")), "");
		o = load_layout(&layout, NULL);
		assert_int_equal(o.r, 0);
		assert_string_equal(o.image.reference, "v1");
		assert_string_equal(o.image.config_digest, config);
		assert_string_equal(o.image.layers[0].digest, layer);
		assert_string_equal(o.image.layers[0].diff_id, DIFF_A);
		assert_int_equal(o.image.layers[0].size, 5);
		assert_blob(&o.blobs[0], "bytes");
		outcome_done(&o);
	}
}

/* Two images with these annotations. */
static void build_two(struct layout *layout, const char *first, const char *second)
{
	char text[1024];

	*layout = (struct layout) { 0 };
	(void) snprintf(text, sizeof(text), "%s", put_image(layout, OCI_MANIFEST, "one", first));
	put_index(layout, text, put_image(layout, OCI_MANIFEST, "two", second));
}

static void load__reference_picks_one_of_several(void **state)
{
	struct layout layout;

	(void) state;
	build_two(&layout, REF("a"), REF("b"));
	assert_content(&layout, "a", "one");
	build_two(&layout, REF("a"), REF("b"));
	assert_content(&layout, "b", "two");
	build_two(&layout, REF("a"), "");
	assert_content(&layout, "@1", "two");
}

static void load__reference_that_decides_nothing_is_a_usage_error(void **state)
{
	struct layout layout;
	struct outcome o;

	(void) state;
	build_two(&layout, REF("a"), "");
	o = load_layout(&layout, NULL);
	assert_refused(&o, -EINVAL, UNR_ERROR_USAGE,
		       "app.tar: holds several images, name one of them: a, @1");
	build_two(&layout, REF("a"), REF("b"));
	o = load_layout(&layout, "c");
	assert_refused(&o, -EINVAL, UNR_ERROR_USAGE, "app.tar: has no image c; it has a, b");
	build_two(&layout, REF("a"), REF("b"));
	o = load_layout(&layout, "@2");
	assert_refused(&o, -EINVAL, UNR_ERROR_USAGE,
		       "app.tar has 2 images, @0 and @1; there is no @2");
}

/* "platform":{...} for this host or another architecture, into @ret. */
static const char *platform(char ret[128], const char *architecture)
{
	(void) snprintf(ret, 128, "\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}",
			architecture);
	return ret;
}

static void build_nested(struct layout *layout, const char *media_type, const char *first,
			 const char *second)
{
	char text[1024], other[128], index[4096];

	*layout = (struct layout) { 0 };
	(void) snprintf(text, sizeof(text), "%s",
			put_image(layout, OCI_MANIFEST, "one", platform(other, first)));
	put_image(layout, OCI_MANIFEST, "two", platform(other, second));
	(void) snprintf(index, sizeof(index), "{\"manifests\":[%s,%s]}", text, layout->text);
	put_index(layout, put_blob(layout, media_type, index, REF("multi")), "");
}

static void load__takes_this_hosts_platform(void **state)
{
	static const char *const media_types[] = { OCI_INDEX, DOCKER_LIST, "" };
	const struct unr_platform host = unr_platform_host();
	struct layout layout;
	struct outcome o;
	char message[400];

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(media_types); i++) {
		build_nested(&layout, media_types[i], "pdp11", host.architecture);
		assert_content(&layout, NULL, "two");
		build_nested(&layout, media_types[i], host.architecture, "unknown");
		assert_content(&layout, "multi", "one");
	}
	build_nested(&layout, OCI_INDEX, "pdp11", "vax");
	o = load_layout(&layout, NULL);
	(void) snprintf(message, sizeof(message),
			": has no image for linux/%s; it has linux/pdp11, linux/vax",
			host.architecture);
	assert_int_equal(o.r, -EBADMSG);
	assert_non_null(strstr(o.err.message, message));
	outcome_done(&o);
}

static void load__unnamed_platforms_at_the_top_are_one_image(void **state)
{
	const struct unr_platform host = unr_platform_host();
	char first[128], second[128];
	struct layout layout;

	(void) state;
	build_two(&layout, platform(first, "pdp11"), platform(second, host.architecture));
	assert_content(&layout, NULL, "two");
}

static void load__bounds_indexes_in_indexes(void **state)
{
	struct layout layout = { 0 };
	char index[2048], line[1024];
	struct outcome o;

	(void) state;
	(void) snprintf(line, sizeof(line), "%s", put_image(&layout, OCI_MANIFEST, "x", ""));
	for (int i = 0; i < 8; i++) {
		(void) snprintf(index, sizeof(index), "{\"manifests\":[%s]}", line);
		(void) snprintf(line, sizeof(line), "%s", put_blob(&layout, OCI_INDEX, index, ""));
	}
	put_index(&layout, line, "");
	o = load_layout(&layout, NULL);
	assert_refused(&o, -ELOOP, UNR_ERROR_FAILED,
		       "app.tar: has more than 8 indexes in one another");
}

static void load__refuses_bad_layouts(void **state)
{
	static const struct {
		const char *layout, *index;
		int code;
		const char *message;
	} cases[] = {
		{ NULL, "{}", -EBADMSG,
		  "app.tar: has no file oci-layout, so it is not an OCI layout" },
		{ "{}", "{}", -EBADMSG, "app.tar: oci-layout: imageLayoutVersion: is missing" },
		{ "{\"imageLayoutVersion\":\"2.0\"}", "{}", -EBADMSG,
		  "app.tar: oci-layout: is of a version of OCI layouts other than 1" },
		{ "{\"imageLayoutVersion\":\"1.0.0\"}", NULL, -ENOENT,
		  "app.tar: has no member index.json" },
		{ "{\"imageLayoutVersion\":\"1.0.0\"}", "[]", -EBADMSG,
		  "app.tar: index.json: is not an object" },
		{ "{\"imageLayoutVersion\":\"1.0.0\"}", "{}", -EBADMSG,
		  "app.tar: index.json: manifests: names no image" },
		{ "{\"imageLayoutVersion\":\"1.0.0\"}", "{\"manifests\":[3]}", -EBADMSG,
		  "app.tar: index.json: manifests[0]: is not an object" },
		{ "{\"imageLayoutVersion\":\"1.0.0\"}", "{\"manifests\":[{}]}", -EBADMSG,
		  "app.tar: index.json: manifests[0].digest: is missing" },
		{ "{\"imageLayoutVersion\":\"1.0.0\"}",
		  "{\"manifests\":[{\"digest\":\"../../etc/passwd\"}]}", -EBADMSG,
		  "app.tar: index.json: manifests[0].digest: is not a digest" },
		{ "{\"imageLayoutVersion\":\"1.0.0\"}",
		  "{\"manifests\":[{\"digest\":\"" DIFF_A "\",\"size\":-1}]}", -EBADMSG,
		  "app.tar: index.json: manifests[0].size: is not a size" },
		{ "{\"imageLayoutVersion\":\"1.0.0\"}",
		  "{\"manifests\":[{\"digest\":\"" DIFF_A "\",\"size\":9}]}", -ENOENT,
		  "app.tar: has no member blobs/sha256/" HEX_A },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct layout layout = { 0 };
		struct outcome o;

		if (cases[i].layout != NULL)
			put_file(&layout, "oci-layout", cases[i].layout);
		if (cases[i].index != NULL)
			put_file(&layout, "index.json", cases[i].index);
		o = load_layout(&layout, NULL);
		assert_refused(&o, cases[i].code, UNR_ERROR_FAILED, cases[i].message);
	}
}

/* What goes wrong behind "app.tar: blobs/sha256/<digest of the manifest>: ". */
static void assert_manifest_refused(const char *manifest, const char *message)
{
	struct layout layout = { 0 };
	struct outcome o = load_manifest(&layout, manifest);

	assert_int_equal(o.r, -EBADMSG);
	assert_memory_equal(o.err.message, "app.tar: blobs/sha256/", 22);
	assert_string_equal(o.err.message + 22 + 64, message);
	outcome_done(&o);
}

static void load__refuses_bad_manifests(void **state)
{
	(void) state;
	assert_manifest_refused("{}", ": config: is missing");
	assert_manifest_refused("{\"config\":[]}", ": config: is not an object");
	assert_manifest_refused("{\"config\":{\"digest\":\"sha256:\"}}",
				": config.digest: is not a digest");
	assert_manifest_refused("[]", ": is not an object");
	assert_manifest_refused("{",
				": is not valid JSON: line 1, column 1: string or '}' expected "
				"near end of file");
}

static void load__refuses_damaged_small_blobs(void **state)
{
	char digest[UNR_DIGEST_SIZE], blob[UNR_DIGEST_SIZE], index[512], message[480];
	struct layout layout = { 0 };
	struct outcome o;

	(void) state;
	assert_int_equal(unr_digest_sha256("{}", 2, digest, NULL), 0);
	assert_true(unr_digest_to_blob(digest, blob));
	for (int longer = 0; longer < 2; longer++) {
		put_file(&layout, blob, longer ? "{} " : "[]");
		(void) snprintf(index, sizeof(index), "{\"digest\":\"%s\",\"size\":2}", digest);
		put_index(&layout, index, "");
		o = load_layout(&layout, NULL);
		assert_int_equal(o.r, -EBADMSG);
		(void) snprintf(
			message, sizeof(message),
			longer ? "app.tar: %s: has 3 bytes, and its descriptor says 2" :
				 "app.tar: %s: is damaged: the digest of its content is "
				 "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f1"
				 "1161202b945",
			blob);
		assert_string_equal(o.err.message, message);
		outcome_done(&o);
	}
}

static void auto__recognises_an_oci_archive(void **state)
{
	struct layout layout = { 0 };
	struct outcome o;

	(void) state;
	put_index(&layout, put_image(&layout, OCI_MANIFEST, "bytes", REF("v1")), "");
	o = load_tar(UNR_TRANSPORT_AUTO, &layout.tar, NULL);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.transport, UNR_TRANSPORT_OCI_ARCHIVE);
	outcome_done(&o);
	tar_build_done(&layout.tar);
}

/* The parent's side, in the same process. */
static int ask_here(void *context, const char *name, int *ret_fd, struct unr_error *err)
{
	return unr_image_input_serve(context, name, ret_fd, err);
}

/* Loads the directory, asking it for its own files. */
static struct outcome load_directory(const struct unr_tmp *tmp, enum unr_transport transport)
{
	struct unr_image_spec spec = { .transport = transport };
	struct unr_image_services services = { .ask = ask_here };
	struct outcome o = { .input = UNR_IMAGE_INPUT_NONE };

	spec.path = strdup(tmp->path);
	o.r = unr_image_input_open(&spec, &o.input, &o.err);
	unr_image_spec_done(&spec);
	assert_int_equal(o.r, 0);
	services.context = &o.input;
	o.r = unr_image_load(&o.input, &services, &o.image, &o.blobs, &o.err);
	return o;
}

/* Unpacks the members of the layout into the directory, by way of the archive's own index. */
static void unpack(const struct unr_tmp *tmp, const struct layout *layout)
{
	const union tar_header *header;

	assert_int_equal(mkdirat(tmp->fd, "blobs", 0755), 0);
	assert_int_equal(mkdirat(tmp->fd, "blobs/sha256", 0755), 0);
	for (size_t at = 0; at < layout->tar.bytes.length;) {
		uint64_t size;
		char *text;

		header = (const union tar_header *) (const void *) (layout->tar.bytes.bytes + at);
		size = strtoull(header->field.size, NULL, 8);
		text = strndup(layout->tar.bytes.bytes + at + 512, (size_t) size);
		assert_int_equal(unr_tmp_write(tmp, header->field.name, text), 0);
		free(text);
		at += 512 + (size_t) (size + 511) / 512 * 512;
	}
}

static void directory__is_loaded_through_the_parent(void **state)
{
	struct unr_tmp *tmp = *state;
	struct layout layout = { 0 };
	struct outcome o;

	put_index(&layout, put_image(&layout, OCI_MANIFEST, "bytes", REF("v1")), "");
	unpack(tmp, &layout);
	tar_build_done(&layout.tar);
	for (int i = 0; i < 2; i++) {
		o = load_directory(tmp, i == 0 ? UNR_TRANSPORT_AUTO : UNR_TRANSPORT_OCI);
		assert_string_equal(o.err.message, "");
		assert_int_equal(o.input.transport, UNR_TRANSPORT_OCI);
		assert_string_equal(o.image.reference, "v1");
		assert_blob(&o.blobs[0], "bytes");
		assert_int_equal(o.input.n_files, 5);
		outcome_done(&o);
	}
}

static void directory__without_a_layout_is_refused(void **state)
{
	struct unr_tmp *tmp = *state;
	char message[400];
	struct outcome o;

	o = load_directory(tmp, UNR_TRANSPORT_AUTO);
	(void) snprintf(message, sizeof(message),
			"%s: has no file oci-layout, so it is not an OCI layout", tmp->path);
	assert_refused(&o, -EBADMSG, UNR_ERROR_FAILED, message);
}

static void directory__without_a_parent_is_refused(void **state)
{
	struct unr_tmp *tmp = *state;
	struct outcome o = load_fd(UNR_TRANSPORT_OCI, dup(tmp->fd), NULL, NULL);

	assert_refused(&o, -EOPNOTSUPP, UNR_ERROR_FAILED,
		       "app.tar: its files cannot be reached from here");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(load__single_image_with_its_digests),
	cmocka_unit_test(load__reference_picks_one_of_several),
	cmocka_unit_test(load__reference_that_decides_nothing_is_a_usage_error),
	cmocka_unit_test(load__takes_this_hosts_platform),
	cmocka_unit_test(load__unnamed_platforms_at_the_top_are_one_image),
	cmocka_unit_test(load__bounds_indexes_in_indexes),
	cmocka_unit_test(load__refuses_bad_layouts),
	cmocka_unit_test(load__refuses_bad_manifests),
	cmocka_unit_test(load__refuses_damaged_small_blobs),
	cmocka_unit_test(auto__recognises_an_oci_archive),
	cmocka_unit_test_setup_teardown(directory__is_loaded_through_the_parent, unr_tmp_setup,
					unr_tmp_teardown),
	cmocka_unit_test_setup_teardown(directory__without_a_layout_is_refused, unr_tmp_setup,
					unr_tmp_teardown),
	cmocka_unit_test_setup_teardown(directory__without_a_parent_is_refused, unr_tmp_setup,
					unr_tmp_teardown),
};

UNR_TEST_MAIN("image.oci_layout", tests, NULL);
