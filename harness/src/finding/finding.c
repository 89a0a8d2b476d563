/* SPDX-License-Identifier: MIT */
/* The failure record's own small facts, names above all: see finding.h. */
#include "usernsrepro/finding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void unr_cause_done(struct unr_cause *cause)
{
	free(cause->package);
	free(cause->package_version);
	*cause = (struct unr_cause) { 0 };
}

void unr_finding_done(struct unr_finding *finding)
{
	if (finding == NULL)
		return;
	free(finding->path);
	free(finding->link);
	unr_cause_done(&finding->cause);
	*finding = (struct unr_finding) { 0 };
}

bool unr_finding_disagrees(const struct unr_finding *finding)
{
	/* A kernel that was not asked has no opinion. */
	if (finding->call == UNR_CALL_NONE)
		return false;
	return finding->engine_refused != (finding->error != 0);
}

static const struct {
	const char *name;
	char letter;
} types[UNR_ENTRY_TYPE_COUNT_] = {
	[UNR_ENTRY_FILE] = { "file", '-' },
	[UNR_ENTRY_DIRECTORY] = { "directory", 'd' },
	[UNR_ENTRY_SYMLINK] = { "symlink", 'l' },
	[UNR_ENTRY_HARDLINK] = { "hardlink", '-' }, /* one more name for a file */
	[UNR_ENTRY_CHAR] = { "char", 'c' },
	[UNR_ENTRY_BLOCK] = { "block", 'b' },
	[UNR_ENTRY_FIFO] = { "fifo", 'p' },
	[UNR_ENTRY_WHITEOUT] = { "whiteout", 'w' }, /* as on the BSDs, whose ls knows whiteouts */
	[UNR_ENTRY_OTHER] = { "other", '?' },
};

const char *unr_entry_type_name(enum unr_entry_type type)
{
	assert(type < UNR_ENTRY_TYPE_COUNT_);
	return types[type].name;
}

char unr_entry_type_letter(enum unr_entry_type type)
{
	assert(type < UNR_ENTRY_TYPE_COUNT_);
	return types[type].letter;
}

const char *unr_fate_name(enum unr_fate fate)
{
	static const char *const names[UNR_FATE_COUNT_] = {
		[UNR_FATE_UNKNOWN] = "",        [UNR_FATE_KEPT] = "kept",
		[UNR_FATE_REOWNED] = "reowned", [UNR_FATE_REPLACED] = "replaced",
		[UNR_FATE_REMOVED] = "removed",
	};

	assert(fate < UNR_FATE_COUNT_);
	return names[fate];
}

const char *unr_package_kind_name(enum unr_package_kind kind)
{
	static const char *const names[UNR_PACKAGE_KIND_COUNT_] = {
		[UNR_PACKAGE_NONE] = "",    [UNR_PACKAGE_NPM] = "npm",
		[UNR_PACKAGE_PIP] = "pip",  [UNR_PACKAGE_GEM] = "gem",
		[UNR_PACKAGE_GO] = "go",    [UNR_PACKAGE_COMPOSER] = "composer",
		[UNR_PACKAGE_DEB] = "dpkg", [UNR_PACKAGE_APK] = "apk",
	};

	assert(kind < UNR_PACKAGE_KIND_COUNT_);
	return names[kind];
}

const char *unr_call_name(enum unr_call call)
{
	static const char *const names[UNR_CALL_COUNT_] = {
		[UNR_CALL_NONE] = "",
		[UNR_CALL_LCHOWN] = "lchown",
	};

	assert(call < UNR_CALL_COUNT_);
	return names[call];
}
