/* SPDX-License-Identifier: MIT */
/*
 * Building JSON values without a check after every line, and strings that may
 * hold any bytes.  The shape of the report is json.c's business.
 */
#ifndef UNR_REPORT_JSON_VALUE_H
#define UNR_REPORT_JSON_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/idmap.h"

/* A document in the making; @failed is sticky and means: out of memory. */
struct unr_json_maker {
	bool failed;
};

/** unr_json_put() - @object[@key] = @value; takes ownership of @value, also on failure */
void unr_json_put(struct unr_json_maker *json, json_t *object, const char *key, json_t *value);

/** unr_json_push() - append to an array; takes ownership of @value, also on failure */
void unr_json_push(struct unr_json_maker *json, json_t *array, json_t *value);

/** unr_json_number() - an integer; what does not fit 63 bits becomes the largest that does */
json_t *unr_json_number(uint64_t number);

/** unr_json_make_map() - the ranges of a map as an array */
json_t *unr_json_make_map(struct unr_json_maker *json, const struct unr_idmap *map);

/**
 * unr_json_put_bytes() - a string of any bytes
 *
 * NULL becomes null.  What is not valid UTF-8 is shown with U+FFFD in its place, and the bytes
 * themselves stand beside it as <key>_base64.
 */
void unr_json_put_bytes(struct unr_json_maker *json, json_t *object, const char *key,
			const char *bytes, size_t length);

/** unr_json_put_string() - unr_json_put_bytes() for a C string or NULL */
void unr_json_put_string(struct unr_json_maker *json, json_t *object, const char *key,
			 const char *string);

#endif
