/* SPDX-License-Identifier: MIT */
/*
 * What vfs must know of the layers below when the tree is kept: which directories
 * the engine leaves to the host's root, and which attributes were set with its
 * privilege, so that the namespace cannot see them.  It is written by one process
 * a layer, one after the other, so it lives in files without a name.
 */
#ifndef UNR_UNPACK_LEDGER_H
#define UNR_UNPACK_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "usernsrepro/attr.h"

struct unr_ledger {
	int directories_fd; /* owned; struct unr_ledger_directory one after the other */
	int attributes_fd;  /* owned; struct unr_ledger_attribute */
};

#define UNR_LEDGER_NONE ((struct unr_ledger) { -EBADF, -EBADF })

/* An inode number can come back for another node: readers bear a record that does not fit. */
struct unr_ledger_directory {
	uint64_t inode;
	uint64_t order;   /* of the record in the file */
	uint64_t foreign; /* 1: the host's root's, 0: no longer */
};

struct unr_ledger_attribute {
	uint64_t inode;
	uint64_t order;
	char name[256];
	uint32_t length; /* of the value; 0 for one that is gone, or too long to be kept */
	char value[28];  /* of a capability, which is the one that outlives a copy */
};

/** unr_ledger_open() - an empty one; 0 or -errno. */
UNR_MUST_CHECK int unr_ledger_open(struct unr_ledger *ret);
void unr_ledger_done(struct unr_ledger *ledger);

/** unr_ledger_note_directory() - from now on the host's root's, or no longer; 0 or -errno. */
UNR_MUST_CHECK int unr_ledger_note_directory(const struct unr_ledger *ledger, ino_t inode,
					     bool foreign);

/**
 * unr_ledger_foreign() - the directories that are the host's root's, sorted by inode
 * @ret: owned by the caller; each once
 *
 * Return: how many, or -errno.
 */
UNR_MUST_CHECK ssize_t unr_ledger_foreign(const struct unr_ledger *ledger,
					  struct unr_ledger_directory **ret);

/** unr_ledger_note_attribute() - set with the host's privilege; 0 or -errno. */
UNR_MUST_CHECK int unr_ledger_note_attribute(const struct unr_ledger *ledger, ino_t inode,
					     const char *name, const void *value, size_t length);

/**
 * unr_ledger_attributes() - all that were ever noted, sorted by inode, then in their order
 * @ret: owned by the caller
 *
 * Return: how many, or -errno.
 */
UNR_MUST_CHECK ssize_t unr_ledger_attributes(const struct unr_ledger *ledger,
					     struct unr_ledger_attribute **ret);

#endif
