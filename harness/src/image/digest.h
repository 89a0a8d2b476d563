/* SPDX-License-Identifier: MIT */
/*
 * Digests as OCI writes them, "sha256:<hex>", and the names of the blobs that
 * carry them, "blobs/sha256/<hex>".  The grammar here is what stands between a
 * hostile manifest and the caller's files, so it is strict: known algorithms,
 * exact length, lower-case hex.
 */
#ifndef UNR_IMAGE_DIGEST_H
#define UNR_IMAGE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "image/blob.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* Room for the longest digest or blob name, with its NUL. */
enum { UNR_DIGEST_SIZE = 160 };

/** unr_digest_is_valid() - is @text a digest of a known algorithm? */
bool unr_digest_is_valid(const char *text);

/** unr_digest_to_blob() - "sha256:<hex>" to "blobs/sha256/<hex>"; false when it is no digest. */
bool unr_digest_to_blob(const char *digest, char ret[UNR_DIGEST_SIZE]);

/** unr_digest_from_blob() - the other way round; false when @name is no blob's name. */
bool unr_digest_from_blob(const char *name, char ret[UNR_DIGEST_SIZE]);

/**
 * unr_digest_of() - the digest of some bytes
 * @like: a valid digest whose algorithm is to be used
 *
 * Return: 0, or -EIO when the crypto library refuses.
 */
UNR_MUST_CHECK int unr_digest_of(const char *like, const void *bytes, size_t size,
				 char ret[UNR_DIGEST_SIZE], struct unr_error *err);

/**
 * unr_digest_of_blob() - the digest of a whole blob, which may be large
 * @like: a valid digest whose algorithm is to be used
 *
 * Return: 0, -EIO when the crypto library refuses, or the error of a read.
 */
UNR_MUST_CHECK int unr_digest_of_blob(const char *like, const struct unr_blob *blob,
				      char ret[UNR_DIGEST_SIZE], struct unr_error *err);

/* A digest of bytes that come in pieces. */
struct unr_digester;

/** unr_digester_new() - with the algorithm of @like, a valid digest; NULL when it cannot be had. */
struct unr_digester *unr_digester_new(const char *like);
void unr_digester_free(struct unr_digester *digester);

/** unr_digester_add() - false when the crypto library refuses. */
UNR_MUST_CHECK bool unr_digester_add(struct unr_digester *digester, const void *bytes, size_t size);

/** unr_digester_end() - the digest of it all; may be called once. */
UNR_MUST_CHECK bool unr_digester_end(struct unr_digester *digester, char ret[UNR_DIGEST_SIZE]);

/** unr_digest_sha256() - unr_digest_of() with SHA-256. */
UNR_MUST_CHECK int unr_digest_sha256(const void *bytes, size_t size, char ret[UNR_DIGEST_SIZE],
				     struct unr_error *err);

#endif
