/* SPDX-License-Identifier: MIT */
/* Recognising tars by their members: see probe.h. */
#include "image/probe.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "image/archive_index.h"
#include "image/archive_walk.h"

struct seen {
	bool any;
	bool manifest, oci_layout, index;
	bool blob;    /* a name with a 64-digit id, as image archives have them */
	bool foreign; /* a name that no image archive has */
};

/* "<64 hex>" alone, or with what `docker save` and others put behind it. */
static bool is_id(const char *name)
{
	static const char *const ends[] = {
		"", "/VERSION", "/json", "/layer.tar", ".json", ".tar"
	};

	if (strspn(name, "0123456789abcdef") != 64)
		return false;
	for (size_t i = 0; i < UNR_COUNT(ends); i++)
		if (strcmp(name + 64, ends[i]) == 0)
			return true;
	return false;
}

static bool is_furniture(const char *name)
{
	static const char *const names[] = { "", "blobs", "blobs/sha256", "repositories" };

	for (size_t i = 0; i < UNR_COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static int look(void *context, const struct unr_archive_member *member, struct unr_error *err)
{
	struct seen *seen = context;
	unr_autofree char *name = unr_archive_clean(member->name);
	const char *blob;

	if (name == NULL)
		return unr_fail_memory(err);
	seen->any = true;
	blob = unr_starts_with(name, "blobs/sha256/");
	if (strcmp(name, "manifest.json") == 0)
		seen->manifest = true;
	else if (strcmp(name, "oci-layout") == 0)
		seen->oci_layout = true;
	else if (strcmp(name, "index.json") == 0)
		seen->index = true;
	else if (is_id(blob == NULL ? name : blob))
		seen->blob = true;
	else if (!is_furniture(name))
		seen->foreign = true;
	return seen->manifest ? 1 : 0;
}

int unr_probe(const struct unr_tar_source *source, uint64_t limit, const char *name,
	      enum unr_content *ret, struct unr_error *err)
{
	struct seen seen = { 0 };
	int r;

	r = unr_archive_walk(source, limit, name, look, &seen, err);
	if (r == -ENOMEM || (r < 0 && !seen.any && r != -EBADMSG))
		return r;
	if (seen.manifest) {
		*ret = UNR_CONTENT_DOCKER_ARCHIVE;
	} else if (seen.oci_layout && seen.index) {
		*ret = UNR_CONTENT_OCI_ARCHIVE;
	} else if (r < 0 && !seen.any) {
		*ret = UNR_CONTENT_NO_TAR;
	} else if (seen.blob && !seen.foreign) {
		/* `docker save` writes the manifest last, so a cut archive has none. */
		return r < 0 ? r :
			       unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
					"%s: is an image archive without its manifest.json", name);
	} else {
		*ret = UNR_CONTENT_LAYER;
	}
	return 0;
}
