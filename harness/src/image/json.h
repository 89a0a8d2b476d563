/* SPDX-License-Identifier: MIT */
/*
 * Hostile JSON, read with bounds and complained about with an address: "file:
 * [0].Layers[3]: is not a string".  The one user of jansson in image/.
 */
#ifndef UNR_IMAGE_JSON_H
#define UNR_IMAGE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/* Values in one document: each costs up to a hundred bytes once parsed. */
enum { UNR_JSON_MAX_VALUES = 1000 * 1000 };

struct unr_json {
	json_t *root;   /* owned */
	char name[360]; /* the document in messages, e.g. "app.tar: manifest.json" */
};

/**
 * unr_json_parse() - bytes to a document
 * @archive, @member: what the document is called in messages; @member is escaped here
 *
 * Return: 0, -EBADMSG when it is no JSON, -E2BIG when it has too many values.
 */
UNR_MUST_CHECK int unr_json_parse(const struct unr_text *bytes, const char *archive,
				  const char *member, struct unr_json *ret, struct unr_error *err);

/** unr_json_parse_first() - the same for the first value alone; what is behind it is not looked at. */
UNR_MUST_CHECK int unr_json_parse_first(const struct unr_text *bytes, const char *archive,
					const char *member, struct unr_json *ret,
					struct unr_error *err);

void unr_json_done(struct unr_json *json);
DEFINE_UNR_CLEANUP(struct unr_json, unr_json_done);

/* One value and its address.  A value that is missing or null has none; asking it gives nothing. */
struct unr_json_at {
	const json_t *value;  /* borrowed from the document; NULL: not there */
	const char *document; /* borrowed */
	char path[96];        /* e.g. "[0].Layers[3]"; "" for the root */
};

struct unr_json_at unr_json_root(const struct unr_json *json);

/** unr_json_member() - @object.@key, in whatever case, as Go finds it; -EBADMSG when @object is there and is no object. */
UNR_MUST_CHECK int unr_json_member(const struct unr_json_at *object, const char *key,
				   struct unr_json_at *ret, struct unr_error *err);

/** unr_json_item() - @array[@i]; @array was counted by unr_json_count(). */
struct unr_json_at unr_json_item(const struct unr_json_at *array, size_t i);

/**
 * unr_json_count() - how many items an array has; 0 when it is not there
 *
 * Return: 0, -EBADMSG when it is no array, -E2BIG when it has more than @max.
 */
UNR_MUST_CHECK int unr_json_count(const struct unr_json_at *array, size_t max, size_t *ret,
				  struct unr_error *err);

/**
 * unr_json_string() - a string, borrowed from the document
 * @fallback: what a missing one is; NULL: it must not be missing
 *
 * Return: 0, -EBADMSG when it is of another type, is missing, or holds a NUL.
 */
UNR_MUST_CHECK int unr_json_string(const struct unr_json_at *at, const char *fallback,
				   const char **ret, struct unr_error *err);

/** unr_json_member_string() - the string @object.@key, as unr_json_string() reads it. */
UNR_MUST_CHECK int unr_json_member_string(const struct unr_json_at *object, const char *key,
					  const char *fallback, const char **ret,
					  struct unr_error *err);

/**
 * unr_json_member_strings() - the strings of the array @object.@key, of which null is ""
 * @ret:   owned by the caller, as are the strings, also where it fails; untouched where there are none
 * @ret_n: how many of them there are
 *
 * Return: 0, -EBADMSG when anything is of another type, -E2BIG, -ENOMEM.
 */
UNR_MUST_CHECK int unr_json_member_strings(const struct unr_json_at *object, const char *key,
					   char ***ret, size_t *ret_n, struct unr_error *err);

/** unr_json_member_bool() - the boolean @object.@key; false when it is not there. */
UNR_MUST_CHECK int unr_json_member_bool(const struct unr_json_at *object, const char *key,
					bool *ret, struct unr_error *err);

/** unr_json_member_size() - the number @object.@key, which must be there and not negative. */
UNR_MUST_CHECK int unr_json_member_size(const struct unr_json_at *object, const char *key,
					uint64_t *ret, struct unr_error *err);

/** unr_json_wrong() - "document: path: what"; kind FAILED, returns -EBADMSG. */
int unr_json_wrong(const struct unr_json_at *at, struct unr_error *err, const char *what);

#endif
