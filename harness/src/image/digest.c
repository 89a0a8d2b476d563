/* SPDX-License-Identifier: MIT */
/* The grammar of digests, and digests of small blobs: see digest.h. */
#include "image/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

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

static int compute(const struct algorithm *algorithm, const void *bytes, size_t size,
		   char ret[UNR_DIGEST_SIZE], struct unr_error *err)
{
	unsigned char value[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	int used;

	if (EVP_Digest(bytes, size, value, &n, algorithm->method(), NULL) != 1)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "libcrypto cannot compute %s",
				algorithm->name);
	used = snprintf(ret, UNR_DIGEST_SIZE, "%s:", algorithm->name);
	for (unsigned int i = 0; i < n; i++)
		used += snprintf(ret + used, UNR_DIGEST_SIZE - (size_t) used, "%02x", value[i]);
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

int unr_digest_sha256(const void *bytes, size_t size, char ret[UNR_DIGEST_SIZE],
		      struct unr_error *err)
{
	return compute(&algorithms[0], bytes, size, ret, err);
}
