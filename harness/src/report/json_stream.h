/* SPDX-License-Identifier: MIT */
/*
 * One JSON object, written member by member and its long arrays element by
 * element, so that never more than one of them is in memory.  The layout is
 * jansson's with an indent of two.
 */
#ifndef UNR_REPORT_JSON_STREAM_H
#define UNR_REPORT_JSON_STREAM_H

#include "report/json_value.h"
#include "report/out.h"

struct unr_json_stream {
	struct unr_report_out *out; /* borrowed */
	struct unr_json_maker json; /* of the values; its trouble ends in @out */
	bool has_members, has_elements;
};

/** unr_json_stream_put() - a member of the object; takes ownership of @value, which may be NULL */
void unr_json_stream_put(struct unr_json_stream *stream, const char *key, json_t *value);

/** unr_json_stream_put_string() - unr_json_put_string() into the object */
void unr_json_stream_put_string(struct unr_json_stream *stream, const char *key,
				const char *string);

/** unr_json_stream_open() - a member that is an array; nothing else until it is closed */
void unr_json_stream_open(struct unr_json_stream *stream, const char *key);

/** unr_json_stream_push() - an element of the open array; takes ownership of @value */
void unr_json_stream_push(struct unr_json_stream *stream, json_t *value);
void unr_json_stream_close(struct unr_json_stream *stream);

/** unr_json_stream_end() - the end of the object */
void unr_json_stream_end(struct unr_json_stream *stream);

#endif
