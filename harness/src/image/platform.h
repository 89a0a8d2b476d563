/* SPDX-License-Identifier: MIT */
/*
 * Platforms, "linux/arm/v7": which of several images is for a machine.  Strings
 * only, by the rules of containerd's package platforms, which docker uses.
 */
#ifndef UNR_IMAGE_PLATFORM_H
#define UNR_IMAGE_PLATFORM_H

#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* As normalised: small letters, Go's names, no variant where it goes without saying. */
struct unr_platform {
	char os[32];           /* "": this host's platform is meant */
	char architecture[32]; /* "amd64" */
	char variant[16];      /* "v7"; "" for none */
};

/** unr_platform_parse() - OS/ARCH[/VARIANT]; 0 or -EINVAL (kind USAGE). */
UNR_MUST_CHECK int unr_platform_parse(const char *text, struct unr_platform *ret,
				      struct unr_error *err);

/** unr_platform_host() - linux on this machine; uname's word where Go's is unknown. */
struct unr_platform unr_platform_host(void);

/** unr_platform_make() - from an index's words; "" for what it does not say. */
struct unr_platform unr_platform_make(const char *os, const char *architecture,
				      const char *variant);

/**
 * unr_platform_rank() - how well does an image fit?
 * @wanted: a machine; an older variant of its kind will do, and what it runs besides (386 on amd64)
 *
 * Return: 0 for the best, more for what is worse, -1 when it does not fit.
 */
int unr_platform_rank(const struct unr_platform *wanted, const struct unr_platform *offered);

/* Room for a platform's text. */
enum { UNR_PLATFORM_SIZE = 96 };

/** unr_platform_text() - "linux/arm/v7", in @buffer; not escaped. */
const char *unr_platform_text(const struct unr_platform *platform, char buffer[UNR_PLATFORM_SIZE]);

#endif
