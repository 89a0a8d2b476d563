/* SPDX-License-Identifier: MIT */
/* The grammar of digests, and digests of small blobs: see digest.h. */
#include "image/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"

struct algorithm {
	const char *name;
	size_t n_hex;
	const EVP_MD *(*method)(void);
};

/* What the go-digest package registers, so what engines accept. */
static const struct algorithm algorithms[] = {
	{ "sha256", 64, EVP_sha256 },
	{ "sha384", 96, EVP_sha384 },
	{ "sha512", 128, EVP_sha512 },
};

/* Finds NAME<separator>HEX, whole string. */
static const struct algorithm *split(const char *text, char separator, const char **ret_hex)
{
	for (size_t i = 0; i < UNR_COUNT(algorithms); i++) {
		const char *rest = unr_starts_with(text, algorithms[i].name);

		if (rest == NULL || *rest != separator)
			continue;
		rest++;
		if (strlen(rest) != algorithms[i].n_hex ||
		    strspn(rest, "0123456789abcdef") != algorithms[i].n_hex)
			return NULL;
		*ret_hex = rest;
		return &algorithms[i];
	}
	return NULL;
}

bool unr_digest_is_valid(const char *text)
{
	const char *hex;

	return split(text, ':', &hex) != NULL;
}

bool unr_digest_to_blob(const char *digest, char ret[UNR_DIGEST_SIZE])
{
	const char *hex;
	const struct algorithm *algorithm = split(digest, ':', &hex);

	if (algorithm == NULL)
		return false;
	(void) snprintf(ret, UNR_DIGEST_SIZE, "blobs/%s/%s", algorithm->name, hex);
	return true;
}

bool unr_digest_from_blob(const char *name, char ret[UNR_DIGEST_SIZE])
{
	const char *rest = unr_starts_with(name, "blobs/");
	const char *hex;
	const struct algorithm *algorithm = rest == NULL ? NULL : split(rest, '/', &hex);

	if (algorithm == NULL)
		return false;
	(void) snprintf(ret, UNR_DIGEST_SIZE, "%s:%s", algorithm->name, hex);
	return true;
}

static void put_hex(const struct algorithm *algorithm, const unsigned char *value, unsigned int n,
		    char ret[UNR_DIGEST_SIZE])
{
	int used = snprintf(ret, UNR_DIGEST_SIZE, "%s:", algorithm->name);

	for (unsigned int i = 0; i < n; i++)
		used += snprintf(ret + used, UNR_DIGEST_SIZE - (size_t) used, "%02x", value[i]);
}

static int fail_crypto(const struct algorithm *algorithm, struct unr_error *err)
{
	return unr_fail(err, UNR_ERROR_FAILED, -EIO, "libcrypto cannot compute %s",
			algorithm->name);
}

static int compute(const struct algorithm *algorithm, const void *bytes, size_t size,
		   char ret[UNR_DIGEST_SIZE], struct unr_error *err)
{
	unsigned char value[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (EVP_Digest(bytes, size, value, &n, algorithm->method(), NULL) != 1)
		return fail_crypto(algorithm, err);
	put_hex(algorithm, value, n, ret);
	return 0;
}

int unr_digest_of(const char *like, const void *bytes, size_t size, char ret[UNR_DIGEST_SIZE],
		  struct unr_error *err)
{
	const char *hex;
	const struct algorithm *algorithm = split(like, ':', &hex);

	if (algorithm == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "not a digest");
	return compute(algorithm, bytes, size, ret, err);
}

struct unr_digester {
	const struct algorithm *algorithm;
	EVP_MD_CTX *context; /* owned */
};

struct unr_digester *unr_digester_new(const char *like)
{
	struct unr_digester *digester = calloc(1, sizeof(*digester));
	const char *hex;

	if (digester == NULL)
		return NULL;
	digester->algorithm = split(like, ':', &hex);
	digester->context = EVP_MD_CTX_new();
	if (digester->algorithm != NULL && digester->context != NULL &&
	    EVP_DigestInit_ex(digester->context, digester->algorithm->method(), NULL) == 1)
		return digester;
	unr_digester_free(digester);
	return NULL;
}

void unr_digester_free(struct unr_digester *digester)
{
	if (digester != NULL)
		EVP_MD_CTX_free(digester->context);
	free(digester);
}

bool unr_digester_add(struct unr_digester *digester, const void *bytes, size_t size)
{
	return EVP_DigestUpdate(digester->context, bytes, size) == 1;
}

bool unr_digester_end(struct unr_digester *digester, char ret[UNR_DIGEST_SIZE])
{
	unsigned char value[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (EVP_DigestFinal_ex(digester->context, value, &n) != 1)
		return false;
	put_hex(digester->algorithm, value, n, ret);
	return true;
}

static void free_digester(struct unr_digester **digester)
{
	unr_digester_free(*digester);
}

int unr_digest_of_blob(const char *like, const struct unr_blob *blob, char ret[UNR_DIGEST_SIZE],
		       struct unr_error *err)
{
	__attribute__((cleanup(free_digester))) struct unr_digester *digester = NULL;
	unsigned char buffer[65536];
	uint64_t at = 0;

	if (!unr_digest_is_valid(like))
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "not a digest");
	digester = unr_digester_new(like);
	if (digester == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "libcrypto cannot compute a digest");
	while (at < blob->size) {
		uint64_t left = blob->size - at;
		ssize_t n = unr_pread_full(blob->fd, buffer,
					   left < sizeof(buffer) ? (size_t) left : sizeof(buffer),
					   blob->offset + at);

		if (n < 0)
			return unr_fail(err, UNR_ERROR_FAILED, (int) n, "read a blob: %s",
					strerror((int) -n));
		if (n == 0)
			break;
		if (!unr_digester_add(digester, buffer, (size_t) n))
			return fail_crypto(digester->algorithm, err);
		at += (uint64_t) n;
	}
	return unr_digester_end(digester, ret) ? 0 : fail_crypto(digester->algorithm, err);
}

int unr_digest_sha256(const void *bytes, size_t size, char ret[UNR_DIGEST_SIZE],
		      struct unr_error *err)
{
	return compute(&algorithms[0], bytes, size, ret, err);
}
