/* SPDX-License-Identifier: MIT */
/*
 * Pax extended headers: "LENGTH KEY=VALUE\n" records, read as strictly as Go
 * does (go1.19 strconv.go parsePAXRecord, reader.go parsePAX), and the numbers
 * and times in their values.
 */
#include <errno.h>
#include <string.h>

#include "tar/internal.h"

static const char XATTR_PREFIX[] = "SCHILY.xattr.";

bool tar_parse_decimal(const char *text, size_t length, int64_t *ret)
{
	bool negative = length > 0 && text[0] == '-';
	uint64_t limit = negative ? UINT64_C(1) << 63 : INT64_MAX;
	uint64_t value = 0;

	if (length > 0 && (text[0] == '-' || text[0] == '+')) {
		text++;
		length--;
	}
	if (length == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		uint64_t digit = (uint64_t) (text[i] - '0');

		if (text[i] < '0' || text[i] > '9' || value > (limit - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret = negative ? (int64_t) (0 - value) : (int64_t) value;
	return true;
}

bool tar_parse_time(const char *text, size_t length, struct unr_tar_time *ret)
{
	const char *dot = memchr(text, '.', length);
	size_t whole = dot == NULL ? length : (size_t) (dot - text);
	struct unr_tar_time time = { 0 };
	int32_t scale = 100000000;

	if (!tar_parse_decimal(text, whole, &time.seconds))
		return false;
	for (size_t i = whole + 1; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		time.nanoseconds +=
			(text[i] - '0') * scale; /* scale is 0 from the tenth digit on */
		scale /= 10;
	}
	if (text[0] == '-' && time.nanoseconds > 0) {
		time.nanoseconds = 1000000000 - time.nanoseconds;
		time.seconds = (int64_t) ((uint64_t) time.seconds - 1); /* wraps as Go's does */
	}
	*ret = time;
	return true;
}

void pax_clear(struct pax_records *pax)
{
	unr_text_clear(&pax->body);
	unr_text_clear(&pax->sparse_map);
	pax->n_records = 0;
	pax->n_xattrs = 0;
}

void pax_done(struct pax_records *pax)
{
	unr_text_done(&pax->body);
	unr_text_done(&pax->sparse_map);
	free(pax->records);
	free(pax->xattrs);
	*pax = (struct pax_records) { 0 };
}

static bool key_is(const struct pax_record *record, const char *key)
{
	return record->key_length == strlen(key) &&
	       memcmp(record->key, key, record->key_length) == 0;
}

/* Names and targets must not hold a NUL; of all other records the key must not. */
static bool record_is_valid(const struct pax_record *record)
{
	static const char *const texts[] = { "path", "linkpath", "uname", "gname" };

	if (record->key_length == 0)
		return false;
	for (size_t i = 0; i < UNR_COUNT(texts); i++)
		if (key_is(record, texts[i]))
			return memchr(record->value, '\0', record->value_length) == NULL;
	return memchr(record->key, '\0', record->key_length) == NULL;
}

/*
 * Cuts one record off *@text and ends its key and value with NUL bytes, where
 * '=' and the newline were; false when it is malformed.
 */
static bool cut_record(char **text, size_t *length, struct pax_record *ret)
{
	char *space = memchr(*text, ' ', *length);
	char *record, *equals;
	size_t digits, rest;
	int64_t n;

	if (space == NULL)
		return false;
	digits = (size_t) (space - *text);
	if (!tar_parse_decimal(*text, digits, &n) || n < 5 || (uint64_t) n > *length ||
	    (uint64_t) n <= digits + 1)
		return false;
	record = space + 1;
	rest = (size_t) n - digits - 1;
	if (record[rest - 1] != '\n')
		return false;
	equals = memchr(record, '=', rest - 1);
	if (equals == NULL)
		return false;
	*ret = (struct pax_record) { .key = record,
				     .key_length = (size_t) (equals - record),
				     .value = equals + 1,
				     .value_length = rest - 2 - (size_t) (equals - record) };
	*equals = '\0';
	record[rest - 1] = '\0';
	*text += n;
	*length -= (size_t) n;
	return record_is_valid(ret);
}

static int keep_record(struct pax_records *pax, struct pax_record record)
{
	if (pax->n_records == pax->room) {
		size_t room = pax->room == 0 ? 16 : pax->room * 2;
		struct pax_record *records = reallocarray(pax->records, room, sizeof(*records));

		if (records == NULL)
			return -ENOMEM;
		pax->records = records;
		pax->room = room;
	}
	pax->records[pax->n_records++] = record;
	return 0;
}

/*
 * Format 0.0 repeats its keys, which pax does not allow; Go joins offsets and
 * lengths into the comma-separated list that 0.1 has.
 */
static bool join_sparse(struct pax_records *pax, const struct pax_record *record, size_t n_seen)
{
	const char *wanted = n_seen % 2 == 0 ? "GNU.sparse.offset" : "GNU.sparse.numbytes";

	if (!key_is(record, wanted) || memchr(record->value, ',', record->value_length) != NULL)
		return false;
	if (n_seen > 0)
		unr_text_puts(&pax->sparse_map, ",");
	unr_text_append(&pax->sparse_map, record->value, record->value_length);
	return true;
}

int pax_parse(struct pax_records *pax)
{
	char *text = pax->body.bytes;
	size_t length = pax->body.length;
	size_t n_sparse = 0;
	struct pax_record record;

	while (length > 0) {
		if (!cut_record(&text, &length, &record))
			return -EBADMSG;
		if (key_is(&record, "GNU.sparse.offset") ||
		    key_is(&record, "GNU.sparse.numbytes")) {
			if (!join_sparse(pax, &record, n_sparse++))
				return -EBADMSG;
		} else if (keep_record(pax, record) < 0) {
			return -ENOMEM;
		}
	}
	if (n_sparse == 0)
		return 0;
	if (pax->sparse_map.failed)
		return -ENOMEM;
	return keep_record(pax, (struct pax_record) {
					.key = "GNU.sparse.map",
					.key_length = strlen("GNU.sparse.map"),
					.value = unr_text_string(&pax->sparse_map),
					.value_length = pax->sparse_map.length,
				});
}

const struct pax_record *pax_get(const struct pax_records *pax, const char *key)
{
	for (size_t i = pax->n_records; i-- > 0;)
		if (key_is(&pax->records[i], key))
			return pax->records[i].value_length == 0 ? NULL : &pax->records[i];
	return NULL;
}

bool pax_equals(const struct pax_records *pax, const char *key, const char *text)
{
	const struct pax_record *record = pax_get(pax, key);

	return record != NULL && record->value_length == strlen(text) &&
	       memcmp(record->value, text, record->value_length) == 0;
}

/* By name; of equal names the one that came last stands first. */
static int by_name(const void *left, const void *right)
{
	const struct unr_tar_xattr *a = left, *b = right;
	size_t shorter = a->name_length < b->name_length ? a->name_length : b->name_length;
	int order = memcmp(a->name, b->name, shorter);

	if (order != 0)
		return order;
	if (a->name_length != b->name_length)
		return a->name_length < b->name_length ? -1 : 1;
	return a->name > b->name ? -1 : 1; /* a higher address in the body is a later record */
}

int pax_collect_xattrs(struct pax_records *pax, bool empty)
{
	const size_t prefix = strlen(XATTR_PREFIX);
	size_t n = 0, kept = 0;

	free(pax->xattrs);
	pax->xattrs = NULL;
	pax->n_xattrs = 0;
	for (size_t i = 0; i < pax->n_records; i++)
		if (unr_starts_with(pax->records[i].key, XATTR_PREFIX) != NULL)
			n++;
	if (n == 0)
		return 0;
	pax->xattrs = calloc(n, sizeof(*pax->xattrs));
	if (pax->xattrs == NULL)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < pax->n_records; i++) {
		const struct pax_record *r = &pax->records[i];

		if (unr_starts_with(r->key, XATTR_PREFIX) == NULL)
			continue;
		pax->xattrs[n++] = (struct unr_tar_xattr) { .name = r->key + prefix,
							    .name_length = r->key_length - prefix,
							    .value = r->value,
							    .value_length = r->value_length };
	}
	qsort(pax->xattrs, n, sizeof(*pax->xattrs), by_name);
	for (size_t i = 0; i < n; i++) {
		const struct unr_tar_xattr *x = &pax->xattrs[i];
		bool again = i > 0 && x->name_length == x[-1].name_length &&
			     memcmp(x->name, x[-1].name, x->name_length) == 0;

		/* Of several records the last one counts, also where it is empty. */
		if (!again && (empty || x->value_length > 0))
			pax->xattrs[kept++] = *x;
	}
	pax->n_xattrs = kept;
	return 0;
}
