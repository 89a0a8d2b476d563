/* SPDX-License-Identifier: MIT */
/*
 * What the vfs extractor keeps while it works on one layer: the paths that it
 * made, and the files below .wh..wh.plnk, which AUFS used as targets of hard
 * links and which are no part of the image (pkg/archive/diff.go, v20.10.24).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/sys.h"
#include "unpack/internal.h"

#define LINK_DIRECTORY ".wh..wh.plnk"

/* A kept file: its header and where its content is. */
struct plink {
	char *name;                   /* owned; base name */
	char *bytes;                  /* owned; names and values of the attributes */
	struct unr_tar_xattr *xattrs; /* owned */
	struct unr_tar_entry entry;   /* its strings are borrowed from the above */
};

struct aufs {
	struct plink *links; /* owned */
	size_t n_links;
	size_t used;        /* the link that the current entry stands for */
	char directory[32]; /* temporary, in the root directory; "" when it was not made */
};

/* In the engine's own process only where a file has to go into it. */
static int make_directory(struct unpack *u)
{
	struct aufs *aufs = u->aufs;

	(void) strcpy(aufs->directory, "/dockerplnkXXXXXX");
	if (mkdtemp(aufs->directory) == NULL) {
		aufs->directory[0] = '\0';
		return unr_fail_errno(u->err, "make a temporary directory in layer %u",
				      u->options->layer);
	}
	return 0;
}

/* To become the root directory it has one there for a moment (.pivot_root), before any entry. */
static int touch_root(struct unpack *u)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = UTIME_NOW } };
	int r = unr_sys_utimens("/", times);

	return r < 0 ? unr_fail(u->err, UNR_ERROR_FAILED, r, "touch the root of layer %u: %s",
				u->options->layer, strerror(-r)) :
		       0;
}

int aufs_new(struct unpack *u)
{
	struct aufs *aufs = calloc(1, sizeof(*aufs));

	if (aufs == NULL)
		return unr_fail_memory(u->err);
	u->aufs = aufs;
	/* The extracting child has one there too (diff_unix.go): the root's time shows it. */
	return unr_engine_in_process(u->options->engine) ? touch_root(u) : make_directory(u);
}

static void plink_done(struct plink *link)
{
	free(link->name);
	free(link->bytes);
	free(link->xattrs);
}

void aufs_done(struct unpack *u)
{
	struct aufs *aufs = u->aufs;

	if (aufs == NULL)
		return;
	if (aufs->directory[0] != '\0')
		(void) !remove_all(u, aufs->directory);
	for (size_t i = 0; i < aufs->n_links; i++)
		plink_done(&aufs->links[i]);
	free(aufs->links);
	free(aufs);
	u->aufs = NULL;
}

bool aufs_is_metadata(const struct unpack *u)
{
	return unr_starts_with(u->name.bytes, WHITEOUT_METADATA) != NULL;
}

int aufs_add_path(struct unpack *u)
{
	return unr_nameset_mark(&u->names, MARK_MADE, u->path.bytes + 1, u->path.length - 1) < 0 ?
		       unr_fail_memory(u->err) :
		       0;
}

bool aufs_has_path(const struct unpack *u, const struct unr_text *path)
{
	return unr_nameset_has(&u->names, MARK_MADE, path->bytes + 1, path->length - 1);
}

/* Makes attributes that outlive the tar reader's entry. */
static int copy_xattrs(const struct unr_tar_entry *entry, struct plink *ret)
{
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	size_t at = 0;

	ret->xattrs = calloc(entry->n_xattrs + 1, sizeof(*ret->xattrs));
	for (size_t i = 0; i < entry->n_xattrs; i++) {
		unr_text_append(&bytes, entry->xattrs[i].name, entry->xattrs[i].name_length + 1);
		unr_text_append(&bytes, entry->xattrs[i].value, entry->xattrs[i].value_length);
	}
	ret->bytes = unr_text_take(&bytes);
	if (ret->xattrs == NULL || ret->bytes == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < entry->n_xattrs; i++) {
		struct unr_tar_xattr *x = &ret->xattrs[i];

		*x = entry->xattrs[i];
		x->name = ret->bytes + at;
		x->value = x->name + x->name_length + 1;
		at += x->name_length + 1 + x->value_length;
	}
	return 0;
}

/* Remembers the current entry under its base name; a later one of that name replaces it. */
static int remember_link(struct unpack *u, const char *name)
{
	struct aufs *aufs = u->aufs;
	struct plink link = { .name = strdup(name), .entry = *u->entry };
	struct plink *links = reallocarray(aufs->links, aufs->n_links + 1, sizeof(*links));

	if (links != NULL)
		aufs->links = links;
	if (links == NULL || link.name == NULL || copy_xattrs(u->entry, &link) < 0) {
		plink_done(&link);
		return unr_fail_memory(u->err);
	}
	link.entry.xattrs = link.xattrs;
	link.entry.name = link.name;
	link.entry.link = "";
	links[aufs->n_links++] = link;
	return 0;
}

/* The file itself, whose messages show no directory from 29.7. */
static int keep_file(struct unpack *u, const char *name)
{
	size_t unshown = u->unshown;
	int r;

	if (u->options->engine->rooted)
		u->unshown = strlen(u->aufs->directory) + 1;
	r = create_entry(u);
	if (r == 0)
		r = apply_metadata(u);
	u->unshown = unshown;
	return r == 0 ? remember_link(u, name) : r;
}

/* The file's content goes into the temporary directory; its owner is not mapped. */
int aufs_keep_link(struct unpack *u)
{
	unr_autofree char *name = NULL;
	int r;

	if (unr_starts_with(u->name.bytes, LINK_DIRECTORY) == NULL || u->entry->type != '0')
		return 0;
	name = strdup(path_basename(&u->path));
	if (name == NULL)
		return unr_fail_memory(u->err);
	r = u->aufs->directory[0] == '\0' ? make_directory(u) : 0;
	if (r < 0)
		return r;
	unr_text_clear(&u->path);
	unr_text_printf(&u->path, "%s/%s", u->aufs->directory, name);
	if (u->path.failed)
		return unr_fail_memory(u->err);
	return keep_file(u, name);
}

/* Go's filepath.Base(): the last element, without slashes behind it. */
static char *base_of(const char *name, size_t length)
{
	const char *slash;

	while (length > 1 && name[length - 1] == '/')
		length--;
	slash = memrchr(name, '/', length);
	if (slash != NULL && length > 1) {
		length -= (size_t) (slash + 1 - name);
		name = slash + 1;
	}
	return strndup(name, length);
}

int aufs_retarget(struct unpack *u, int *ret_fd)
{
	struct aufs *aufs = u->aufs;
	unr_auto(unr_text_done) struct unr_text clean = { 0 };
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	unr_autofree char *name = NULL;

	*ret_fd = -EBADF;
	aufs->used = aufs->n_links;
	if (u->entry->type != '1')
		return 0;
	path_clean(u->entry->link, u->entry->link_length, &clean);
	name = base_of(u->entry->link, u->entry->link_length);
	if (clean.failed || name == NULL)
		return unr_fail_memory(u->err);
	if (unr_starts_with(clean.bytes, LINK_DIRECTORY) == NULL)
		return 0;
	for (size_t i = aufs->n_links; i-- > 0 && aufs->used == aufs->n_links;)
		if (strcmp(aufs->links[i].name, name) == 0)
			aufs->used = i;
	if (aufs->used == aufs->n_links)
		return fail_text(u, u->options->engine->rooted ? "invalid aufs hardlink" :
								 "Invalid aufs hardlink");
	unr_text_printf(&path, "%s/%s", aufs->directory, name);
	if (path.failed)
		return unr_fail_memory(u->err);
	*ret_fd = open(path.bytes, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*ret_fd < 0)
		return fail_op(u, "open", path.bytes, -errno);
	aufs->links[aufs->used].entry.position = u->entry->position;
	u->entry = &aufs->links[aufs->used].entry;
	return 0;
}

/* remapIDs writes into the header that is kept, so a second use maps the host's ids again. */
void aufs_settle_link(struct unpack *u)
{
	const struct unr_idmaps *maps = u->options->maps;
	struct unr_tar_entry *entry;
	uint32_t outside;

	if (u->aufs->used == u->aufs->n_links || u->refused)
		return;
	entry = &u->aufs->links[u->aufs->used].entry;
	if (unr_idmap_to_outside(&maps->of[UNR_UID], u->ruling.uid, &outside))
		entry->uid = outside;
	if (unr_idmap_to_outside(&maps->of[UNR_GID], u->ruling.gid, &outside))
		entry->gid = outside;
}
