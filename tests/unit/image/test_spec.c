/* SPDX-License-Identifier: MIT */
/* IMAGE arguments: every form of the contract, and what is refused with which words. */
#include "unr_test.h"

#include <errno.h>

#include "image/spec.h"

static void parse__splits_transport_path_and_reference(void **state)
{
	static const struct {
		const char *text;
		enum unr_transport transport;
		const char *path, *reference;
	} cases[] = {
		{ "app.tar", UNR_TRANSPORT_AUTO, "app.tar", NULL },
		{ "-", UNR_TRANSPORT_AUTO, "-", NULL },
		{ "a:b.tar", UNR_TRANSPORT_AUTO, "a:b.tar", NULL },
		{ "./oci:x", UNR_TRANSPORT_AUTO, "./oci:x", NULL },
		{ "docker:x", UNR_TRANSPORT_AUTO, "docker:x", NULL },
		{ "ocidir", UNR_TRANSPORT_AUTO, "ocidir", NULL },
		{ "docker-archive:a.tar", UNR_TRANSPORT_DOCKER_ARCHIVE, "a.tar", NULL },
		{ "docker-archive:-", UNR_TRANSPORT_DOCKER_ARCHIVE, "-", NULL },
		{ "docker-archive:/d/a.tar:app:1.0", UNR_TRANSPORT_DOCKER_ARCHIVE, "/d/a.tar",
		  "app:1.0" },
		{ "docker-archive:a.tar:@1", UNR_TRANSPORT_DOCKER_ARCHIVE, "a.tar", "@1" },
		{ "oci:dir", UNR_TRANSPORT_OCI, "dir", NULL },
		{ "oci:dir:v1:x", UNR_TRANSPORT_OCI, "dir", "v1:x" },
		{ "oci-archive:a.tar", UNR_TRANSPORT_OCI_ARCHIVE, "a.tar", NULL },
		{ "oci-archive:/d/a.tar:v1:x", UNR_TRANSPORT_OCI_ARCHIVE, "/d/a.tar", "v1:x" },
		{ "oci-archive:-:@0", UNR_TRANSPORT_OCI_ARCHIVE, "-", "@0" },
		{ "tar:a:b.tar", UNR_TRANSPORT_TAR, "a:b.tar", NULL },
		{ "scenario:npm9", UNR_TRANSPORT_SCENARIO, "npm9", NULL },
		{ "docker://h:1/a:b", UNR_TRANSPORT_DOCKER, "h:1/a:b", NULL },
		{ "docker-daemon:a:b", UNR_TRANSPORT_DOCKER_DAEMON, "a:b", NULL },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_image_spec_done) struct unr_image_spec spec = { 0 };

		assert_int_equal(unr_image_spec_parse(cases[i].text, &spec, NULL), 0);
		assert_int_equal(spec.transport, cases[i].transport);
		assert_string_equal(spec.path, cases[i].path);
		if (cases[i].reference == NULL)
			assert_null(spec.reference);
		else
			assert_string_equal(spec.reference, cases[i].reference);
	}
}

static void parse__refuses_with_a_usage_error(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *message;
	} cases[] = {
		{ "", -EINVAL, "'' names no image: write PATH" },
		{ "tar:", -EINVAL, "'tar:' names no image: write tar:FILE" },
		{ "docker-archive::app", -EINVAL,
		  "'docker-archive::app' names no image: write docker-archive:FILE[:REF]" },
		{ "oci:dir:", -EINVAL, "'oci:dir:' has an empty reference: write oci:DIR[:REF]" },
		{ "oci-archive:", -EINVAL,
		  "'oci-archive:' names no image: write oci-archive:FILE[:REF]" },
		{ "docker://", -EINVAL,
		  "'docker://' names no image: write docker://HOST[:PORT]/REPO[:TAG|@DIGEST]" },
		{ "docker://a;b", -EINVAL,
		  "'a;b' is not HOST[:PORT]/REPO[:TAG|@DIGEST], in small letters" },
		{ "docker-daemon:", -EINVAL,
		  "'docker-daemon:' names no image: write docker-daemon:REF" },
		{ "docker-daemon:a b", -EINVAL,
		  "'a\\ b' is not HOST[:PORT]/REPO[:TAG|@DIGEST], in small letters" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_image_spec spec = { .path = NULL };
		struct unr_error err = { 0 };

		assert_int_equal(unr_image_spec_parse(cases[i].text, &spec, &err), cases[i].code);
		assert_int_equal(err.kind, UNR_ERROR_USAGE);
		assert_string_equal(err.message, cases[i].message);
		assert_null(spec.path);
	}
}

static void name__is_the_word_before_the_colon(void **state)
{
	(void) state;
	assert_string_equal(unr_transport_name(UNR_TRANSPORT_AUTO), "");
	assert_string_equal(unr_transport_name(UNR_TRANSPORT_DOCKER_ARCHIVE), "docker-archive");
	assert_string_equal(unr_transport_name(UNR_TRANSPORT_OCI), "oci");
	assert_true(unr_transport_has_file(UNR_TRANSPORT_TAR));
	assert_true(unr_transport_has_file(UNR_TRANSPORT_OCI_ARCHIVE));
	assert_false(unr_transport_has_file(UNR_TRANSPORT_SCENARIO));
	assert_false(unr_transport_has_file(UNR_TRANSPORT_DOCKER));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(parse__splits_transport_path_and_reference),
	cmocka_unit_test(parse__refuses_with_a_usage_error),
	cmocka_unit_test(name__is_the_word_before_the_colon),
};

UNR_TEST_MAIN("image.spec", tests, NULL);
