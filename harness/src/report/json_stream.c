/* SPDX-License-Identifier: MIT */
/* JSON in pieces: see json_stream.h. */
#include "report/json_stream.h"

#include <string.h>

/* A value's own lines are moved in as far as the value is. */
struct place {
	struct unr_text *out;
	const char *newline; /* with the blanks behind it */
};

/* No string of a JSON text has a newline in it. */
static int append_moved_in(const char *bytes, size_t length, void *context)
{
	const struct place *place = context;

	while (length > 0) {
		const char *newline = memchr(bytes, '\n', length);
		size_t n = newline == NULL ? length : (size_t) (newline - bytes);

		unr_text_append(place->out, bytes, n);
		if (newline != NULL) {
			unr_text_puts(place->out, place->newline);
			n++;
		}
		bytes += n;
		length -= n;
	}
	return 0;
}

static void put_value(struct unr_json_stream *stream, json_t *value, const char *newline)
{
	struct place place = { .out = &stream->out->text, .newline = newline };

	if (value == NULL || stream->json.failed ||
	    json_dump_callback(value, append_moved_in, &place, JSON_INDENT(2) | JSON_ENCODE_ANY) <
		    0)
		stream->out->text.failed = true;
	json_decref(value);
}

static void put_key(struct unr_json_stream *stream, const char *key)
{
	unr_text_printf(&stream->out->text, "%s\n  \"%s\": ", stream->has_members ? "," : "{", key);
	stream->has_members = true;
}

void unr_json_stream_put(struct unr_json_stream *stream, const char *key, json_t *value)
{
	put_key(stream, key);
	put_value(stream, value, "\n  ");
}

void unr_json_stream_put_string(struct unr_json_stream *stream, const char *key, const char *string)
{
	json_t *members = json_object();
	const char *name;
	json_t *value;

	/* One member, or two if it is not UTF-8. */
	unr_json_put_string(&stream->json, members, key, string);
	json_object_foreach (members, name, value)
		unr_json_stream_put(stream, name, json_incref(value));
	json_decref(members);
}

void unr_json_stream_open(struct unr_json_stream *stream, const char *key)
{
	put_key(stream, key);
	unr_text_puts(&stream->out->text, "[");
	stream->has_elements = false;
}

void unr_json_stream_push(struct unr_json_stream *stream, json_t *value)
{
	unr_text_puts(&stream->out->text, stream->has_elements ? ",\n    " : "\n    ");
	stream->has_elements = true;
	put_value(stream, value, "\n    ");
}

void unr_json_stream_close(struct unr_json_stream *stream)
{
	unr_text_puts(&stream->out->text, stream->has_elements ? "\n  ]" : "]");
}

void unr_json_stream_end(struct unr_json_stream *stream)
{
	if (stream->json.failed)
		stream->out->text.failed = true;
	unr_text_puts(&stream->out->text, "\n}\n");
}
