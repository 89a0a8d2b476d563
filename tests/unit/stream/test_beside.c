/* SPDX-License-Identifier: MIT */
/* stream/beside: the digest of a stretch of a file, whatever becomes of it. */
#include <fcntl.h>
#include <openssl/evp.h>

#include "gz.h"
#include "stream/beside.h"

static EVP_MD_CTX *new_digest(void)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();

	assert_non_null(digest);
	assert_int_equal(EVP_DigestInit_ex(digest, EVP_sha256(), NULL), 1);
	return digest;
}

/* What the thread answers; the digest of the bytes that it has seen goes to @ret. */
static int run_beside(const struct unr_blob *blob, unsigned char ret[EVP_MAX_MD_SIZE])
{
	EVP_MD_CTX *digest = new_digest();
	struct beside *beside = NULL;
	int r;

	assert_int_equal(beside_start(blob, digest, &beside), 0);
	r = beside_finish(beside);
	assert_int_equal(beside_finish(beside), r); /* as often as one likes */
	beside_stop(beside);
	assert_int_equal(EVP_DigestFinal_ex(digest, ret, NULL), 1);
	EVP_MD_CTX_free(digest);
	return r;
}

static void finish__has_the_stretch_and_no_more(void **state)
{
	const size_t size = 1000000; /* several pieces, and a part of one */
	unr_autofree char *bytes = calloc(size, 1);
	unsigned char found[EVP_MAX_MD_SIZE], expected[EVP_MAX_MD_SIZE];
	struct unr_blob blob;

	(void) state;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char) (i % 251);
	blob = blob_of(bytes, size);
	blob.offset += 7;
	blob.size -= 8;
	assert_int_equal(run_beside(&blob, found), 0);
	assert_int_equal(EVP_Digest(bytes + 7, size - 8, expected, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(found, expected, 32);
	(void) close(blob.fd);
}

/* The blob may claim more than the file holds: what is there counts, as for who reads it. */
static void finish__ends_where_the_file_ends(void **state)
{
	unsigned char found[EVP_MAX_MD_SIZE], expected[EVP_MAX_MD_SIZE];
	struct unr_blob blob = blob_of("abc", 3);
	char held[100];
	ssize_t n = pread(blob.fd, held, sizeof(held), (off_t) blob.offset);

	(void) state;
	assert_true(n >= 3);
	blob.size = 1000000;
	assert_int_equal(run_beside(&blob, found), 0);
	assert_int_equal(EVP_Digest(held, (size_t) n, expected, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(found, expected, 32);
	(void) close(blob.fd);
}

static void finish__tells_what_cannot_be_read(void **state)
{
	const struct unr_blob blob = { .fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
				       .size = 10 };
	unsigned char found[EVP_MAX_MD_SIZE];

	(void) state;
	assert_int_equal(run_beside(&blob, found), -EISDIR);
	(void) close(blob.fd);
}

/* 2^60 bytes of a device would take years. */
static void stop__does_not_wait_for_the_end(void **state)
{
	const struct unr_blob blob = { .fd = open("/dev/zero", O_RDONLY | O_CLOEXEC),
				       .size = UINT64_C(1) << 60 };
	EVP_MD_CTX *digest = new_digest();
	struct beside *beside = NULL;

	(void) state;
	assert_int_equal(beside_start(&blob, digest, &beside), 0);
	beside_stop(beside);
	EVP_MD_CTX_free(digest);
	(void) close(blob.fd);
}

static void stop__accepts_nothing(void **state)
{
	(void) state;
	beside_stop(NULL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(finish__has_the_stretch_and_no_more),
	cmocka_unit_test(finish__ends_where_the_file_ends),
	cmocka_unit_test(finish__tells_what_cannot_be_read),
	cmocka_unit_test(stop__does_not_wait_for_the_end),
	cmocka_unit_test(stop__accepts_nothing),
};

UNR_TEST_MAIN("beside", tests, NULL);
