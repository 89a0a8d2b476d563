/* SPDX-License-Identifier: MIT */
/*
 * The parts of the text report and what they share.  text.c puts them in order;
 * each part appends whole lines.
 */
#ifndef UNR_REPORT_TEXT_PART_H
#define UNR_REPORT_TEXT_PART_H

#include "base/text.h"
#include "report/choice.h"
#include "report/layout.h"
#include "usernsrepro/report.h"

struct unr_text_report {
	struct unr_report_out *sink; /* borrowed */
	struct unr_text *out;        /* that of the sink */
	const struct unr_result *result;
	const struct unr_report_options *options;
	int label_width; /* of "image", "map" and so on */
};

/* How many findings a choice has, and whether they fail in the same way. */
struct unr_survey {
	uint64_t n;
	bool common;
	bool uid_unmapped, gid_unmapped; /* of the first, as what follows */
	enum unr_call call;
	int error;
};

enum unr_text_style { UNR_TEXT_BAD, UNR_TEXT_GOOD, UNR_TEXT_DIM };

/** unr_text_style() - switch colour on; nothing without options->color */
void unr_text_style(const struct unr_text_report *report, enum unr_text_style style);

/** unr_text_plain() - and off again */
void unr_text_plain(const struct unr_text_report *report);

/**
 * unr_text_put_maps() - the map that counts, and the kernel's when that is another one
 *
 * One line a range; without --verbose a long map is shortened, and says so.
 */
void unr_text_put_maps(const struct unr_text_report *report);

/** unr_text_put_kernel_map() - the kernel's map alone, and why it is another than the engine's */
void unr_text_put_kernel_map(const struct unr_text_report *report);

/** unr_text_put_map_words() - the engine's map in a few words, for a sentence */
void unr_text_put_map_words(const struct unr_text_report *report, struct unr_wrap *wrap);

/** unr_text_start() - a wrapped line with its label ("" for none) */
struct unr_wrap unr_text_start(const struct unr_text_report *report, const char *label);

/** unr_text_put_layer() - heading, groups and lines for one layer that fails */
void unr_text_put_layer(const struct unr_text_report *report, uint32_t layer);

/** unr_text_put_step() - a line of the history as `docker history` readers know it, cut to fit */
void unr_text_put_step(struct unr_text *out, const char *created_by, size_t columns);

/** unr_text_put_packages() - a line for each package that brought entries; were there any? */
bool unr_text_put_packages(const struct unr_text_report *report, const struct unr_choice *choice);

/** unr_text_put_why() - where a layer's owners come from, why no later step helps, what does */
void unr_text_put_why(const struct unr_text_report *report, const struct unr_choice *choice,
		      uint32_t layer);

struct unr_advice;

/** unr_text_put_advice() - the sentence and the diff; nothing for none */
void unr_text_put_advice(const struct unr_text_report *report, const struct unr_advice *advice);

/** unr_text_put_groups() - the failures of a layer, summed up by folder and id */
void unr_text_put_groups(const struct unr_text_report *report, const struct unr_choice *choice);

/** unr_text_survey() - one pass over all of them */
struct unr_survey unr_text_survey(const struct unr_text_report *report,
				  const struct unr_choice *choice);

/** unr_text_put_common_fault() - "5 entries, uid outside the map, lchown: EINVAL" */
void unr_text_put_common_fault(const struct unr_text_report *report,
			       const struct unr_survey *survey);

/**
 * unr_text_put_list() - findings in the manner of `ls -ln`
 * @n:      how many the choice has
 * @faults: end each line with what is wrong with its owner
 * @limit:  how many at most; the rest is counted.  --verbose knows no limit
 */
void unr_text_put_list(const struct unr_text_report *report, const struct unr_choice *choice,
		       uint64_t n, bool faults, uint64_t limit);

/** unr_text_wrap_count() - a count as a piece of a wrapped line, and what follows it: "2 layers," */
void unr_text_wrap_count(struct unr_wrap *wrap, uint64_t n, const char *one, const char *many,
			 const char *after);

/** unr_text_put_tree() - where the tree is kept, and what only the host's root could have made */
void unr_text_put_tree(const struct unr_text_report *report);

/** unr_text_put_disagreements() - the paragraph about them, if there are any */
void unr_text_put_disagreements(const struct unr_text_report *report);

#endif
