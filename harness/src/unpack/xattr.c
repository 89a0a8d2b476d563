/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes.  The engine sets them as real root in the initial
 * namespace; this process is root of a user namespace, where the kernel refuses
 * some and reads the ids inside others in another way.  What comes out here is
 * the engine's answer: where the real call cannot give it, the kernel's own rule
 * for the initial namespace does, and the attribute counts as skipped.
 */
#include <endian.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <time.h>

#include "sys/sys.h"
#include "unpack/internal.h"
#include "unpack/opaque.h"

/* What one attribute comes to: 0 or a negative errno. */
typedef int (*setter_fn)(struct unpack *u, const struct unr_tar_xattr *x);

static int set_real(struct unpack *u, const void *value, const struct unr_tar_xattr *x)
{
	return unr_sys_lsetxattr(u->path.bytes, x->name, value, x->value_length);
}

static int set_plain(struct unpack *u, const struct unr_tar_xattr *x)
{
	return set_real(u, x->value, x);
}

/*
 * What only this process or its tmpfs cannot do.  A namespace without a name
 * behind it ("trusted.") is refused after the privilege was looked at (fs/xattr.c).
 */
static int skip(struct unpack *u, const struct unr_tar_xattr *x)
{
	const char *dot = strchr(x->name, '.');

	if (dot != NULL && dot[1] == '\0')
		return -EINVAL;
	u->result->skipped_xattrs++;
	return 0;
}

/* What the host's root has set, this namespace cannot see. */
static int note_attribute(struct unpack *u, const struct unr_tar_xattr *x)
{
	struct stat st;
	int r = unr_sys_lstat(u->path.bytes, &st);

	return r < 0 ? r :
		       unr_ledger_note_attribute(u->options->ledger, st.st_ino, x->name, x->value,
						 x->value_length);
}

/* As the host's root where somebody does it, else as root of the namespace. */
static int set_raw(struct unpack *u, const struct unr_tar_xattr *x)
{
	const struct unr_privileged *privileged = u->options->privileged;
	int r;

	if (privileged == NULL)
		return set_real(u, x->value, x);
	r = privileged->set_xattr(privileged->context, u->path.bytes, false, x->name, x->value,
				  x->value_length);
	return r == 0 && u->options->ledger != NULL ? note_attribute(u, x) : r;
}

/* trusted.* and security.*: a refusal for want of privilege is not the engine's. */
static int set_privileged(struct unpack *u, const struct unr_tar_xattr *x)
{
	int r = set_raw(u, x);

	return r == -EPERM || r == -ENOTSUP ? skip(u, x) : r;
}

/*
 * What the engine's overlayfs sees as any other attribute, and the one in a namespace as its own:
 * that one must not find it.
 */
static int hide_from_mount(struct unpack *u, const struct unr_tar_xattr *x)
{
	int r;

	if (!u->options->for_mount || unr_starts_with(x->name, "user.overlay.") == NULL)
		return 0;
	r = unr_sys_lremovexattr(u->path.bytes, x->name);
	/* It may have been a mark, made when the name was an entry before. */
	if (r == 0 && u->options->opaque_fd >= 0)
		r = unr_opaque_note(u->options->opaque_fd, UNR_OPAQUE_UNMARKED);
	return r;
}

/* user.*: tmpfs has them since Linux 6.6; what lies under overlay2 always does. */
static int set_user(struct unpack *u, const struct unr_tar_xattr *x)
{
	int r = set_real(u, x->value, x);

	if (r == 0)
		return hide_from_mount(u, x);
	return r == -ENOTSUP ? skip(u, x) : r;
}

static uint32_t word_at(const struct unr_tar_xattr *x, size_t offset)
{
	uint32_t word;

	memcpy(&word, x->value + offset, sizeof(word));
	return le32toh(word);
}

/* A header that cap_convert_nscap() takes in the initial namespace (security/commoncap.c). */
static bool is_capability(const struct unr_tar_xattr *x)
{
	uint32_t magic;

	if (x->value_length != XATTR_CAPS_SZ_2 && x->value_length != XATTR_CAPS_SZ_3)
		return false;
	magic = word_at(x, 0) & ~(uint32_t) VFS_CAP_FLAGS_EFFECTIVE;
	if (x->value_length == XATTR_CAPS_SZ_2)
		return magic == VFS_CAP_REVISION_2;
	/* the last word is the root id; -1 is none */
	return magic == VFS_CAP_REVISION_3 && word_at(x, XATTR_CAPS_SZ_3 - 4) != UINT32_MAX;
}

static int set_capability(struct unpack *u, const struct unr_tar_xattr *x)
{
	int r;

	if (u->options->privileged != NULL)
		return set_privileged(u, x);
	r = set_real(u, x->value, x);
	/* What the kernel says before it looks at the value; a symlink's target may be missing. */
	if (r == -ENOENT || r == -E2BIG)
		return r;
	if (!is_capability(x))
		return -EINVAL;
	/* In a namespace the kernel adds the id of its root: that is another value. */
	if (r < 0 || u->options->store)
		u->result->skipped_xattrs++;
	return 0;
}

/*
 * An ACL carries ids, which the engine gives as the host's; here they may have
 * no place.  Whether it is valid does not depend on them (fs/posix_acl.c), so
 * the real call is made with every id that is one replaced by 0.
 */
static int set_acl(struct unpack *u, const struct unr_tar_xattr *x)
{
	const size_t header = 4, entry = 8, id_at = 4;
	unr_autofree char *value = NULL;

	if (u->options->privileged != NULL)
		return set_raw(u, x);
	value = malloc(x->value_length);
	if (value == NULL)
		return -ENOMEM;
	memcpy(value, x->value, x->value_length);
	for (size_t at = header; at + entry <= x->value_length; at += entry)
		if (word_at(x, at + id_at) != UINT32_MAX)
			memset(value + at + id_at, 0, entry - id_at);
	return set_real(u, value, x);
}

/*
 * A rootless engine is where this process is, so the real call's answer is its own.  Only
 * user.* lies under it on a file system that has them, as under the other engines.
 */
static setter_fn find_rootless_setter(const char *name)
{
	return unr_starts_with(name, "user.") != NULL ? set_user : set_plain;
}

/* By name or, with a final dot, by namespace; the first that fits. */
static setter_fn find_setter(const char *name)
{
	static const struct {
		const char *name;
		setter_fn set;
	} setters[] = {
		{ "security.capability", set_capability },
		{ "system.posix_acl_access", set_acl },
		{ "system.posix_acl_default", set_acl },
		{ "security.", set_privileged },
		{ "trusted.", set_privileged },
		{ "user.", set_user },
	};

	for (size_t i = 0; i < UNR_COUNT(setters); i++) {
		const char *rest = unr_starts_with(name, setters[i].name);

		if (rest != NULL && (*rest == '\0' || rest[-1] == '.'))
			return setters[i].set;
	}
	return set_plain;
}

/* The line that the engine's child logs; its output is part of the message (logrus text). */
static void log_ignored(struct unpack *u, const struct unr_text *errors)
{
	struct timespec now;
	struct tm utc;
	char stamp[32] = "";

	if (clock_gettime(CLOCK_REALTIME, &now) == 0 && gmtime_r(&now.tv_sec, &utc) != NULL)
		(void) strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
	unr_text_printf(&u->log,
			"time=\"%s\" level=warning msg=\"ignored xattrs in archive: underlying "
			"filesystem doesn't support them\" errors=\"[%s]\"\n",
			stamp, unr_text_string(errors));
}

/* What an attribute that ends it is told as, by the engine's version. */
static int fail_xattr(struct unpack *u, const struct unr_tar_xattr *x, int error)
{
	int r = fail_bare(u, error);

	if (r != STEP_FAILED)
		return r;
	unr_text_clear(&u->text);
	unr_engine_xattr_text(u->options->engine, u->path.bytes, x->name, -error, &u->text);
	return u->text.failed ? unr_fail_memory(u->err) : STEP_FAILED;
}

/*
 * EPERM and, up to 24.0, ENOTSUP are passed over with a log line, anything else ends it
 * (createTarFile, pkg/archive/archive.go).
 */
static int set_all(struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;
	const struct unr_rootless *rootless = u->options->engine->rootless;
	unr_auto(unr_text_done) struct unr_text ignored = { 0 };

	for (size_t i = 0; i < e->n_xattrs; i++) {
		const struct unr_tar_xattr *x = &e->xattrs[i];
		setter_fn set =
			rootless == NULL ? find_setter(x->name) : find_rootless_setter(x->name);
		int r = set(u, x);

		if (r == 0)
			continue;
		if (r != -EPERM && (r != -ENOTSUP || u->options->engine->refuses_unsupported))
			return fail_xattr(u, x, r);
		if (ignored.length > 0)
			unr_text_puts(&ignored, " ");
		if (rootless != NULL && rootless->xattr_op != NULL)
			unr_text_printf(&ignored, "%s %s: ", rootless->xattr_op, u->path.bytes);
		unr_go_errno(&ignored, -r);
	}
	if (ignored.length > 0)
		log_ignored(u, &ignored);
	return u->log.failed || ignored.failed ? unr_fail_memory(u->err) : 0;
}

int apply_xattrs(struct unpack *u)
{
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	struct unr_text own = u->path;
	int r;

	if (u->entry->n_xattrs == 0)
		return 0;
	if (!u->options->engine->rooted)
		return set_all(u);
	r = rooted_xattr_path(u, &path);
	if (r != 0)
		return r;
	u->path = path;
	r = set_all(u);
	u->path = own;
	return r;
}
