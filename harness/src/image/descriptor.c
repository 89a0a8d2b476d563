/* SPDX-License-Identifier: MIT */
/* Descriptors and platforms: see descriptor.h. */
#include "image/descriptor.h"

#include <string.h>
#include <sys/utsname.h>

#define REF_NAME "org.opencontainers.image.ref.name"

static int read_platform(const struct unr_json_at *at, struct unr_descriptor *ret,
			 struct unr_error *err)
{
	struct unr_json_at platform;
	int r;

	r = unr_json_member(at, "platform", &platform, err);
	if (r == 0)
		r = unr_json_member_string(&platform, "os", "", &ret->os, err);
	if (r == 0)
		r = unr_json_member_string(&platform, "architecture", "", &ret->architecture, err);
	return r;
}

int unr_descriptor_read(const struct unr_json_at *at, struct unr_descriptor *ret,
			struct unr_error *err)
{
	struct unr_json_at annotations, digest;
	int r;

	if (at->value == NULL)
		return unr_json_wrong(at, err, "is missing");
	r = unr_json_member_string(at, "mediaType", "", &ret->media_type, err);
	if (r == 0)
		r = unr_json_member(at, "digest", &digest, err);
	if (r == 0)
		r = unr_json_string(&digest, NULL, &ret->digest, err);
	if (r == 0 && !unr_digest_to_blob(ret->digest, ret->blob))
		r = unr_json_wrong(&digest, err, "is not a digest");
	if (r == 0)
		r = unr_json_member_size(at, "size", &ret->size, err);
	if (r == 0)
		r = unr_json_member(at, "annotations", &annotations, err);
	if (r == 0)
		r = unr_json_member_string(&annotations, REF_NAME, "", &ret->ref_name, err);
	return r < 0 ? r : read_platform(at, ret, err);
}

/* The kernel's machine names and Go's. */
static const struct machine {
	const char *uname, *go;
} machines[] = {
	{ "x86_64", "amd64" },    { "aarch64", "arm64" },
	{ "armv8l", "arm" },      { "armv7l", "arm" },
	{ "armv6l", "arm" },      { "i386", "386" },
	{ "i486", "386" },        { "i586", "386" },
	{ "i686", "386" },        { "loongarch64", "loong64" },
	{ "ppc64le", "ppc64le" }, { "s390x", "s390x" },
	{ "riscv64", "riscv64" },
};

const char *unr_host_architecture(void)
{
	static const char unknown[] = "unknown";
	struct utsname name;

	if (uname(&name) < 0)
		return unknown;
	for (size_t i = 0; i < UNR_COUNT(machines); i++)
		if (strcmp(name.machine, machines[i].uname) == 0)
			return machines[i].go;
	return unknown;
}

bool unr_descriptor_fits_host(const struct unr_descriptor *descriptor)
{
	const char *os = descriptor->os, *architecture = descriptor->architecture;

	return (os[0] == '\0' || strcmp(os, "linux") == 0) &&
	       (architecture[0] == '\0' || strcmp(architecture, unr_host_architecture()) == 0);
}
