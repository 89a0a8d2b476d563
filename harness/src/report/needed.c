/* SPDX-License-Identifier: MIT */
/* The map that an image needs: as JSON, and as a paragraph. */
#include "report/needed.h"

#include <inttypes.h>

#include "advice/needed.h"
#include "report/facts.h"

/* false after a trouble, which @out remembers. */
static bool find_needed(const struct unr_result *result, struct unr_report_out *out,
			struct unr_needed *ret)
{
	int r = unr_needed_find(result, ret, out->err);

	if (r < 0 && out->error == 0)
		out->error = r;
	return r == 0 && ret->known;
}

static json_t *make_sparse(struct unr_json_maker *json, const struct unr_needed *needed)
{
	json_t *object = json_object();

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		unr_json_put(json, object, unr_id_kind_name((enum unr_id_kind) kind),
			     unr_json_make_map(json, &needed->of[kind].sparse));
	return object;
}

/* A member that is text, and is not there when it is empty. */
static void put_text(struct unr_json_maker *json, json_t *object, const char *key,
		     const struct unr_text *text)
{
	json->failed |= text->failed;
	if (text->length > 0)
		unr_json_put_string(json, object, key, unr_text_string(text));
}

static void put_notations(struct unr_json_maker *json, json_t *object,
			  const struct unr_result *result, const struct unr_needed *needed)
{
	static const char *const files[] = { [UNR_UID] = "subuid", [UNR_GID] = "subgid" };
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		unr_text_clear(&text);
		unr_needed_append_subid(&text, result, needed, (enum unr_id_kind) kind);
		put_text(json, object, files[kind], &text);
	}
	if (unr_needed_is_rootless(result))
		return;
	unr_json_put_string(json, object, "dockerd", "--userns-remap=default");
	for (int sparse = 0; sparse < 2; sparse++) {
		unr_text_clear(&text);
		unr_needed_append_options(&text, result, needed, sparse != 0);
		put_text(json, object, sparse != 0 ? "podman_sparse" : "podman", &text);
	}
}

void unr_json_put_needed(struct unr_json_stream *stream, const struct unr_result *result)
{
	unr_auto(unr_needed_done) struct unr_needed needed = { 0 };
	struct unr_json_maker *json = &stream->json;
	bool sparse = true;
	json_t *object;

	if (!find_needed(result, stream->out, &needed))
		return;
	object = json_object();
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const struct unr_needed_ids *ids = &needed.of[kind];

		unr_json_put(json, object, unr_id_kind_name((enum unr_id_kind) kind),
			     ids->possible ? unr_json_number(ids->count) : json_null());
		sparse &= ids->possible && !ids->too_many;
	}
	unr_json_put(json, object, "changeable", json_boolean(!result->map_fixed));
	if (sparse)
		unr_json_put(json, object, "sparse", make_sparse(json, &needed));
	put_notations(json, object, result, &needed);
	unr_json_stream_put(stream, "needed_map", object);
}

/* "1,516,583,084 uids" */
static void wrap_counts(struct unr_wrap *wrap, const struct unr_needed *needed)
{
	unr_wrap_words(wrap, "a map that holds every id of this image:");
	unr_text_wrap_count(wrap, needed->of[UNR_UID].count, "uid", "uids", " and");
	unr_text_wrap_count(wrap, needed->of[UNR_GID].count, "gid", "gids", " from 0;");
}

static void put_line(const struct unr_text_report *report, const char *before,
		     const struct unr_text *text)
{
	struct unr_wrap wrap;

	report->out->failed |= text->failed;
	if (text->length == 0)
		return;
	wrap = unr_text_start(report, "");
	unr_wrap_printf(&wrap, "%s %s", before, unr_text_string(text));
	unr_text_puts(report->out, "\n");
}

static void put_notation_lines(const struct unr_text_report *report,
			       const struct unr_needed *needed)
{
	static const char *const files[] = {
		[UNR_UID] = "/etc/subuid:", [UNR_GID] = "/etc/subgid:"
	};
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		unr_text_clear(&text);
		unr_needed_append_subid(&text, report->result, needed, (enum unr_id_kind) kind);
		put_line(report, files[kind], &text);
	}
	if (unr_needed_is_rootless(report->result))
		return;
	unr_text_clear(&text);
	unr_text_puts(&text, "--userns-remap=default");
	put_line(report, "dockerd:", &text);
	for (int sparse = 0; sparse < 2; sparse++) {
		unr_text_clear(&text);
		unr_needed_append_options(&text, report->result, needed, sparse != 0);
		put_line(report, sparse != 0 ? "podman, with less ids:" : "podman:", &text);
	}
}

void unr_text_put_needed(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	unr_auto(unr_needed_done) struct unr_needed needed = { 0 };
	bool fails = result->verdict.has_id || unr_facts_totals(result).failures > 0 ||
		     (result->runtime.resolved && !result->runtime.ok);
	struct unr_wrap wrap;

	if (!fails || !find_needed(result, report->sink, &needed))
		return;
	unr_text_puts(report->out, "\n");
	wrap = unr_text_start(report, "needs");
	if (needed.of[UNR_UID].possible && needed.of[UNR_GID].possible) {
		wrap_counts(&wrap, &needed);
		unr_wrap_words(&wrap, result->map_change);
	} else {
		unr_wrap_words(&wrap,
			       "other ids: no map can hold 4294967295 or a number above it.");
	}
	unr_text_puts(report->out, "\n");
	if (!result->map_fixed || report->options->verbose)
		put_notation_lines(report, &needed);
}
