/* SPDX-License-Identifier: MIT */
/*
 * An entry onto the disk, by dockerd's steps.  Works in the process's own root
 * directory, which the caller has made the layer's; makes the real calls; says
 * where the engine would have stopped and which owners were refused.  It does
 * not know where layers come from, nor how findings are shown.
 */
#ifndef UNR_UNPACK_UNPACK_H
#define UNR_UNPACK_UNPACK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "engine/engine.h"
#include "tar/tar.h"
#include "unpack/ledger.h"
#include "usernsrepro/error.h"
#include "usernsrepro/finding.h"
#include "usernsrepro/limits.h"

/* Where the engine stops in a layer, and with which text (without its wrapper). */
struct unr_stop {
	enum unr_stop_kind kind;
	char *text; /* owned */
	char *path; /* owned; the entry's cleaned name; NULL when it is no entry */
	size_t path_length;
	uint64_t entry;
	bool has_id;
	int64_t id;
	enum unr_id_kind id_kind;
};

void unr_stop_done(struct unr_stop *stop);

/*
 * What only the host's root can do, done by somebody who is.  Paths are absolute in the root
 * directory; each answers 0 or the kernel's -errno, and -EPROTO where the work cannot go on.
 */
struct unr_privileged {
	/** make_node() - a device; it belongs to inside 0:0 then, without any permission. */
	int (*make_node)(void *context, const char *path, mode_t type, uint32_t major,
			 uint32_t minor);
	/**
	 * set_xattr() - as the host's root sets it
	 * @follow: a symlink at the end of @path is followed
	 * @value:  NULL: the attribute is removed
	 */
	int (*set_xattr)(void *context, const char *path, bool follow, const char *name,
			 const void *value, size_t length);
	/** disown() - a directory of inside 0:0 and mode 0600 goes to the host's root. */
	int (*disown)(void *context, const char *path);
	void *context;
};

/*
 * The bit of a file's mode that says, in a tree that goes away: it has contents, and they were not
 * kept.  Of a file, and not of a directory, it means nothing to the kernel (chmod(2)).
 */
#define UNR_MODE_WITHOUT_CONTENT S_ISVTX

struct unr_unpack_options {
	const struct unr_engine *engine;
	enum unr_driver driver;
	const struct unr_idmaps *maps; /* what the engine computes with */
	/* Write all contents; else files are sparse and only as long, but for few (create.c). */
	bool store;
	bool fleeting;  /* it goes away unseen: files need neither mode nor length nor times */
	bool for_mount; /* the kernel's overlayfs is to mount the tree in this very namespace */
	const struct unr_limits *limits; /* of a file's size and their number; NULL: none */
	int opaque_fd; /* borrowed; where opaque directories are noted; -EBADF: nowhere */
	const struct unr_privileged *privileged; /* NULL: nobody has that privilege */
	const struct unr_ledger *ledger; /* of a kept tree of vfs; NULL: nobody will read it */
	bool stop_at_first;              /* do not go on behind the engine's stop */
	uint32_t layer;                  /* goes into the findings */
	/* Takes a finding (borrowed); a negative errno ends the work with it. */
	int (*found)(void *context, const struct unr_finding *finding);
	/* Told after each entry how many there were; may be NULL. */
	void (*step)(void *context, uint64_t entries);
	void *context;
};

struct unr_unpack_result {
	uint64_t entries, chowns, refused, failures;
	uint32_t highest[UNR_ID_KIND_COUNT_]; /* ids; without those that no map can hold */
	uint64_t stand_ins;      /* device nodes that stand as fifos: making them needs real root */
	uint64_t skipped_xattrs; /* attributes that only real root can set */
	uint64_t skipped_owners; /* directories that would belong to the host's root */
	bool complete;           /* the tar was read to its end */
	struct unr_stop stop;    /* owned; kind NONE: the engine is content so far */
	char *log;               /* owned; what the engine's child had logged up to its stop */
	char *output;            /* owned; what it prints when it is content */
};

void unr_unpack_result_done(struct unr_unpack_result *result);

/**
 * unr_unpack() - extract one layer into the root directory
 * @tar: at the start of the layer
 * @ret: owned by the caller
 *
 * The root directory is empty for overlay2 and holds the lower layers for vfs; the working
 * directory is "/".  Sets the umask to the one the engine's extractor has.  The steps and their
 * order are those of v20.10.24: pkg/archive/archive.go (Unpack, createTarFile) and diff.go
 * (UnpackLayer); each is described where it is made.
 *
 * Return: 0 also where the engine stops (@ret->stop says so), or a negative errno with @err when
 * the work itself could not be done (no space, no memory, the source could not be read).
 */
UNR_MUST_CHECK int unr_unpack(struct unr_tar *tar, const struct unr_unpack_options *options,
			      struct unr_unpack_result *ret, struct unr_error *err);

#endif
