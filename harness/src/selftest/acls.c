/* SPDX-License-Identifier: MIT */
/* ACLs that name users and groups: each namespace sees its own numbers in them. */
#include <endian.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "selftest/groups.h"
#include "selftest/kit.h"

#define MAPPED "commit 2f6f0654ab61"
#define ACCESS "system.posix_acl_access"

#define MAP "0 1000 1000"
#define OUTSIDE 1000

/* As linux/posix_acl_xattr.h has it, with the tags of linux/posix_acl.h. */
enum { ACL_VERSION = 2 };
enum { USER_OBJ = 1, USER = 2, GROUP_OBJ = 4, GROUP = 8, MASK = 16, OTHER = 32 };

struct acl_entry {
	uint16_t tag, permissions;
	uint32_t id;
};

/* The least that names one: u::rw-,u:ID:r--,g::---,g:ID:r--,m::r--,o::--- */
struct acl {
	uint32_t version;
	struct acl_entry entries[6];
};

static struct acl make_acl(uint32_t uid, uint32_t gid)
{
	const uint32_t none = htole32(UINT32_MAX);

	return (struct acl) {
		.version = htole32(ACL_VERSION),
		.entries = {
			{ htole16(USER_OBJ), htole16(6), none },
			{ htole16(USER), htole16(4), htole32(uid) },
			{ htole16(GROUP_OBJ), 0, none },
			{ htole16(GROUP), htole16(4), htole32(gid) },
			{ htole16(MASK), htole16(4), none },
			{ htole16(OTHER), 0, none },
		},
	};
}

static int set_acl(const char *path, uint32_t uid, uint32_t gid)
{
	const struct acl acl = make_acl(uid, gid);

	return setxattr(path, ACCESS, &acl, sizeof(acl), 0);
}

/* The ACL names these two; -1: one without a place. */
static void want_acl(struct st *t, const char *path, uint32_t uid, uint32_t gid)
{
	struct acl acl = { 0 };

	/* The length does not depend on who asks. */
	st_equal(t, sizeof(acl), getxattr(path, ACCESS, NULL, 0));
	st_equal(t, sizeof(acl), getxattr(path, ACCESS, &acl, sizeof(acl)));
	st_equal(t, uid, le32toh(acl.entries[1].id));
	st_equal(t, gid, le32toh(acl.entries[3].id));
}

static void prepare(struct st *t)
{
	st_want(t, 0, chown(".", OUTSIDE, OUTSIDE));
	st_file(t, "file", 0640, OUTSIDE, OUTSIDE);
	if (set_acl("file", 5, 5) < 0 && errno == EOPNOTSUPP)
		st_skip(t, "this file system has no ACLs here");
	st_want(t, 0, removexattr("file", ACCESS));
}

static void set_inside(struct st *t)
{
	st_want(t, 0, set_acl("file", 5, 6));
	want_acl(t, "file", 5, 6);
}

static void outwards(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, set_inside);
	want_acl(t, "file", OUTSIDE + 5, OUTSIDE + 6);
}

static void see_inside(struct st *t)
{
	want_acl(t, "file", 7, 8);
}

static void see_nobody(struct st *t)
{
	want_acl(t, "file", UINT32_MAX, UINT32_MAX);
}

static void inwards(struct st *t)
{
	prepare(t);
	st_want(t, 0, set_acl("file", OUTSIDE + 7, OUTSIDE + 8));
	st_inside(t, MAP, see_inside);
	st_inside(t, "0 3000 10", see_nobody);
}

static void set_unmapped(struct st *t)
{
	st_want(t, EINVAL, set_acl("file", 1000, 5));
	st_want(t, EINVAL, set_acl("file", 5, 1000));
	st_want(t, EINVAL, set_acl("file", UINT32_MAX, 5));
	st_want(t, ENODATA, getxattr("file", ACCESS, NULL, 0));
}

static void unmapped(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, set_unmapped);
}

static void open_as_seven(struct st *t)
{
	st_become(t, 7, 7);
	st_want(t, 0, open("file", O_RDONLY | O_CLOEXEC));
	st_want(t, EACCES, open("file", O_RDWR | O_CLOEXEC));
	st_want(t, EPERM, set_acl("file", 7, 7));
}

static void open_as_nine(struct st *t)
{
	st_become(t, 9, 9);
	st_want(t, EACCES, open("file", O_RDONLY | O_CLOEXEC));
}

static void granted(struct st *t)
{
	prepare(t);
	st_want(t, 0, set_acl("file", OUTSIDE + 7, OUTSIDE + 8));
	st_inside(t, MAP, open_as_seven);
	st_inside(t, MAP, open_as_nine);
}

static void set_foreign(struct st *t)
{
	st_want(t, EPERM, set_acl("foreign", 5, 6));
	st_want(t, EPERM, removexattr("foreign", ACCESS));
}

static void foreign(struct st *t)
{
	prepare(t);
	st_file(t, "foreign", 0644, 0, 0);
	st_want(t, 0, set_acl("foreign", OUTSIDE + 7, OUTSIDE + 8));
	st_inside(t, MAP, set_foreign);
}

static void chown_and_see(struct st *t)
{
	st_want(t, 0, set_acl("file", 5, 6));
	st_want(t, 0, chown("file", 9, 9));
	want_acl(t, "file", 5, 6);
}

static void kept(struct st *t)
{
	prepare(t);
	st_inside(t, MAP, chown_and_see);
}

#define EACH(case_name, sentence, where, function)                                                 \
	{                                                                                          \
		case_name, sentence, where,                                                        \
			.stage = ST_STAGE_ROOT,                                                    \
			.filesystems = ST_ON_TMPFS | ST_ON_EXT4 | ST_ON_XFS | ST_ON_BTRFS,         \
			.run = function                                                            \
	}

static const struct st_case CASES[] = {
	EACH("outwards", "An ACL from inside names the outside ids outside.", MAPPED, outwards),
	EACH("inwards", "Ids without a place show as 4294967295, and the length is the same.",
	     MAPPED ", commit 82c9a927bc5d", inwards),
	EACH("unmapped", "An ACL that names an id without a place is EINVAL.", MAPPED, unmapped),
	EACH("granted", "What an ACL from outside grants counts inside.", MAPPED, granted),
	EACH("foreign", "The ACL of a file without a place is not the namespace's to change.",
	     "user_namespaces(7)", foreign),
	EACH("kept", "A change of owner leaves the ACL.", "acl(5)", kept),
};

const struct st_group st_group_acls = ST_GROUP("acls", "ACLs across namespaces", CASES);
