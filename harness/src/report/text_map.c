/* SPDX-License-Identifier: MIT */
/* The maps in the text report.  Only how they look; idmap.h knows what they mean. */
#include <inttypes.h>
#include <stdio.h>

#include "report/facts.h"
#include "report/text_part.h"

#define MAX_RANGES 6
#define MAX_RANGES_IN_WORDS 3
#define MAX_RANGE_TEXT 80

/* "inside 0..65535 -> outside 100000..165535"; a single id stands alone. */
static void format_range(const struct unr_id_range *range, const char *inside, const char *outside,
			 char text[MAX_RANGE_TEXT])
{
	uint64_t more = (uint64_t) range->count - 1;

	if (more == 0)
		(void) snprintf(text, MAX_RANGE_TEXT, "%s%" PRIu32 " -> %s%" PRIu32, inside,
				range->inside, outside, range->outside);
	else
		(void) snprintf(text, MAX_RANGE_TEXT,
				"%s%" PRIu32 "..%" PRIu64 " -> %s%" PRIu32 "..%" PRIu64, inside,
				range->inside, range->inside + more, outside, range->outside,
				range->outside + more);
}

/* Lines of one table: the label stands on the first, the remark behind it. */
struct map_table {
	const struct unr_text_report *report;
	const char *label;
	const char *remark; /* borrowed; NULL once it was put */
};

static void put_row(struct map_table *table, const char *kind, const char *text)
{
	struct unr_text *out = table->report->out;

	unr_text_printf(out, "%-*s%s%s%s", table->report->label_width, table->label, kind,
			*kind == '\0' ? "" : " ", text);
	if (table->remark != NULL)
		unr_text_printf(out, " (%s)", table->remark);
	unr_text_puts(out, "\n");
	table->label = "";
	table->remark = NULL;
}

static void put_ranges(struct map_table *table, const char *kind, const struct unr_idmap *map)
{
	size_t n = map->n_ranges;
	char text[MAX_RANGE_TEXT];

	/* One range too many is shown: the line that says so would be as long. */
	if (n > MAX_RANGES + 1 && !table->report->options->verbose)
		n = MAX_RANGES;
	for (size_t i = 0; i < n; i++) {
		format_range(&map->ranges[i], "inside ", "outside ", text);
		put_row(table, kind, text);
	}
	if (n == map->n_ranges && n > 0)
		return;
	(void) snprintf(text, sizeof(text),
			n == 0 ? "nothing is mapped" : "(%zu ranges more; --verbose lists them)",
			map->n_ranges - n);
	put_row(table, kind, text);
}

static void put_maps(struct map_table *table, const struct unr_idmaps *maps)
{
	if (unr_idmap_equal(&maps->of[UNR_UID], &maps->of[UNR_GID])) {
		put_ranges(table, "", &maps->of[UNR_UID]);
		return;
	}
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++)
		put_ranges(table, unr_id_kind_name((enum unr_id_kind) kind), &maps->of[kind]);
}

/* How the kernel came to its map; "" for the plain way. */
static const char *method_words(enum unr_map_method method)
{
	static const char *const words[UNR_MAP_METHOD_COUNT_] = {
		[UNR_MAP_DIRECT] = "",
		[UNR_MAP_NEWUIDMAP] = "written through newuidmap",
		[UNR_MAP_SELF] = "the caller's own id alone",
	};

	return words[method];
}

/* A line under a map; "" for none. */
static void put_below(const struct unr_text_report *report, const char *words)
{
	struct unr_wrap wrap;

	if (*words == '\0')
		return;
	wrap = unr_text_start(report, "");
	unr_wrap_words(&wrap, words);
	unr_text_puts(report->out, "\n");
}

void unr_text_put_kernel_map(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	const char *method = method_words(result->map_method);
	struct map_table table = { .report = report,
				   .label = "kernel map",
				   .remark = *method == '\0' ? NULL : method };

	put_maps(&table, &result->map);
	put_below(report, result->map_note);
}

void unr_text_put_maps(const struct unr_text_report *report)
{
	const struct unr_result *result = report->result;
	char profile[120];
	struct map_table table = { .report = report, .label = "map", .remark = profile };

	(void) snprintf(profile, sizeof(profile), "profile %s", result->profile);
	put_maps(&table, &result->engine_map);
	if (unr_facts_maps_differ(result))
		unr_text_put_kernel_map(report);
	else
		put_below(report, method_words(result->map_method));
}

static void put_map_words(struct unr_wrap *wrap, const char *kind, const struct unr_idmap *map)
{
	char text[MAX_RANGE_TEXT];

	unr_wrap_printf(wrap, "%smap%s", kind, map->n_ranges == 0 ? " empty," : "");
	for (size_t i = 0; i < map->n_ranges; i++) {
		if (i == MAX_RANGES_IN_WORDS) {
			unr_wrap_printf(wrap, "and %zu ranges more,", map->n_ranges - i);
			return;
		}
		format_range(&map->ranges[i], "", "", text);
		unr_wrap_printf(wrap, "%s,", text);
	}
}

void unr_text_put_map_words(const struct unr_text_report *report, struct unr_wrap *wrap)
{
	const struct unr_idmap *of = report->result->engine_map.of;

	if (unr_idmap_equal(&of[UNR_UID], &of[UNR_GID])) {
		put_map_words(wrap, "", &of[UNR_UID]);
		return;
	}
	put_map_words(wrap, "uid ", &of[UNR_UID]);
	put_map_words(wrap, "gid ", &of[UNR_GID]);
}
