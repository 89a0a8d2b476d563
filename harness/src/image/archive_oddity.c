/* SPDX-License-Identifier: MIT */
/* What a whole archive is refused for: see archive_oddity.h. */
#include "image/archive_oddity.h"

#include <errno.h>
#include <linux/limits.h>
#include <string.h>

#include "base/text.h"

/* In a namespace that no file system of Linux has: the kernel says so whatever lies below. */
static bool is_foreign(const struct unr_tar_xattr *xattr)
{
	static const char *const namespaces[] = { "user.", "trusted.", "security.", "system." };

	for (size_t i = 0; i < UNR_COUNT(namespaces); i++)
		if (unr_starts_with(xattr->name, namespaces[i]) != NULL)
			return false;
	return xattr->name_length > 0 && xattr->name_length <= XATTR_NAME_MAX;
}

static int note_xattr(struct unr_oddity *oddity, const struct unr_archive_member *member,
		      const char *name)
{
	unr_auto(unr_text_done) struct unr_text path = { 0 };

	for (size_t i = 0; i < member->n_xattrs && oddity->xattr == NULL; i++) {
		if (!is_foreign(&member->xattrs[i]))
			continue;
		unr_text_printf(&path, "/%s", name);
		oddity->path = unr_text_take(&path);
		oddity->xattr = strdup(member->xattrs[i].name);
		if (oddity->path == NULL || oddity->xattr == NULL)
			return -ENOMEM;
	}
	return 0;
}

/* The directory that it unpacks into is there, and an entry for that is passed over. */
int unr_archive_note_oddity(struct unr_oddity *oddity, const struct unr_archive_member *member,
			    const char *name)
{
	if (oddity->type != '\0' || *name == '\0' || member->type == 'g')
		return 0;
	if (strchr("0123456", member->type) != NULL)
		return note_xattr(oddity, member, name);
	oddity->type = member->type;
	return 0;
}
