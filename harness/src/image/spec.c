/* SPDX-License-Identifier: MIT */
/*
 * The table of transports and the splitting of IMAGE: see spec.h.  Runs with
 * the caller's privileges on the caller's own words, and touches no file.
 */
#include "image/spec.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "image/reference.h"

struct transport_row {
	const char *name;
	const char *prefix;
	const char *form; /* as the help shows it */
	int bits;
	/* Not supported: what gets such an image to us, before and behind its name. */
	const char *instead, *instead_end;
};

/* What a transport has, as bits of a row. */
enum {
	SUPPORTED = 1,
	REFERENCE = 2, /* ":REF" may follow the path */
	HAS_FILE = 4,
};

static const struct transport_row transports[UNR_TRANSPORT_COUNT_] = {
	[UNR_TRANSPORT_AUTO] = { "", "", "PATH", SUPPORTED | HAS_FILE, NULL, NULL },
	[UNR_TRANSPORT_DOCKER_ARCHIVE] = { "docker-archive",
					   "docker-archive:", "docker-archive:FILE[:REF]",
					   SUPPORTED | REFERENCE | HAS_FILE, NULL, NULL },
	[UNR_TRANSPORT_OCI] = { "oci", "oci:", "oci:DIR[:REF]", SUPPORTED | REFERENCE | HAS_FILE,
				NULL, NULL },
	[UNR_TRANSPORT_OCI_ARCHIVE] = { "oci-archive", "oci-archive:", "oci-archive:FILE[:REF]",
					SUPPORTED | REFERENCE | HAS_FILE, NULL, NULL },
	[UNR_TRANSPORT_TAR] = { "tar", "tar:", "tar:FILE", SUPPORTED | HAS_FILE, NULL, NULL },
	[UNR_TRANSPORT_SCENARIO] = { "scenario", "scenario:", "scenario:NAME", SUPPORTED, NULL,
				     NULL },
	[UNR_TRANSPORT_DOCKER] = { "docker", "docker://", "docker://HOST/REPO[:TAG]", 0,
				   "skopeo copy docker://", " oci:DIR:TAG" },
	[UNR_TRANSPORT_DOCKER_DAEMON] = { "docker-daemon", "docker-daemon:", "docker-daemon:REF", 0,
					  "docker save ", " | userns-repro run -" },
};

const char *unr_transport_name(enum unr_transport transport)
{
	return transports[transport].name;
}

bool unr_transport_has_file(enum unr_transport transport)
{
	return (transports[transport].bits & HAS_FILE) != 0;
}

/* The transport that @text begins with, and what stands behind its prefix. */
static enum unr_transport split_transport(const char *text, const char **ret_rest)
{
	for (int i = UNR_TRANSPORT_AUTO + 1; i < UNR_TRANSPORT_COUNT_; i++) {
		const char *rest = unr_starts_with(text, transports[i].prefix);

		if (rest == NULL)
			continue;
		*ret_rest = rest;
		return (enum unr_transport) i;
	}
	*ret_rest = text;
	return UNR_TRANSPORT_AUTO;
}

/* Says what to do instead, with the name that was given where that is one. */
static int fail_unsupported(const struct transport_row *row, const char *name,
			    struct unr_error *err)
{
	if (!unr_reference_has_form(name))
		name = row->form + strlen(row->prefix);
	return unr_fail(err, UNR_ERROR_USAGE, -EOPNOTSUPP,
			"%s is not supported by this version; get the image with: %s%s%s",
			row->prefix, row->instead, name, row->instead_end);
}

int unr_image_spec_parse(const char *text, struct unr_image_spec *ret, struct unr_error *err)
{
	unr_auto(unr_image_spec_done) struct unr_image_spec spec = { 0 };
	const struct transport_row *row;
	const char *rest, *colon;

	spec.transport = split_transport(text, &rest);
	row = &transports[spec.transport];
	if ((row->bits & SUPPORTED) == 0)
		return fail_unsupported(row, rest, err);
	colon = (row->bits & REFERENCE) != 0 ? strchr(rest, ':') : NULL;
	if (*rest == '\0' || colon == rest)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "'%s' names no image: write %s",
				text, row->form);
	if (colon != NULL && colon[1] == '\0')
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"'%s' has an empty reference: write %s", text, row->form);
	spec.path = colon == NULL ? strdup(rest) : strndup(rest, (size_t) (colon - rest));
	if (colon != NULL)
		spec.reference = strdup(colon + 1);
	if (spec.path == NULL || (colon != NULL && spec.reference == NULL))
		return unr_fail_memory(err);
	*ret = spec;
	spec = (struct unr_image_spec) { 0 };
	return 0;
}

void unr_image_spec_done(struct unr_image_spec *spec)
{
	free(spec->path);
	free(spec->reference);
	*spec = (struct unr_image_spec) { 0 };
}
