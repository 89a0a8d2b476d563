/* SPDX-License-Identifier: MIT */
/*
 * What brought the failing entries of a layer, and what the layers above do to
 * them: a line for each package, a sentence for each thing that is done.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/text_part.h"

/* Of each; what is more is not told here, the JSON report has it. */
#define MAX_PACKAGES 10
#define MAX_FATES 4

struct package {
	char *name, *version; /* owned; version may be NULL */
	uint64_t n;
};

struct fate {
	enum unr_fate fate;
	uint32_t layer;
	uint64_t n;
};

struct causes {
	struct package packages[MAX_PACKAGES];
	struct fate fates[MAX_FATES];
	size_t n_packages, n_fates;
	uint64_t other_packages; /* entries of packages that have no line */
};

static void causes_done(struct causes *causes)
{
	for (size_t i = 0; i < causes->n_packages; i++) {
		free(causes->packages[i].name);
		free(causes->packages[i].version);
	}
}
DEFINE_UNR_CLEANUP(struct causes, causes_done);

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int count_package(struct causes *causes, const struct unr_cause *cause)
{
	struct package *package = causes->packages;
	size_t i;

	for (i = 0; i < causes->n_packages; i++, package++)
		if (same_text(package->name, cause->package) &&
		    same_text(package->version, cause->package_version))
			break;
	if (i == MAX_PACKAGES) {
		causes->other_packages++;
		return 0;
	}
	package->n++;
	if (i < causes->n_packages)
		return 0;
	causes->n_packages++;
	package->name = strdup(cause->package);
	if (cause->package_version != NULL)
		package->version = strdup(cause->package_version);
	return package->name == NULL ||
			       (cause->package_version != NULL && package->version == NULL) ?
		       -1 :
		       0;
}

static void count_fate(struct causes *causes, const struct unr_cause *cause)
{
	size_t i = 0;

	while (i < causes->n_fates && (causes->fates[i].fate != cause->fate ||
				       causes->fates[i].layer != cause->fate_layer))
		i++;
	if (i == MAX_FATES)
		return;
	causes->fates[i].fate = cause->fate;
	causes->fates[i].layer = cause->fate_layer;
	causes->fates[i].n++;
	if (i == causes->n_fates)
		causes->n_fates++;
}

static int count_causes(const struct unr_text_report *report, const struct unr_choice *choice,
			struct causes *causes)
{
	unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
		unr_choice_start(choice, report->sink);
	const struct unr_finding *finding;

	while ((finding = unr_choice_next(&reader)) != NULL) {
		if (finding->cause.package != NULL && count_package(causes, &finding->cause) < 0)
			return -1;
		if (finding->cause.fate > UNR_FATE_KEPT)
			count_fate(causes, &finding->cause);
	}
	return 0;
}

static void put_packages(const struct unr_text_report *report, const struct causes *causes)
{
	for (size_t i = 0; i < causes->n_packages; i++) {
		const struct package *package = &causes->packages[i];

		unr_text_puts(report->out, "npm package ");
		unr_text_escape(report->out, package->name, strlen(package->name));
		if (package->version != NULL) {
			unr_text_puts(report->out, " ");
			unr_text_escape(report->out, package->version, strlen(package->version));
		}
		unr_text_puts(report->out, ": ");
		unr_layout_count(report->out, package->n, "entry", "entries");
		unr_text_puts(report->out, "\n");
	}
	if (causes->other_packages == 0)
		return;
	unr_text_puts(report->out, "other npm packages: ");
	unr_layout_count(report->out, causes->other_packages, "entry", "entries");
	unr_text_puts(report->out, "\n");
}

static void put_fate(const struct unr_text_report *report, const struct fate *fate)
{
	static const struct {
		const char *verb, *meaning;
	} words[UNR_FATE_COUNT_] = {
		[UNR_FATE_REOWNED] = { "gives another owner to",
				       "too late, the engine extracts this layer as it is." },
		[UNR_FATE_REPLACED] = { "replaces", "a container does not show them, but the "
						    "engine extracts this layer." },
		[UNR_FATE_REMOVED] = { "removes", "a container does not show them, but the engine "
						  "extracts this layer." },
	};
	unr_auto(unr_text_done) struct unr_text count = { 0 };
	struct unr_wrap wrap = { .out = report->out, .fresh = true };

	unr_layout_count(&count, fate->n, "entry", "entries");
	report->out->failed |= count.failed;
	unr_wrap_printf(&wrap, "Layer %" PRIu32 " %s %s of these: %s", fate->layer,
			words[fate->fate].verb, unr_text_string(&count), words[fate->fate].meaning);
	unr_text_puts(report->out, "\n");
}

void unr_text_put_causes(const struct unr_text_report *report, const struct unr_choice *choice)
{
	unr_auto(causes_done) struct causes causes = { 0 };

	if (count_causes(report, choice, &causes) < 0) {
		report->out->failed = true;
		return;
	}
	put_packages(report, &causes);
	for (size_t i = 0; i < causes.n_fates; i++)
		put_fate(report, &causes.fates[i]);
}
