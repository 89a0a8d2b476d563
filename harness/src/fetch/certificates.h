/* SPDX-License-Identifier: MIT */
/*
 * Certificates that are set up for one registry, as dockerd and
 * containers-certs.d(5) find them: in a directory certs.d/HOST[:PORT].
 */
#ifndef UNR_FETCH_CERTIFICATES_H
#define UNR_FETCH_CERTIFICATES_H

#include "base/cleanup.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

struct unr_certificates {
	int authorities_fd; /* owned; the system's and those of the directory; -EBADF for none */
	char *certificate, *key; /* owned; paths; NULL for none */
};

#define UNR_CERTIFICATES_NONE                                                                      \
	{                                                                                          \
		.authorities_fd = -EBADF                                                           \
	}

void unr_certificates_done(struct unr_certificates *certificates);
DEFINE_UNR_CLEANUP(struct unr_certificates, unr_certificates_done);

/**
 * unr_certificates_find() - those of a registry
 * @host: with its port where it has one
 *
 * Return: 0, also when there are none, -ENOENT for half of a pair, or -errno.
 */
UNR_MUST_CHECK int unr_certificates_find(const char *host, struct unr_certificates *ret,
					 struct unr_error *err);

#endif
