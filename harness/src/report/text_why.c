/* SPDX-License-Identifier: MIT */
/*
 * Why a layer has such owners, why what comes later does not help, and what
 * would: the paragraphs below its entries.
 */
#include <inttypes.h>
#include <string.h>

#include "advice/advice.h"
#include "advice/edit.h"
#include "advice/owner.h"
#include "image/step.h"
#include "report/text_part.h"

/* Things that are done to entries later, and owners that say something. */
#define MAX_FATES 4
#define MAX_HINTS 3
/* Of the step of a later layer; and of a line of a diff. */
#define STEP_COLUMNS 40
#define DIFF_COLUMNS 220

struct fate {
	enum unr_fate fate;
	uint32_t layer;
	uint64_t n;
};

struct hint {
	int64_t uid, gid;
	struct unr_owner_hint hint;
};

struct facts {
	uint64_t n, kept, packaged, modules; /* modules: of npm */
	bool uid, gid;                       /* which ids are at fault */
	bool several_gids, whiteouts;
	int64_t gid_value;
	struct fate fates[MAX_FATES];
	uint64_t other_fates; /* entries */
	struct hint hints[MAX_HINTS];
	bool other_hints;
	size_t n_fates, n_hints;
};

static void count_fate(struct facts *facts, const struct unr_cause *cause)
{
	size_t i = 0;

	while (i < facts->n_fates &&
	       (facts->fates[i].fate != cause->fate || facts->fates[i].layer != cause->fate_layer))
		i++;
	if (i == MAX_FATES) {
		facts->other_fates++;
		return;
	}
	facts->fates[i].fate = cause->fate;
	facts->fates[i].layer = cause->fate_layer;
	facts->fates[i].n++;
	if (i == facts->n_fates)
		facts->n_fates++;
}

static void take_hint(const struct unr_result *result, struct facts *facts,
		      const struct unr_finding *finding)
{
	const struct unr_owner owner = unr_owner_of(finding);
	struct hint hint = { .uid = finding->uid, .gid = finding->gid };

	if (facts->other_hints)
		return;
	for (size_t i = 0; i < facts->n_hints; i++)
		if (facts->hints[i].uid == finding->uid && facts->hints[i].gid == finding->gid)
			return;
	if (!unr_owner_hint(result, &owner, &hint.hint))
		return;
	if (facts->n_hints == MAX_HINTS)
		facts->other_hints = true;
	else
		facts->hints[facts->n_hints++] = hint;
}

static void note_gid(struct facts *facts, int64_t gid)
{
	facts->several_gids |= facts->gid && facts->gid_value != gid;
	facts->gid_value = gid;
	facts->gid = true;
}

static struct facts find_facts(const struct unr_text_report *report,
			       const struct unr_choice *choice)
{
	unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
		unr_choice_start(choice, report->sink);
	struct facts facts = { .n = 0 };
	const struct unr_finding *finding;

	while ((finding = unr_choice_next(&reader)) != NULL) {
		facts.n++;
		facts.whiteouts |= finding->type == UNR_ENTRY_WHITEOUT;
		facts.kept += finding->cause.fate == UNR_FATE_KEPT;
		facts.packaged += finding->cause.package != NULL;
		facts.modules += finding->cause.kind == UNR_PACKAGE_NPM;
		facts.uid |= finding->uid_unmapped;
		if (finding->gid_unmapped)
			note_gid(&facts, finding->gid);
		if (finding->cause.fate > UNR_FATE_KEPT)
			count_fate(&facts, &finding->cause);
		take_hint(report->result, &facts, finding);
	}
	return facts;
}

/* One paragraph; the label stands before the first only. */
struct labelled {
	const struct unr_text_report *report;
	const char *label;
};

static struct unr_wrap start(struct labelled *part)
{
	struct unr_wrap wrap;

	if (*part->label != '\0')
		unr_text_puts(part->report->out, "\n");
	wrap = unr_text_start(part->report, part->label);
	part->label = "";
	return wrap;
}

static void end_line(const struct labelled *part)
{
	unr_text_puts(part->report->out, "\n");
}

/* Who installs packages of npm in a step, as its words say. */
static const char *find_installer(const char *step)
{
	static const char *const names[] = { "pnpm", "yarn", "npm" };

	for (size_t i = 0; i < UNR_COUNT(names); i++)
		if (strstr(step, names[i]) != NULL)
			return names[i];
	return "whoever installs them";
}

/* Nothing where the step itself says who owns what: the ids need not be those of an archive. */
static void put_origin(struct labelled *part, const struct facts *facts, const char *step)
{
	struct unr_wrap wrap;

	if (strstr(step, "chown") != NULL)
		return;
	if (facts->modules > 0) {
		wrap = start(part);
		unr_wrap_printf(&wrap,
				"The tarballs of these packages carry the ids of whoever packed "
				"them, and %s as root keeps them.",
				find_installer(step));
	} else if (facts->packaged == 0 && unr_edit_unpacks(step)) {
		wrap = start(part);
		unr_wrap_words(&wrap, "An archive carries the ids of whoever packed it, and "
				      "unpacked by root the files keep them.");
	} else {
		return;
	}
	end_line(part);
}

static void put_hints(struct labelled *part, const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_hints; i++) {
		unr_auto(unr_text_done) struct unr_text words = { 0 };
		const struct hint *hint = &facts->hints[i];
		struct unr_wrap wrap = start(part);

		unr_owner_append(&words, &hint->hint);
		part->report->out->failed |= words.failed;
		unr_wrap_printf(&wrap, "uid %" PRId64 ", gid %" PRId64 ": %s.", hint->uid,
				hint->gid, unr_text_string(&words));
		end_line(part);
	}
	if (facts->other_hints) {
		struct unr_wrap wrap = start(part);

		unr_wrap_words(&wrap, "Something is known of other owners, too: --format json has "
				      "it.");
		end_line(part);
	}
}

/* "Layer 5 (RUN find /app/node_modules…)" */
static void wrap_layer(struct unr_wrap *wrap, const struct unr_result *result, uint32_t index)
{
	const char *created_by = result->image.layers[index].created_by;
	unr_auto(unr_text_done) struct unr_text step = { 0 };

	unr_wrap_printf(wrap, "Layer %" PRIu32, index);
	if (created_by == NULL || *created_by == '\0')
		return;
	unr_text_put_step(&step, created_by, STEP_COLUMNS);
	wrap->out->failed |= step.failed;
	unr_wrap_printf(wrap, "(%s)", unr_text_string(&step));
}

static void put_fate(struct labelled *part, const struct facts *facts, const struct fate *fate)
{
	static const struct {
		const char *verb, *meaning;
	} words[UNR_FATE_COUNT_] = {
		[UNR_FATE_REOWNED] = { "gives another owner to",
				       "That comes too late: it is a copy in its own layer. This "
				       "layer keeps its headers and is extracted first; find in a "
				       "container sees only the copy." },
		[UNR_FATE_REPLACED] = { "puts something else in the place of",
					"This layer still has what was there and is extracted "
					"first; find in a container sees only what took its place." },
		[UNR_FATE_REMOVED] = { "removes",
				       "That is a mark in its own layer, which hides what is below. "
				       "This layer still has it and is extracted first; find in a "
				       "container finds nothing." },
	};
	struct unr_wrap wrap = start(part);

	wrap_layer(&wrap, part->report->result, fate->layer);
	unr_wrap_words(&wrap, words[fate->fate].verb);
	unr_text_wrap_count(&wrap, fate->n, fate->n == facts->n ? "entry" : "entry of these",
			    fate->n == facts->n ? "entries" : "entries of these", ".");
	unr_wrap_words(&wrap, words[fate->fate].meaning);
	end_line(part);
}

static void put_whiteouts(struct labelled *part, const struct facts *facts)
{
	struct unr_wrap wrap;

	if (!facts->whiteouts)
		return;
	wrap = start(part);
	unr_wrap_words(&wrap,
		       "A whiteout removes what a layer below has. The mark has an owner of its "
		       "own, and find in a container finds nothing.");
	end_line(part);
}

static void put_other_fates(struct labelled *part, const struct facts *facts)
{
	struct unr_wrap wrap;

	if (facts->other_fates == 0)
		return;
	wrap = start(part);
	unr_wrap_words(&wrap, "Other layers do such things to");
	unr_text_wrap_count(&wrap, facts->other_fates, "entry more", "entries more", ",");
	unr_wrap_words(&wrap, "as late; --format json has them all.");
	end_line(part);
}

/* The published advice looks for a user; and only what nothing is done to later can be found. */
static void put_group_only(struct labelled *part, const struct facts *facts)
{
	unr_auto(unr_text_done) struct unr_text words = { 0 };
	struct unr_wrap wrap;

	if (!facts->gid || facts->uid)
		return;
	if (facts->several_gids)
		unr_text_puts(&words, "These are ids of groups, not of users");
	else
		unr_text_printf(&words, "%" PRId64 " is the id of a group, not of a user",
				facts->gid_value);
	if (facts->kept > 0)
		unr_text_printf(&words,
				": in a container find / -uid %" PRId64
				" finds nothing, find / -gid %" PRId64 " does",
				facts->gid_value, facts->gid_value);
	part->report->out->failed |= words.failed;
	wrap = start(part);
	unr_wrap_printf(&wrap, "%s.", unr_text_string(&words));
	end_line(part);
}

/* A long step is cut: in front where something is put behind it, else around the change. */
static void put_diff_line(const struct unr_text_report *report, const char *line, size_t length)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	size_t cut = 0;

	unr_text_append(&text, line, length);
	report->out->failed |= text.failed;
	if (text.failed)
		return;
	unr_layout_spaces(report->out, (size_t) report->label_width);
	if (length > DIFF_COLUMNS && *line == ' ') {
		cut = length - DIFF_COLUMNS;
		while (cut < length && (line[cut] & 0xc0) == 0x80)
			cut++;
		unr_text_puts(report->out, "  RUN ...");
	}
	unr_layout_prose(report->out, text.bytes + cut, false);
	unr_text_puts(report->out, "\n");
}

void unr_text_put_advice(const struct unr_text_report *report, const struct unr_advice *advice)
{
	struct labelled part = { report, "cure" };
	const char *line = unr_text_string(&advice->diff);
	struct unr_wrap wrap;

	if (advice->kind == UNR_ADVICE_NONE)
		return;
	wrap = start(&part);
	if (advice->inherited) {
		unr_wrap_words(&wrap, unr_advice_inherited_words(advice->kind));
		end_line(&part);
	}
	if (advice->kind == UNR_ADVICE_BASE)
		return;
	if (advice->inherited)
		wrap = start(&part);
	unr_wrap_words(&wrap, unr_advice_words(advice->kind));
	end_line(&part);
	while (*line != '\0') {
		size_t length = strcspn(line, "\n");

		put_diff_line(report, line, length);
		line += length + (line[length] != '\0');
	}
}

void unr_text_put_why(const struct unr_text_report *report, const struct unr_choice *choice,
		      uint32_t layer)
{
	const struct facts facts = find_facts(report, choice);
	struct labelled part = { report, "why" };
	unr_auto(unr_advice_done) struct unr_advice advice = { .inherited = false };
	unr_auto(unr_text_done) struct unr_text step = { 0 };
	const char *created_by = report->result->image.layers[layer].created_by;
	int r;

	unr_step_append(&step, created_by == NULL ? "" : created_by);
	r = unr_advice_for_layer(report->result, layer, &advice, report->sink->err);
	if (r < 0 && report->sink->error == 0)
		report->sink->error = r;
	/* A number that stands in a step is nobody's who packed something. */
	if (advice.kind != UNR_ADVICE_LOW_ID)
		put_origin(&part, &facts, unr_text_string(&step));
	put_hints(&part, &facts);
	for (size_t i = 0; i < facts.n_fates; i++)
		put_fate(&part, &facts, &facts.fates[i]);
	put_other_fates(&part, &facts);
	put_whiteouts(&part, &facts);
	put_group_only(&part, &facts);
	unr_text_put_advice(report, &advice);
}
