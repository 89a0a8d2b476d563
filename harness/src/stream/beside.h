/* SPDX-License-Identifier: MIT */
/*
 * The digest of a plain blob, made by a thread with reads of its own: who unpacks
 * need not read what it does not look at, and neither waits for the other.  Knows
 * nothing of formats.  For stream/ only.
 */
#ifndef UNR_STREAM_BESIDE_H
#define UNR_STREAM_BESIDE_H

#include <openssl/evp.h>

#include "image/blob.h"
#include "usernsrepro/attr.h"

struct beside;

/**
 * beside_start() - start the thread
 * @digest: borrowed, and not to be touched until beside_finish() or beside_stop()
 *
 * Return: 0; -ENOMEM, -EAGAIN where there may be no thread.
 */
UNR_MUST_CHECK int beside_start(const struct unr_blob *blob, EVP_MD_CTX *digest,
				struct beside **ret);

/** beside_finish() - wait until all of the blob is in the digest; 0, or the -errno of a read */
UNR_MUST_CHECK int beside_finish(struct beside *beside);

/** beside_stop() - end the thread, wherever it is; NULL is nothing */
void beside_stop(struct beside *beside);

#endif
