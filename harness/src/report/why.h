/* SPDX-License-Identifier: MIT */
/*
 * Why engine and kernel answer differently about an entry, derived from the
 * finding and the two maps.
 */
#ifndef UNR_REPORT_WHY_H
#define UNR_REPORT_WHY_H

#include "usernsrepro/result.h"

/* Bits: uid and gid of one entry may have a cause each. */
enum unr_why {
	UNR_WHY_ROOT = 1 << 0,      /* the outside id of inside 0 */
	UNR_WHY_NARROWER = 1 << 1,  /* this host could not write all of the profile's map */
	UNR_WHY_WIDER = 1 << 2,     /* this host's map has more than the profile's */
	UNR_WHY_NO_CHANGE = 1 << 3, /* (uid_t) -1 */
	UNR_WHY_32_BITS = 1 << 4,   /* the kernel got less than the header has */
	UNR_WHY_WHITEOUT = 1 << 5,
	UNR_WHY_NOT_LOOKED_AT = 1 << 6, /* an entry whose owner the engine ignores */
	UNR_WHY_NOT_THE_MAP = 1 << 7,   /* EPERM, EROFS and their like */
	UNR_WHY_UNKNOWN = 1 << 8,
};

/** unr_why_causes() - enum unr_why bits, at least one; for findings that disagree */
unsigned int unr_why_causes(const struct unr_result *result, const struct unr_finding *finding);

/**
 * unr_why_next() - take one cause out of a set
 *
 * Return: its sentence, or NULL when @causes is empty.
 */
const char *unr_why_next(unsigned int *causes);

#endif
