/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: an entry's name.  Property: a cleaned name stays as it is when
 * cleaned again, and joined to the root it is absolute, without "." and ".."
 * and empty elements, whatever it was made of.
 */
#include <stdint.h>
#include <string.h>

#include "must.h"
#include "unpack/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct unr_text *a, const struct unr_text *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static bool is_element(const char *at, size_t n, const char *text)
{
	return n == strlen(text) && memcmp(at, text, n) == 0;
}

/* No empty element, no ".", and ".." only as long as nothing else came. */
static void check_elements(const char *at, size_t left, bool may_climb)
{
	bool climbing = may_climb;

	while (left > 0) {
		const char *slash = memchr(at, '/', left);
		size_t n = slash == NULL ? left : (size_t) (slash - at);

		must(n > 0 && !is_element(at, n, "."));
		if (is_element(at, n, ".."))
			must(climbing);
		else
			climbing = false;
		must(slash == NULL || left > n + 1); /* no slash at the end */
		at += slash == NULL ? n : n + 1;
		left -= slash == NULL ? n : n + 1;
	}
}

static void check_joined(const struct unr_text *joined)
{
	unr_auto(unr_text_done) struct unr_text parent = { 0 };
	const char *base = path_basename(joined);

	must(joined->length > 0 && joined->bytes[0] == '/');
	check_elements(joined->bytes + 1, joined->length - 1, false);
	path_dirname(joined, &parent);
	must(parent.bytes[0] == '/' && parent.length <= joined->length);
	must(memcmp(parent.bytes, joined->bytes, parent.length) == 0);
	must(joined->length == 1 ||
	     memchr(base, '/', joined->length - (size_t) (base - joined->bytes)) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unr_auto(unr_text_done) struct unr_text clean = { 0 }, again = { 0 };
	unr_auto(unr_text_done) struct unr_text joined = { 0 }, rejoined = { 0 };

	path_clean((const char *) data, size, &clean);
	path_clean(clean.bytes, clean.length, &again);
	must(same(&clean, &again));
	must(clean.length > 0 && clean.length <= size + 1);
	if (clean.bytes[0] == '/')
		check_elements(clean.bytes + 1, clean.length - 1, false);
	else if (!is_element(clean.bytes, clean.length, "."))
		check_elements(clean.bytes, clean.length, true);
	path_join_root((const char *) data, size, &joined);
	path_join_root(clean.bytes, clean.length, &rejoined);
	must(same(&joined, &rejoined));
	check_joined(&joined);
	return 0;
}
