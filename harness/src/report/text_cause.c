/* SPDX-License-Identifier: MIT */
/*
 * Who brought the failing entries of a layer: a line for each package, with the
 * ids that it has and where it lies.  Packages without a line are counted.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/fault.h"
#include "report/folder.h"
#include "report/text_part.h"

#define MAX_PACKAGES 10
/* With --verbose, where every entry is listed as well. */
#define MAX_VERBOSE_PACKAGES 256

struct package {
	enum unr_package_kind kind;
	char *name, *version; /* owned; version may be NULL */
	char *path;           /* owned; folder of its first entry */
	struct unr_folder common;
	struct unr_fault fault; /* of the first entry */
	bool mixed;             /* others have other ids */
	bool only_files;
	uint64_t n;
};

struct packages {
	struct package list[MAX_VERBOSE_PACKAGES];
	size_t n, max;
	uint64_t others; /* entries of packages that have no line */
};

static void packages_done(struct packages *packages)
{
	for (size_t i = 0; i < packages->n; i++) {
		free(packages->list[i].name);
		free(packages->list[i].version);
		free(packages->list[i].path);
	}
	free(packages);
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static struct package *find_package(struct packages *packages, const struct unr_cause *cause)
{
	for (size_t i = 0; i < packages->n; i++)
		if (packages->list[i].kind == cause->kind &&
		    same_text(packages->list[i].name, cause->package) &&
		    same_text(packages->list[i].version, cause->package_version))
			return &packages->list[i];
	return NULL;
}

/* NULL: no memory. */
static struct package *add_package(struct packages *packages, const struct unr_finding *finding)
{
	const struct unr_cause *cause = &finding->cause;
	struct unr_folder folder = unr_folder_of(finding);
	struct package *package = &packages->list[packages->n++];

	*package = (struct package) { .kind = cause->kind,
				      .name = strdup(cause->package),
				      .path = strndup(folder.path, folder.length),
				      .fault = unr_fault_of(finding),
				      .only_files = true };
	package->common = (struct unr_folder) { package->path, folder.length };
	if (cause->package_version != NULL)
		package->version = strdup(cause->package_version);
	return package->name == NULL || package->path == NULL ||
			       !same_text(package->version, cause->package_version) ?
		       NULL :
		       package;
}

static int take(struct packages *packages, const struct unr_finding *finding)
{
	struct unr_fault fault = unr_fault_of(finding);
	struct package *package = find_package(packages, &finding->cause);

	if (package == NULL && packages->n == packages->max) {
		packages->others++;
		return 0;
	}
	if (package == NULL)
		package = add_package(packages, finding);
	if (package == NULL)
		return -1;
	package->n++;
	package->mixed |= !unr_fault_same(&fault, &package->fault);
	package->only_files &= finding->type == UNR_ENTRY_FILE;
	package->common = unr_folder_common(package->common, unr_folder_of(finding));
	return 0;
}

/* A line's cells, which are padded to the same widths. */
struct cells {
	struct unr_text name, count; /* owned */
	char ids[UNR_FAULT_TEXT];
};

static void cells_done(struct cells *cells)
{
	unr_text_done(&cells->name);
	unr_text_done(&cells->count);
}
DEFINE_UNR_CLEANUP(struct cells, cells_done);

static void fill_cells(const struct package *package, struct cells *cells)
{
	unr_text_clear(&cells->name);
	unr_text_clear(&cells->count);
	unr_text_printf(&cells->name, "%s ", unr_package_kind_name(package->kind));
	unr_text_escape(&cells->name, package->name, strlen(package->name));
	if (package->version != NULL) {
		unr_text_puts(&cells->name, " ");
		unr_text_escape(&cells->name, package->version, strlen(package->version));
	}
	if (package->only_files)
		unr_layout_count(&cells->count, package->n, "file", "files");
	else
		unr_layout_count(&cells->count, package->n, "entry", "entries");
	if (package->mixed)
		(void) strcpy(cells->ids, "several owners");
	else
		unr_fault_format(&package->fault, cells->ids);
}

static void put_packages(const struct unr_text_report *report, const struct packages *packages)
{
	unr_auto(cells_done) struct cells cells = { .ids = "" };
	struct unr_text *out = report->out;
	size_t name = 0, count = 0, ids = 0;

	for (size_t i = 0; i < packages->n; i++) {
		fill_cells(&packages->list[i], &cells);
		name = cells.name.length > name ? cells.name.length : name;
		count = cells.count.length > count ? cells.count.length : count;
		ids = strlen(cells.ids) > ids ? strlen(cells.ids) : ids;
	}
	for (size_t i = 0; i < packages->n; i++) {
		const struct package *package = &packages->list[i];

		fill_cells(package, &cells);
		out->failed |= cells.name.failed || cells.count.failed;
		unr_text_printf(out, "  %-*s  %*s  %-*s  ", (int) name,
				unr_text_string(&cells.name), (int) count,
				unr_text_string(&cells.count), (int) ids, cells.ids);
		unr_text_escape(out, package->common.path, package->common.length);
		unr_text_puts(out, package->common.length == 0 ? "./\n" : "/\n");
	}
	if (packages->others == 0)
		return;
	unr_text_puts(out, "  and ");
	unr_layout_count(out, packages->others, "entry", "entries");
	unr_text_puts(out, " more of other packages\n");
}

bool unr_text_put_packages(const struct unr_text_report *report, const struct unr_choice *choice)
{
	unr_auto(unr_choice_reader_done) struct unr_choice_reader reader =
		unr_choice_start(choice, report->sink);
	struct packages *packages = calloc(1, sizeof(*packages));
	const struct unr_finding *finding;
	bool any;

	if (packages == NULL) {
		report->out->failed = true;
		return false;
	}
	packages->max = report->options->verbose ? MAX_VERBOSE_PACKAGES : MAX_PACKAGES;
	while ((finding = unr_choice_next(&reader)) != NULL)
		if (finding->cause.package != NULL && take(packages, finding) < 0)
			report->out->failed = true;
	any = packages->n > 0;
	put_packages(report, packages);
	packages_done(packages);
	return any;
}
