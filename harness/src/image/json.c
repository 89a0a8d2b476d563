/* SPDX-License-Identifier: MIT */
/* Bounded, typed reading of JSON: see json.h. */
#include "image/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "image/json_go.h"
#include "image/shown.h"

void unr_json_done(struct unr_json *json)
{
	json_decref(json->root);
	json->root = NULL;
}

/*
 * An upper bound for the values in a text, found without parsing: "[0,0,0..."
 * takes two bytes a value here and some fifty in memory.
 */
static size_t count_values(const struct unr_text *bytes)
{
	bool in_string = false;
	size_t n = 1;

	for (size_t i = 0; i < bytes->length; i++) {
		char c = bytes->bytes[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == ',' || c == '[' || c == '{'))
			n++;
	}
	return n;
}

static int parse(const struct unr_text *bytes, const char *archive, const char *member,
		 size_t flags, struct unr_json *ret, struct unr_error *err)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	unr_auto(unr_text_done) struct unr_text taken = { 0 };
	struct unr_shown shown;
	json_error_t why;

	(void) snprintf(json.name, sizeof(json.name), "%s: %s", archive, unr_show(&shown, member));
	if (count_values(bytes) > UNR_JSON_MAX_VALUES)
		return unr_fail(err, UNR_ERROR_FAILED, -E2BIG, "%s: has more than %d JSON values",
				json.name, UNR_JSON_MAX_VALUES);
	unr_json_as_go(&taken, bytes->bytes, bytes->length);
	if (taken.failed)
		return unr_fail_memory(err);
	json.root = json_loadb(unr_text_string(&taken), taken.length,
			       JSON_ALLOW_NUL | JSON_DECODE_ANY | flags, &why);
	if (json.root == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: is not valid JSON: line %d, column %d: %s", json.name,
				why.line, why.column, unr_show_words(&shown, why.text));
	*ret = json;
	json.root = NULL;
	return 0;
}

int unr_json_parse(const struct unr_text *bytes, const char *archive, const char *member,
		   struct unr_json *ret, struct unr_error *err)
{
	return parse(bytes, archive, member, 0, ret, err);
}

int unr_json_parse_first(const struct unr_text *bytes, const char *archive, const char *member,
			 struct unr_json *ret, struct unr_error *err)
{
	return parse(bytes, archive, member, JSON_DISABLE_EOF_CHECK, ret, err);
}

/* An address that does not fit is cut; it is only shown. */
UNR_PRINTF(2, 3) static void set_path(struct unr_json_at *at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void) vsnprintf(at->path, sizeof(at->path), fmt, args);
	va_end(args);
}

struct unr_json_at unr_json_root(const struct unr_json *json)
{
	return (struct unr_json_at) { .value = json_is_null(json->root) ? NULL : json->root,
				      .document = json->name };
}

int unr_json_wrong(const struct unr_json_at *at, struct unr_error *err, const char *what)
{
	return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s: %s%s%s", at->document, at->path,
			at->path[0] == '\0' ? "" : ": ", what);
}

/* The last one that Go takes for it; null counts as absent. */
static const json_t *find_member(const json_t *object, const char *key)
{
	/* jansson has no way to walk an object that may not change. */
	json_t *walked = (json_t *) (uintptr_t) object;
	const json_t *found = NULL;
	const char *name;
	json_t *value;

	json_object_foreach (walked, name, value)
		if (!json_is_null(value) && unr_json_is_key(name, key))
			found = value;
	return found;
}

int unr_json_member(const struct unr_json_at *object, const char *key, struct unr_json_at *ret,
		    struct unr_error *err)
{
	struct unr_json_at found = { .document = object->document };

	if (object->value != NULL && !json_is_object(object->value))
		return unr_json_wrong(object, err, "is not an object");
	found.value = find_member(object->value, key);
	set_path(&found, "%s%s%s", object->path, object->path[0] == '\0' ? "" : ".", key);
	*ret = found;
	return 0;
}

struct unr_json_at unr_json_item(const struct unr_json_at *array, size_t i)
{
	struct unr_json_at item = { .document = array->document };

	item.value = json_array_get(array->value, i);
	if (json_is_null(item.value))
		item.value = NULL;
	set_path(&item, "%s[%zu]", array->path, i);
	return item;
}

int unr_json_count(const struct unr_json_at *array, size_t max, size_t *ret, struct unr_error *err)
{
	char what[80];
	size_t n;

	if (array->value != NULL && !json_is_array(array->value))
		return unr_json_wrong(array, err, "is not an array");
	n = json_array_size(array->value);
	if (n > max) {
		(void) snprintf(what, sizeof(what), "has %zu items, and more than %zu are not read",
				n, max);
		(void) unr_json_wrong(array, err, what);
		return -E2BIG;
	}
	*ret = n;
	return 0;
}

int unr_json_string(const struct unr_json_at *at, const char *fallback, const char **ret,
		    struct unr_error *err)
{
	const char *string;

	if (at->value == NULL || json_is_null(at->value)) {
		if (fallback == NULL)
			return unr_json_wrong(at, err, "is missing");
		*ret = fallback;
		return 0;
	}
	string = json_string_value(at->value);
	if (string == NULL)
		return unr_json_wrong(at, err, "is not a string");
	if (strlen(string) != json_string_length(at->value))
		return unr_json_wrong(at, err, "holds a NUL character");
	*ret = string;
	return 0;
}

int unr_json_member_string(const struct unr_json_at *object, const char *key, const char *fallback,
			   const char **ret, struct unr_error *err)
{
	struct unr_json_at at;
	int r;

	r = unr_json_member(object, key, &at, err);
	return r < 0 ? r : unr_json_string(&at, fallback, ret, err);
}

int unr_json_member_strings(const struct unr_json_at *object, const char *key, char ***ret,
			    size_t *ret_n, struct unr_error *err)
{
	struct unr_json_at array;
	size_t n = 0;
	int r;

	r = unr_json_member(object, key, &array, err);
	if (r == 0)
		r = unr_json_count(&array, UNR_JSON_MAX_VALUES, &n, err);
	if (r < 0 || n == 0)
		return r;
	*ret = calloc(n, sizeof(**ret));
	if (*ret == NULL)
		return unr_fail_memory(err);
	for (size_t i = 0; i < n; i++) {
		struct unr_json_at item = unr_json_item(&array, i);
		const char *string = "";

		r = unr_json_string(&item, "", &string, err);
		if (r < 0)
			return r;
		(*ret)[i] = strdup(string);
		if ((*ret)[i] == NULL)
			return unr_fail_memory(err);
		++*ret_n;
	}
	return 0;
}

int unr_json_member_bool(const struct unr_json_at *object, const char *key, bool *ret,
			 struct unr_error *err)
{
	struct unr_json_at at;
	int r;

	r = unr_json_member(object, key, &at, err);
	if (r < 0)
		return r;
	if (at.value != NULL && !json_is_boolean(at.value))
		return unr_json_wrong(&at, err, "is not true or false");
	*ret = json_is_true(at.value);
	return 0;
}

int unr_json_member_size(const struct unr_json_at *object, const char *key, uint64_t *ret,
			 struct unr_error *err)
{
	struct unr_json_at at;
	int r;

	r = unr_json_member(object, key, &at, err);
	if (r < 0)
		return r;
	if (at.value == NULL)
		return unr_json_wrong(&at, err, "is missing");
	if (!json_is_integer(at.value) || json_integer_value(at.value) < 0)
		return unr_json_wrong(&at, err, "is not a size");
	*ret = (uint64_t) json_integer_value(at.value);
	return 0;
}
