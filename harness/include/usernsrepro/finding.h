/* SPDX-License-Identifier: MIT */
/*
 * The product: facts about one entry whose owner the engine or the kernel
 * refused.  No sentences here; report/ makes them.
 */
#ifndef USERNSREPRO_FINDING_H
#define USERNSREPRO_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usernsrepro/attr.h"

enum unr_entry_type {
	UNR_ENTRY_FILE,
	UNR_ENTRY_DIRECTORY,
	UNR_ENTRY_SYMLINK,
	UNR_ENTRY_HARDLINK,
	UNR_ENTRY_CHAR,
	UNR_ENTRY_BLOCK,
	UNR_ENTRY_FIFO,
	UNR_ENTRY_WHITEOUT,
	UNR_ENTRY_OTHER, /* a tar type that no engine extracts */
	UNR_ENTRY_TYPE_COUNT_
};

/* The call that was made for the entry's owner. */
enum unr_call { UNR_CALL_NONE, UNR_CALL_LCHOWN, UNR_CALL_COUNT_ };

/* The kernel's own limit: a system call answers nothing below -4095 that is an error. */
enum { UNR_FINDING_MAX_ERROR = 4095 };

/* What the layers above do to an entry. */
enum unr_fate {
	UNR_FATE_UNKNOWN, /* nobody looked, or it cannot be told */
	UNR_FATE_KEPT,
	UNR_FATE_REOWNED,  /* the same thing with another owner */
	UNR_FATE_REPLACED, /* something else takes its place */
	UNR_FATE_REMOVED,  /* by a whiteout, or with a directory that it was in */
	UNR_FATE_COUNT_
};

/* Who keeps the list of what a package has. */
enum unr_package_kind {
	UNR_PACKAGE_NONE,
	UNR_PACKAGE_NPM,
	UNR_PACKAGE_PIP,
	UNR_PACKAGE_GEM,
	UNR_PACKAGE_COMPOSER,
	UNR_PACKAGE_GO,
	UNR_PACKAGE_DEB,
	UNR_PACKAGE_APK,
	UNR_PACKAGE_KIND_COUNT_
};

/* Of a failure: who brought the entry, and what becomes of it. */
struct unr_cause {
	enum unr_fate fate;
	uint32_t fate_layer; /* which does that; of UNKNOWN and KEPT 0 */
	enum unr_package_kind kind;
	char *package;         /* owned; its name, NULL with NONE */
	char *package_version; /* owned; NULL when it says none */
	/*
	 * How many elements of the entry's path lead to the folder that it came with: the package's;
	 * without one the topmost directory that fails in the same layer.  0: there is none.
	 */
	uint32_t folder_depth;
};

struct unr_finding {
	uint32_t layer; /* index in the image, the bottom layer is 0 */
	uint64_t entry; /* position in the layer's tar, the first is 0 */
	enum unr_entry_type type;
	uint32_t mode;                   /* permission bits of the header, 07777 */
	uint64_t size;                   /* bytes of a regular file */
	int64_t mtime;                   /* seconds since 1970 */
	int64_t uid, gid;                /* inside ids as the header has them, 64 bits */
	int64_t header_uid, header_gid;  /* the ustar fields, when a pax record replaced them */
	bool uid_unmapped, gid_unmapped; /* engine: outside its range */
	bool engine_refused;             /* engine: this entry stops it */
	enum unr_call call;              /* what was really tried; NONE when nothing could be */
	int error;                       /* positive errno of that call; 0: the kernel took it */
	char *path;                      /* owned; cleaned, inside the layer; raw bytes */
	size_t path_length;
	char *link; /* owned; target of a link, NULL otherwise */
	size_t link_length;
	struct unr_cause cause; /* owned; all zero where it was not looked for */
};

UNR_EXPORT void unr_cause_done(struct unr_cause *cause);
UNR_EXPORT void unr_finding_done(struct unr_finding *finding);

/**
 * unr_finding_disagrees() - do engine and kernel answer differently?
 *
 * A finding is a failure when the engine refuses the entry (@engine_refused); what only the kernel
 * refuses under a docker engine with userns-remap is a disagreement alone: the deployment would go
 * through.  What only the engine refuses (4294967295) is both.
 */
UNR_EXPORT bool unr_finding_disagrees(const struct unr_finding *finding);

/** unr_entry_type_name() - the word of the JSON report, e.g. "directory". */
UNR_EXPORT const char *unr_entry_type_name(enum unr_entry_type type);

/** unr_entry_type_letter() - the first column of ls -l, e.g. 'd'. */
UNR_EXPORT char unr_entry_type_letter(enum unr_entry_type type);

/** unr_fate_name() - the word of the JSON report, e.g. "reowned"; "" for UNKNOWN. */
UNR_EXPORT const char *unr_fate_name(enum unr_fate fate);

/** unr_package_kind_name() - the word of the JSON report, e.g. "npm"; "" for NONE. */
UNR_EXPORT const char *unr_package_kind_name(enum unr_package_kind kind);

/** unr_call_name() - "lchown", or "" for NONE. */
UNR_EXPORT const char *unr_call_name(enum unr_call call);

#endif
