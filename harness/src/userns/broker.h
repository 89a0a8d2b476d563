/* SPDX-License-Identifier: MIT */
/*
 * The few things that an engine does with the host's privilege and that no user
 * namespace allows: device nodes, attributes that only the host's root may set,
 * and directories that belong to it.  Runs in the parent, for a child that reads
 * hostile bytes: what is asked for is looked at, and done below one directory
 * only, without following a link or a mount out of it.
 */
#ifndef UNR_USERNS_BROKER_H
#define UNR_USERNS_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "usernsrepro/attr.h"

struct unr_broker {
	int tree_fd;    /* borrowed; the directory of the kept tree; -EBADF: there is no broker */
	uid_t root_uid; /* the namespace's root, on the host */
	gid_t root_gid;
};

/* What can be asked for. */
enum unr_broker_task {
	UNR_BROKER_MKNOD,     /* a character or block device, owned by the namespace's root */
	UNR_BROKER_SET_XATTR, /* trusted.*, security.*, ACLs with the host's ids */
	/* A directory of mode 0600 that belongs to the namespace's root goes to the host's. */
	UNR_BROKER_DISOWN,
	UNR_BROKER_TASK_COUNT_
};

struct unr_broker_request {
	enum unr_broker_task task;
	const char *directory; /* of the layer, below the tree's */
	const char *path;      /* absolute, in that directory as root */
	bool follow;           /* SET_XATTR: a symlink at its end is followed */
	uint32_t mode;         /* MKNOD: with the type */
	uint32_t major, minor;
	const char *name;  /* SET_XATTR */
	const char *value; /* NULL: it is removed */
	size_t value_length;
};

/**
 * unr_broker_do() - do what was asked for, if it may be
 *
 * Return: 0, the kernel's answer as -errno, or -EBADRQC for a request that no honest child makes.
 */
UNR_MUST_CHECK int unr_broker_do(const struct unr_broker *broker,
				 const struct unr_broker_request *request);

#endif
