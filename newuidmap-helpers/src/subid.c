/* SPDX-License-Identifier: MIT */
/*
 * Subordinate ranges from libsubid, laid end to end: see subid.h.  Keeps the
 * library from writing to the program's standard error; decides nothing about
 * what the ranges are used for.
 */
#include "usernsrepro/subid.h"

#include <errno.h>
#include <shadow/subid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static int (*const get_ranges[])(const char *owner, struct subid_range **ranges) = {
	[UNR_UID] = subid_get_uid_ranges,
	[UNR_GID] = subid_get_gid_ranges,
};

/*
 * Asks libsubid with its log turned into *@ret_log (owned).  The library keeps
 * the stream, closed by then, as its own state: it must not be called without
 * subid_init() before it, which is why no other function here calls it.
 */
static int ask(const char *owner, enum unr_id_kind kind, struct subid_range **ret_ranges,
	       char **ret_log)
{
	size_t size = 0;
	FILE *log = open_memstream(ret_log, &size);
	int n;

	if (log == NULL)
		return -ENOMEM;
	/* Without a name: libsubid would keep a copy of one for ever, a leak a call. */
	(void) subid_init(NULL, log);
	n = get_ranges[kind](owner, ret_ranges);
	if (fclose(log) != 0)
		return -ENOMEM;
	return n < 0 ? -EIO : n;
}

static int fail_ask(const char *owner, enum unr_id_kind kind, char *log, struct unr_error *err)
{
	const char *why = "libsubid gives no reason";

	if (access(unr_subid_path(kind), R_OK) < 0) {
		/* A file that is not there grants nothing, which is no failure. */
		if (errno == ENOENT)
			return 0;
		why = strerror(errno);
	} else if (log[0] != '\0') {
		log[strcspn(log, "\n")] = '\0';
		why = log;
	}
	return unr_fail(err, UNR_ERROR_FAILED, -EIO,
			"cannot read the subordinate %ss of %s in %s: %s", unr_id_kind_name(kind),
			owner, unr_subid_path(kind), why);
}

static int append(const char *owner, enum unr_id_kind kind, const struct subid_range *range,
		  uint64_t *next, struct unr_idmap *ret, struct unr_error *err)
{
	struct unr_id_range added;

	if (range->count == 0)
		return 0;
	if (range->start >= UNR_ID_NONE || range->count > UNR_ID_NONE - range->start ||
	    range->count > UNR_ID_NONE - *next)
		return unr_fail(err, UNR_ERROR_FAILED, -ERANGE,
				"subordinate %s range %lu:%lu of %s does not fit into 32 bits",
				unr_id_kind_name(kind), range->start, range->count, owner);
	added = (struct unr_id_range) {
		.inside = (uint32_t) *next,
		.outside = (uint32_t) range->start,
		.count = (uint32_t) range->count,
	};
	*next += range->count;
	return unr_idmap_add(ret, added) < 0 ? unr_fail_memory(err) : 0;
}

int unr_subid_ranges(const char *owner, enum unr_id_kind kind, uint32_t first,
		     struct unr_idmap *ret, struct unr_error *err)
{
	unr_autofree struct subid_range *ranges = NULL;
	unr_autofree char *log = NULL;
	size_t n_before = ret->n_ranges;
	uint64_t next = first;
	int n = ask(owner, kind, &ranges, &log);

	if (n == -ENOMEM)
		return unr_fail_memory(err);
	if (n < 0)
		return fail_ask(owner, kind, log, err);
	for (int i = 0; i < n; i++) {
		int r = append(owner, kind, &ranges[i], &next, ret, err);

		if (r < 0) {
			ret->n_ranges = n_before;
			return r;
		}
	}
	return 0;
}
