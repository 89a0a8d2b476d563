/* SPDX-License-Identifier: MIT */
/* Values of a JSON document, and bytes that are no UTF-8: see json_value.h. */
#include "report/json_value.h"

#include <string.h>

#include "base/text.h"

void unr_json_put(struct unr_json_maker *json, json_t *object, const char *key, json_t *value)
{
	/* jansson answers -1 for NULL on either side, so one missing piece is noticed here. */
	if (json_object_set_new(object, key, value) < 0)
		json->failed = true;
}

void unr_json_push(struct unr_json_maker *json, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		json->failed = true;
}

json_t *unr_json_number(uint64_t number)
{
	return json_integer((json_int_t) (number > INT64_MAX ? INT64_MAX : number));
}

static void put_lossy(struct unr_text *out, const char *bytes, size_t length)
{
	while (length > 0) {
		size_t n = unr_utf8_length(bytes, length);

		if (n == 0)
			unr_text_puts(out, "\xef\xbf\xbd");
		else
			unr_text_append(out, bytes, n);
		bytes += n == 0 ? 1 : n;
		length -= n == 0 ? 1 : n;
	}
}

/* RFC 4648, section 4, with padding. */
static void put_base64(struct unr_text *out, const char *bytes, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < length; i += 3) {
		size_t n = length - i < 3 ? length - i : 3;
		uint32_t group = 0;
		char quad[4];

		for (size_t k = 0; k < 3; k++)
			group = group << 8 | (k < n ? (unsigned char) bytes[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			quad[k] = k <= n ? digits[group >> (18 - 6 * k) & 63] : '=';
		unr_text_append(out, quad, sizeof(quad));
	}
}

static void put_text(struct unr_json_maker *json, json_t *object, const char *key,
		     const struct unr_text *text)
{
	json->failed |= text->failed;
	unr_json_put(json, object, key, json_stringn(unr_text_string(text), text->length));
}

void unr_json_put_bytes(struct unr_json_maker *json, json_t *object, const char *key,
			const char *bytes, size_t length)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	unr_auto(unr_text_done) struct unr_text raw_key = { 0 };

	if (bytes == NULL) {
		unr_json_put(json, object, key, json_null());
		return;
	}
	put_lossy(&text, bytes, length);
	put_text(json, object, key, &text);
	if (unr_utf8_valid(bytes, length))
		return;
	unr_text_clear(&text);
	put_base64(&text, bytes, length);
	unr_text_printf(&raw_key, "%s_base64", key);
	json->failed |= raw_key.failed;
	put_text(json, object, unr_text_string(&raw_key), &text);
}

void unr_json_put_string(struct unr_json_maker *json, json_t *object, const char *key,
			 const char *string)
{
	unr_json_put_bytes(json, object, key, string, string == NULL ? 0 : strlen(string));
}

json_t *unr_json_make_map(struct unr_json_maker *json, const struct unr_idmap *map)
{
	json_t *array = json_array();

	for (size_t i = 0; i < map->n_ranges; i++) {
		json_t *range = json_object();

		unr_json_put(json, range, "inside", json_integer(map->ranges[i].inside));
		unr_json_put(json, range, "outside", json_integer(map->ranges[i].outside));
		unr_json_put(json, range, "count", json_integer(map->ranges[i].count));
		unr_json_push(json, array, range);
	}
	return array;
}
