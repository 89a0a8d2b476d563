/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of unpack/ only: the state of one layer's extraction and
 * the steps that an entry goes through.
 *
 * A step returns 0, STEP_FAILED when the engine would end here (the text is in
 * unpack->text), or a negative errno when the work itself cannot go on.
 */
#ifndef UNR_UNPACK_INTERNAL_H
#define UNR_UNPACK_INTERNAL_H

#include <sys/stat.h>

#include "base/nameset.h"
#include "base/records.h"
#include "base/text.h"
#include "unpack/unpack.h"

#define STEP_FAILED 1

/* Marks of what lower layers lose, by the base name of an entry. */
#define WHITEOUT_PREFIX ".wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"
#define WHITEOUT_METADATA ".wh..wh."

/* Names seen, for the duplicate rule, and paths made, without their slash: mostly the same text. */
#define MARK_SEEN UNR_MARK_FIRST
#define MARK_MADE UNR_MARK_SECOND

struct unpack;

/* What differs between the engine's drivers. */
struct driver {
	mode_t umask; /* of the engine's extractor */
	/* The steps of one entry. */
	int (*unpack_entry)(struct unpack *u);
};

struct unpack {
	struct unr_tar *tar;
	const struct driver *driver;
	const struct unr_unpack_options *options;
	struct unr_unpack_result *result;
	struct unr_error *err;

	const struct unr_tar_entry *entry;
	struct unr_text name;   /* of the entry, cleaned */
	struct unr_text path;   /* "/" joined with it: where it goes */
	struct unr_text parent; /* of that */
	struct unr_text target; /* of a hard link, from "/" */
	struct unr_text local;  /* rooted engines: the name, cleaned and without leading slashes */
	size_t unshown;         /* bytes at a path's beginning that messages leave out */
	struct unr_text text;   /* the engine's words for a step that failed */
	struct unr_text log;    /* what its child would have logged */

	struct unr_ruling ruling;
	bool refused;       /* by the engine */
	enum unr_call call; /* made for the owner */
	int call_error;     /* its errno */

	struct unr_nameset names; /* of this layer, with the marks above */
	uint64_t layer_size;      /* sizes of the headers, as the vfs extractor adds them up */
	struct aufs *aufs;        /* owned; what vfs keeps for one layer; NULL for overlay2 */
	struct unr_records directories; /* owned; for the last pass over the times */
	/* What the last entry found out saves the next one a call. */
	struct unr_text known_parent; /* is there, unless it is empty */
	int parent_fd;                /* owned; the same, from its second entry on; or -EBADF */
	int fd;              /* owned; the file of this entry, for what is done to it; or -EBADF */
	bool made;           /* the node of this entry, while its way was made, and no fd is left */
	char *buffer;        /* owned; for contents on their way; NULL until the first */
	uint64_t nodes;      /* made so far, or tried */
	int look_error;      /* 0, or the errno of this host's for which a look is worth nothing */
	uint64_t read_again; /* bytes of contents that are kept of a tree that is not */
};

/* path.c: names as Go's path/filepath cleans, splits and joins them */
void path_clean(const char *name, size_t length, struct unr_text *ret);
void path_join_root(const char *name, size_t length, struct unr_text *ret);
void path_dirname(const struct unr_text *path, struct unr_text *ret);
const char *path_basename(const struct unr_text *path);

/*
 * look.c: a look at what is there, where the engine goes on whatever the answer is.  An answer that
 * is this host's trouble ends the entry: its verdict would be another one.
 */

/** look_at() - lstat(2); look_behind() - stat(2); 0 or -errno */
int look_at(struct unpack *u, const char *path, struct stat *ret);
int look_behind(struct unpack *u, const char *path, struct stat *ret);

/* limits.c: what a layer may take of the host; each 0, or an error of the harness */

/** limit_node() - one more file, directory or whatever is about to be made */
UNR_MUST_CHECK int limit_node(struct unpack *u);

/** limit_size() - the file of this entry is about to be written */
UNR_MUST_CHECK int limit_size(struct unpack *u);

/* fail.c: the engine's words for a call that failed, or the harness's own trouble */

/** is_own_trouble() - does a positive errno say something of this host and nothing of the layer? */
bool is_own_trouble(int error);

/** own_trouble() - the harness's error for it; @error is negative, and returned. */
UNR_MUST_CHECK int own_trouble(struct unpack *u, const char *op, int error);

/** fail_op() - "<op> <path>: <errno>", Go's os.PathError, both as the engine shows them. */
UNR_MUST_CHECK int fail_op(struct unpack *u, const char *op, const char *path, int error);

/** fail_path() - the same, both as they are given; @error is negative. */
UNR_MUST_CHECK int fail_path(struct unpack *u, const char *op, const char *path, int error);

/** fail_escape() - os.Root's error for a path that leaves it. */
UNR_MUST_CHECK int fail_escape(struct unpack *u, const char *op, const char *path);

/** shown_path() - a path from "/" as the engine's messages have it; borrowed. */
const char *shown_path(const struct unpack *u, const char *path);

/** fail_link() - "<op> <old> <new>: <errno>", Go's os.LinkError; @target as it is given. */
UNR_MUST_CHECK int fail_link(struct unpack *u, const char *op, const char *target, const char *path,
			     int error);

/** fail_bare() - the errno's text alone. */
UNR_MUST_CHECK int fail_bare(struct unpack *u, int error);

/** fail_quoted() - "<what> <name>", the name as Go's %q. */
UNR_MUST_CHECK int fail_quoted(struct unpack *u, const char *what, const char *name, size_t length);

/** fail_text() - a sentence of the engine's own. */
UNR_MUST_CHECK int fail_text(struct unpack *u, const char *fmt, ...) UNR_PRINTF(2, 3);

/* parents.c */

/** make_parents() - overlay2: missing ones 0755, owned by the mapped root. */
UNR_MUST_CHECK int make_parents(struct unpack *u);

/** make_bare_parents() - vfs: missing ones 0600, their owner left as it comes. */
UNR_MUST_CHECK int make_bare_parents(struct unpack *u);

/** forget_parent() - something is removed: the known parent may be another from now on. */
void forget_parent(struct unpack *u);

/* Where a call finds a path: from a directory, or from "/" (AT_FDCWD). */
struct place {
	int at;
	const char *path; /* borrowed */
};

/** place_of() - a path by the shortest way: the kernel need not look up a known parent again. */
struct place place_of(const struct unpack *u, const char *path);

/* remove.c */

/** remove_all() - a path and all below it, as Go's os.RemoveAll; a missing one is fine. */
UNR_MUST_CHECK int remove_all(struct unpack *u, const char *path);

/* create.c */

/** header_mode() - the permissions that the header has */
mode_t header_mode(const struct unpack *u);

/** create_entry() - the node; what is in a file comes from the tar. */
UNR_MUST_CHECK int create_entry(struct unpack *u);

/** leaves_out() - is it a device, and the engine one that leaves devices out? */
bool leaves_out(const struct unpack *u);

/** create_new_file() - the empty file, if nothing is there, as u->fd or u->made; 0 or -errno. */
UNR_MUST_CHECK int create_new_file(struct unpack *u);

/** create_copy() - a file with the content of @source_fd instead. */
UNR_MUST_CHECK int create_copy(struct unpack *u, int source_fd);

/* overlay2.c, vfs.c */

/** create_new_directory() - if nothing is there; 0 or -errno. */
UNR_MUST_CHECK int create_new_directory(struct unpack *u);

/** clear_way() - remove what stands where the entry goes, unless both are directories. */
UNR_MUST_CHECK int clear_way(struct unpack *u);

/** finish_entry() - owner and the rest, behind the node. */
UNR_MUST_CHECK int finish_entry(struct unpack *u);

/** place_entry() - an entry that is no mark: its node and all that belongs to it. */
UNR_MUST_CHECK int place_entry(struct unpack *u);

/** place_vfs_entry() - the same on vfs, with what stands in its way removed first. */
UNR_MUST_CHECK int place_vfs_entry(struct unpack *u);

/** hide_lower() - remove all below @directory that no entry of this layer made. */
UNR_MUST_CHECK int hide_lower(struct unpack *u, const char *directory);

UNR_MUST_CHECK int unpack_overlay2_entry(struct unpack *u);
UNR_MUST_CHECK int unpack_vfs_entry(struct unpack *u);

/* rooted.c: the same for engines on os.Root, and what else differs there */
UNR_MUST_CHECK int unpack_rooted_overlay2_entry(struct unpack *u);
UNR_MUST_CHECK int unpack_rooted_vfs_entry(struct unpack *u);

/** rooted_target() - check and look up a hard link's target: u->target. */
UNR_MUST_CHECK int rooted_target(struct unpack *u);

/** rooted_check_node() - is it a device that may be asked for, in a directory? */
UNR_MUST_CHECK int rooted_check_node(struct unpack *u);

/** rooted_utimens() - the times of a directory that may be something else by now. */
UNR_MUST_CHECK int rooted_utimens(struct unpack *u, const char *path,
				  const struct timespec times[2]);

/** rooted_xattr_path() - what attributes are set on: symlinks are followed. */
UNR_MUST_CHECK int rooted_xattr_path(struct unpack *u, struct unr_text *ret);

/* aufs.c: what AUFS left in layers, and what vfs has to know of a layer */

/** aufs_new() - the state of one layer, with its directory where the engine has it; 0 or -errno. */
UNR_MUST_CHECK int aufs_new(struct unpack *u);

/** aufs_done() - free it and remove the temporary directory. */
void aufs_done(struct unpack *u);

/** aufs_is_metadata() - names at the top that begin with ".wh..wh.". */
bool aufs_is_metadata(const struct unpack *u);

/** aufs_keep_link() - a file below .wh..wh.plnk is kept aside for later hard links; others not. */
UNR_MUST_CHECK int aufs_keep_link(struct unpack *u);

/**
 * aufs_retarget() - is the entry a hard link to such a file?
 * @ret_fd: its content, owned by the caller, and u->entry is the kept header from now on; -EBADF
 *          when it is no such link
 */
UNR_MUST_CHECK int aufs_retarget(struct unpack *u, int *ret_fd);

/** aufs_settle_link() - the kept header has the host's ids once it was used. */
void aufs_settle_link(struct unpack *u);

UNR_MUST_CHECK int aufs_add_path(struct unpack *u);

/** aufs_has_path() - did an entry of this layer make that path? */
bool aufs_has_path(const struct unpack *u, const struct unr_text *path);

/* whiteout.c */

/** is_whiteout() - by the base name alone, whatever the type. */
bool is_whiteout(const struct unpack *u);
UNR_MUST_CHECK int make_whiteout(struct unpack *u);

/* owner.c */

/** rule_owner() - the engine's arithmetic, if it has one; the first refusal becomes the stop. */
UNR_MUST_CHECK int rule_owner(struct unpack *u);

/** apply_owner() - the real lchown with the header's ids; what a rootless engine goes by. */
UNR_MUST_CHECK int apply_owner(struct unpack *u, const char *path);

/** report_owner() - a finding when engine or kernel refused. */
UNR_MUST_CHECK int report_owner(struct unpack *u);

/* xattr.c */
UNR_MUST_CHECK int apply_xattrs(struct unpack *u);

/* metadata.c: what follows the owner: xattrs, mode, times, in that order */
UNR_MUST_CHECK int apply_metadata(struct unpack *u);

/* times.c */

/** directories_open() - unr_records_open_fn: the extractor sees no file system but the layer's. */
int directories_open(const char **ret_where);
UNR_MUST_CHECK int apply_times(struct unpack *u, bool through_links);
UNR_MUST_CHECK int remember_directory(struct unpack *u);

/** apply_directory_times() - the last pass, over every directory entry in order. */
UNR_MUST_CHECK int apply_directory_times(struct unpack *u);

/** keep_stop() - the layer's stop, unless there is one already; takes the text of @u. */
UNR_MUST_CHECK int keep_stop(struct unpack *u, enum unr_stop_kind kind);

/** target_is_link() - is a hard link's target, seen from "/", a symlink or missing? */
bool target_is_link(struct unpack *u);

#endif
