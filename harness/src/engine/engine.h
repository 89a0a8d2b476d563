/* SPDX-License-Identifier: MIT */
/*
 * Whose rules and whose words: the table of engines, their arithmetic on owner
 * ids, and what they print.  Makes no system call and touches no file: for a
 * docker engine with userns-remap the verdict on an owner is arithmetic.
 */
#ifndef UNR_ENGINE_ENGINE_H
#define UNR_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "engine/driver.h"
#include "engine/start.h"
#include "usernsrepro/idmap.h"

/* How the image came to the engine; the words differ. */
enum unr_way { UNR_WAY_LOAD, UNR_WAY_PULL, UNR_WAY_COUNT_ };

/** unr_way_from_name() - "load" or "pull"; -ENOENT for others. */
UNR_MUST_CHECK int unr_way_from_name(const char *name);

/* How an attribute that cannot be set is told. */
enum unr_xattr_words {
	UNR_XATTR_BARE,      /* the errno's text alone */
	UNR_XATTR_NAME_PATH, /* lsetxattr NAME PATH: errno */
	UNR_XATTR_PATH_NAME, /* lsetxattr PATH: xattr "NAME": errno */
};

/*
 * What a rootless engine does otherwise.  It runs as root of a user namespace, has no map of its own
 * to compute with, and chowns with the header's ids: the kernel decides.  Device nodes, which need
 * the initial namespace, it leaves out with all that belongs to them.
 */
struct unr_rootless {
	/*
	 * For an owner that the kernel refused: %c the call, %p the path, %q the path as Go's %q has
	 * it, %u and %g the ids, %e the errno.
	 */
	const char *owner_words;
	const char *root;     /* in front of each path; NULL: paths begin at the layer's root */
	const char *around;   /* printf format: the layer's digest, the text; NULL: as dockerd */
	const char *xattr_op; /* in the log of an attribute passed over, with the path; or NULL */
	bool names_diff_id;   /* in @around, where the others have the digest of the blob */
	bool naive_diff;      /* extracts in vfs's way, whatever the driver */
	bool keeps_root;      /* looks at no entry for the layer's root */
	bool takes_duplicates;
};

/* A refusal of images for some operating system; the last row of a table has no words. */
struct unr_system_words {
	enum unr_way way;
	const char *system; /* NULL: any other but Linux */
	const char *words;  /* %s for the system, %q for the same as Go's %q */
	bool exact;         /* "Linux" is another one */
};

extern const struct unr_system_words unr_system_words_20_10[], unr_system_words_23_0[];

/*
 * One row of the engine table: a line of versions that behaves alike.  Each field is a rule that
 * changed at some version; zero is what docker 20.10 does, so a row names what is new in it.
 */
struct unr_engine {
	const char *name;
	const char *id_message; /* printf format for one id (long long) */
	/*
	 * Around the words of the extracting child: %s for why, its output, its errors and log.
	 * NULL: the engine extracts in its own process.  Then there is no wrapper and no log in
	 * the message, a broken stream's own words reach it, and what shows only behind the
	 * tar's end is not told (unr_engine_in_process()).
	 */
	const char *wrapper[UNR_DRIVER_COUNT_];

	/* reading */
	bool any_header_size;    /* x, g, L and K of more than 1 MiB are read (before go1.18.7) */
	bool zstd;               /* is decompressed; else taken for a tar */
	bool checks_global;      /* numbers and times in g headers must be well-formed */
	bool empty_xattrs;       /* attributes without a value are set */
	bool limits_sparse_maps; /* to 1 MiB (go1.24.8) */

	/* extracting */
	bool maps_bare_parents;   /* vfs: implied parents as overlay2 makes them, not 0600 */
	bool tells_lchown;        /* a failed lchown is told with path and ids */
	bool refuses_unsupported; /* an attribute that is not supported ends it */
	enum unr_xattr_words xattr_words;
	bool bounds_times; /* symlinks' times too; a directory's atime is not before its mtime */
	bool rooted;       /* by Go's os.Root: see unpack/rooted.h */

	/*
	 * Names by distribution/reference: hosts may be IPv6 addresses, a capital makes a host of
	 * the first component, and the length is the path's (tag.c).
	 */
	bool newer_names;
	bool older_times; /* in Go's words for a config: go1.15's */
	bool newer_types; /* of an image's config (image/go_types.c), and Go's words for them */

	/* For images of other operating systems (system.c); NULL: it takes them. */
	const struct unr_system_words *system_words;

	const struct unr_start *start; /* of containers */

	/* NULL: dockerd with userns-remap, which computes */
	const struct unr_rootless *rootless;
};

/** unr_engine_in_process() - does it extract without a child? */
bool unr_engine_in_process(const struct unr_engine *engine);

/* The most layers of an image that dockerd registers (layer/layer_store.go, maxLayerDepth). */
enum { UNR_ENGINE_MAX_DEPTH = 125 };

/** unr_engine_is_dockerd() - is it dockerd, rootless or not? */
bool unr_engine_is_dockerd(const struct unr_engine *engine);

/** unr_engine_find() - a row by its name, NULL when there is none. */
const struct unr_engine *unr_engine_find(const char *name);

/** unr_engine_list() - append the names, separated by commas, for help and messages. */
void unr_engine_list(struct unr_text *text);

/** unr_engine_steps() - the driver whose way of extracting the engine goes with @driver. */
enum unr_driver unr_engine_steps(const struct unr_engine *engine, enum unr_driver driver);

/**
 * unr_engine_takes_system() - does it take an image for that operating system?
 * @system:    of the image's config; "" where it names none
 * @ret_words: where it does not, what it says is appended
 */
bool unr_engine_takes_system(const struct unr_engine *engine, enum unr_way way, const char *system,
			     struct unr_text *ret_words);

/**
 * unr_engine_takes_tag() - may `docker load` give an image that name?
 * @tag:       of RepoTags
 * @ret_words: where it may not, what it says is appended
 */
bool unr_engine_takes_tag(const struct unr_engine *engine, const char *tag,
			  struct unr_text *ret_words);

/* What the engine makes of an owner. */
struct unr_ruling {
	bool uid_unmapped, gid_unmapped;
	/* Inside ids that the file would get; set for the halves that are mapped. */
	uint32_t uid, gid;
};

/**
 * unr_engine_rule() - map an owner as dockerd does (pkg/idtools ToHost, v20.10)
 * @uid, @gid: of the header, 64 bits, never cut
 *
 * Equal to the outside id of inside 0 counts as mapped already and becomes inside 0; each half
 * by itself.
 */
struct unr_ruling unr_engine_rule(const struct unr_idmaps *maps, int64_t uid, int64_t gid);

/** unr_engine_id_text() - the engine's sentence for an id without a place; owned, NULL: memory. */
char *unr_engine_id_text(const struct unr_engine *engine, int64_t id);

/* A chown that the kernel refused. */
struct unr_refusal {
	const char *call; /* "lchown" */
	const char *path; /* from the layer's root, with a leading slash */
	int64_t uid, gid; /* as in the header */
	int error;        /* positive errno */
};

/** unr_engine_owner_text() - a rootless engine's sentence for it; owned, NULL: memory. */
char *unr_engine_owner_text(const struct unr_engine *engine, const struct unr_refusal *refusal);

/* Where in the engine's work it stopped; the wrapper around its text follows from it. */
enum unr_stop_kind {
	UNR_STOP_NONE,
	UNR_STOP_CHILD, /* the extracting child failed with @text */
	UNR_STOP_FEED,  /* the child was content, but feeding it failed: @text */
	UNR_STOP_OPEN,  /* the decompressor could not be started: @text */
	UNR_STOP_LAYER, /* after the layer: @text stands alone */
	UNR_STOP_DEPTH, /* before it: the engine has no place for one more */
	UNR_STOP_COUNT_
};

/* What was said up to the stop; every text may be "". */
struct unr_said {
	enum unr_stop_kind kind;
	const char *text;   /* why it stopped */
	const char *output; /* of a child that was content: its standard output */
	const char *log;    /* what the child had logged before */
	/* Of the layer, for engines that name it; each may be NULL. */
	const char *digest, *diff_id;
};

/**
 * unr_engine_message() - what the engine's client prints, to the letter
 *
 * Return: an owned string, NULL when out of memory.
 */
char *unr_engine_message(const struct unr_engine *engine, enum unr_driver driver, enum unr_way way,
			 const struct unr_said *said);

/** unr_engine_xattr_text() - append what is said of an attribute that is the end; positive errno. */
void unr_engine_xattr_text(const struct unr_engine *engine, const char *path, const char *name,
			   int error, struct unr_text *ret);

/* Of an entry of a type that nothing unpacks; printf format for its code. */
#define UNR_ENGINE_UNKNOWN_TYPE "unhandled tar header type %d"

/** unr_go_errno() - append Go's text for an errno, e.g. "invalid argument" or "errno 524". */
void unr_go_errno(struct unr_text *text, int error);

/** unr_go_quote() - append a string as Go's %q shows it. */
void unr_go_quote(struct unr_text *text, const char *string, size_t length);

#endif
