/* SPDX-License-Identifier: MIT */
/*
 * The payload of a frame: numbers, strings, a finding.  It comes from a process
 * that handles hostile bytes, so the reader checks every length and believes no
 * count.  Numbers are 64 bits, little endian.
 */
#ifndef UNR_FINDING_WIRE_H
#define UNR_FINDING_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "usernsrepro/finding.h"

void unr_wire_put_u64(struct unr_text *frame, uint64_t value);

/** unr_wire_put_bytes() - a length and the bytes; @bytes may be NULL: absent. */
void unr_wire_put_bytes(struct unr_text *frame, const char *bytes, size_t length);
void unr_wire_put_string(struct unr_text *frame, const char *string);

/* Reading a payload; @failed stays set once something did not fit. */
struct unr_wire_reader {
	const char *bytes;
	size_t left;
	bool failed;
};

uint64_t unr_wire_get_u64(struct unr_wire_reader *reader);

/** unr_wire_get_u64_max() - a number that must not be above @max; 0 and @failed when it is. */
uint64_t unr_wire_get_u64_max(struct unr_wire_reader *reader, uint64_t max);

/** unr_wire_get_bytes() - owned and NUL-terminated; NULL when absent, or with @failed. */
char *unr_wire_get_bytes(struct unr_wire_reader *reader, size_t *ret_length);
char *unr_wire_get_string(struct unr_wire_reader *reader);

/** unr_wire_put_strings() - how many, and then each */
void unr_wire_put_strings(struct unr_text *frame, char *const *strings, size_t n);

/** unr_wire_get_strings() - an owned array of owned strings, NULL behind the last; NULL on failure */
char **unr_wire_get_strings(struct unr_wire_reader *reader, uint64_t max, size_t *ret_n);

void unr_wire_put_finding(struct unr_text *frame, const struct unr_finding *finding);

/** unr_wire_get_finding() - owned by the caller; 0, -EPROTO or -ENOMEM. */
UNR_MUST_CHECK int unr_wire_get_finding(struct unr_wire_reader *reader, struct unr_finding *ret);

/** unr_wire_put_cause() - of the next failure of @layer */
void unr_wire_put_cause(struct unr_text *frame, uint32_t layer, const struct unr_cause *cause);

/** unr_wire_get_cause() - owned by the caller; 0, -EPROTO or -ENOMEM. */
UNR_MUST_CHECK int unr_wire_get_cause(struct unr_wire_reader *reader, uint32_t *ret_layer,
				      struct unr_cause *ret);

#endif
