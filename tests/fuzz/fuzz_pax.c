/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the body of a pax header.  Property: records that were read,
 * written again in their shortest form, are read as the same records; each
 * attribute's name comes out once, sorted.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "must.h"
#include "tar/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_record(struct unr_text *body, const struct pax_record *r)
{
	size_t rest = r->key_length + r->value_length + 3, length = rest + 1;

	while ((size_t) snprintf(NULL, 0, "%zu", length) + rest != length)
		length++;
	unr_text_printf(body, "%zu ", length);
	unr_text_append(body, r->key, r->key_length);
	unr_text_puts(body, "=");
	unr_text_append(body, r->value, r->value_length);
	unr_text_puts(body, "\n");
}

static void check_record(const struct pax_record *r)
{
	must(r->key_length > 0);
	must(r->key[r->key_length] == '\0' && r->value[r->value_length] == '\0');
	must(memchr(r->key, '=', r->key_length) == NULL);
}

static void check_same(const struct pax_records *a, const struct pax_records *b)
{
	must(a->n_records == b->n_records);
	for (size_t i = 0; i < a->n_records; i++) {
		const struct pax_record *x = &a->records[i], *y = &b->records[i];

		must(x->key_length == y->key_length && x->value_length == y->value_length);
		must(memcmp(x->key, y->key, x->key_length) == 0);
		must(memcmp(x->value, y->value, x->value_length) == 0);
	}
}

static void check_xattrs(struct pax_records *pax, bool empty)
{
	int r = pax_collect_xattrs(pax, empty);

	must(r == 0);
	for (size_t i = 0; i < pax->n_xattrs; i++) {
		const struct unr_tar_xattr *x = &pax->xattrs[i];

		must(empty || x->value_length > 0);
		/* Keys hold no NUL, but for those whose value may not either. */
		must(i == 0 || strcmp(x[-1].name, x->name) < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pax_records pax = { 0 }, again = { 0 };
	int r;

	unr_text_append(&pax.body, data, size);
	r = pax_parse(&pax);
	must(r == 0 || r == -EBADMSG);
	if (r == 0) {
		for (size_t i = 0; i < pax.n_records; i++) {
			check_record(&pax.records[i]);
			write_record(&again.body, &pax.records[i]);
		}
		unr_text_append(&again.body, "", 0);
		r = pax_parse(&again);
		must(r == 0);
		check_same(&pax, &again);
		check_xattrs(&pax, false);
		check_xattrs(&pax, true);
	}
	pax_done(&pax);
	pax_done(&again);
	return 0;
}
