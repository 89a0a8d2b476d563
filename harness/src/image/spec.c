/* SPDX-License-Identifier: MIT */
/*
 * The table of transports and the splitting of IMAGE: see spec.h.  Runs with
 * the caller's privileges on the caller's own words, and touches no file.
 */
#include "image/spec.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "image/digest.h"
#include "image/docker_name.h"

struct transport_row {
	const char *name;
	const char *prefix;
	const char *form; /* as the help shows it */
	int bits;
};

/* What a transport has, as bits of a row. */
enum {
	REFERENCE = 1, /* ":REF" may follow the path */
	HAS_FILE = 2,
};

static const struct transport_row transports[UNR_TRANSPORT_COUNT_] = {
	[UNR_TRANSPORT_AUTO] = { "", "", "PATH", HAS_FILE },
	[UNR_TRANSPORT_DOCKER_ARCHIVE] = { "docker-archive", "docker-archive:",
					   "docker-archive:FILE[:REF]", REFERENCE | HAS_FILE },
	[UNR_TRANSPORT_OCI] = { "oci", "oci:", "oci:DIR[:REF]", REFERENCE | HAS_FILE },
	[UNR_TRANSPORT_OCI_ARCHIVE] = { "oci-archive", "oci-archive:", "oci-archive:FILE[:REF]",
					REFERENCE | HAS_FILE },
	[UNR_TRANSPORT_TAR] = { "tar", "tar:", "tar:FILE", HAS_FILE },
	[UNR_TRANSPORT_SCENARIO] = { "scenario", "scenario:", "scenario:NAME", 0 },
	[UNR_TRANSPORT_DOCKER] = { "docker", "docker://", "docker://HOST[:PORT]/REPO[:TAG|@DIGEST]",
				   0 },
	[UNR_TRANSPORT_DOCKER_DAEMON] = { "docker-daemon", "docker-daemon:", "docker-daemon:REF",
					  0 },
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

/* What is asked of somebody else is a name, and looked at before anybody is asked. */
static int check_name(enum unr_transport transport, const char *name, struct unr_error *err)
{
	struct unr_docker_name parsed;

	if (transport == UNR_TRANSPORT_DOCKER_DAEMON && unr_digest_is_valid(name))
		return 0; /* an image's id */
	if (transport != UNR_TRANSPORT_DOCKER && transport != UNR_TRANSPORT_DOCKER_DAEMON)
		return 0;
	return unr_docker_name_parse(name, &parsed, err);
}

int unr_image_spec_parse(const char *text, struct unr_image_spec *ret, struct unr_error *err)
{
	unr_auto(unr_image_spec_done) struct unr_image_spec spec = { 0 };
	const struct transport_row *row;
	const char *rest, *colon;
	int r;

	spec.transport = split_transport(text, &rest);
	row = &transports[spec.transport];
	colon = (row->bits & REFERENCE) != 0 ? strchr(rest, ':') : NULL;
	if (*rest == '\0' || colon == rest)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "'%s' names no image: write %s",
				text, row->form);
	if (colon != NULL && colon[1] == '\0')
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"'%s' has an empty reference: write %s", text, row->form);
	r = check_name(spec.transport, rest, err);
	if (r < 0)
		return r;
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
