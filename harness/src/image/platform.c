/* SPDX-License-Identifier: MIT */
/* Reading, normalising and ranking platforms: see platform.h. */
#include "image/platform.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "image/shown.h"

/* Other spellings; @variant NULL matches any (containerd platforms/database.go). */
static const struct spelling {
	const char *architecture, *variant;
	const char *means, *means_variant; /* NULL: as it was */
} spellings[] = {
	{ "i386", NULL, "386", "" },        { "x86_64", NULL, "amd64", NULL },
	{ "x86-64", NULL, "amd64", NULL },  { "amd64", "v1", "amd64", "" },
	{ "aarch64", NULL, "arm64", NULL }, { "arm64", "8", "arm64", "" },
	{ "arm64", "v8", "arm64", "" },     { "armhf", NULL, "arm", "v7" },
	{ "armel", NULL, "arm", "v6" },     { "arm", "", "arm", "v7" },
	{ "arm", "5", "arm", "v5" },        { "arm", "6", "arm", "v6" },
	{ "arm", "7", "arm", "v7" },        { "arm", "8", "arm", "v8" },
};

static void copy_lower(char *to, size_t size, const char *from)
{
	(void) snprintf(to, size, "%s", from);
	for (; *to != '\0'; to++)
		*to = (char) tolower((unsigned char) *to);
}

struct unr_platform unr_platform_make(const char *os, const char *architecture, const char *variant)
{
	struct unr_platform p;

	copy_lower(p.os, sizeof(p.os), os);
	copy_lower(p.architecture, sizeof(p.architecture), architecture);
	copy_lower(p.variant, sizeof(p.variant), variant);
	/* In the table a row may lead to a later one: aarch64, then arm64 with v8. */
	for (size_t i = 0; i < UNR_COUNT(spellings); i++) {
		const struct spelling *s = &spellings[i];

		if (strcmp(p.architecture, s->architecture) != 0 ||
		    (s->variant != NULL && strcmp(p.variant, s->variant) != 0))
			continue;
		(void) snprintf(p.architecture, sizeof(p.architecture), "%s", s->means);
		if (s->means_variant != NULL)
			(void) snprintf(p.variant, sizeof(p.variant), "%s", s->means_variant);
	}
	return p;
}

int unr_platform_parse(const char *text, struct unr_platform *ret, struct unr_error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-./";
	char parts[3][32] = { "", "", "" };
	struct unr_shown shown;
	const char *at = text;
	size_t n = 0;

	for (; n < UNR_COUNT(parts) && strspn(text, allowed) == strlen(text); n++) {
		size_t length = strcspn(at, "/");

		if (length == 0 || length >= (n == 2 ? sizeof(ret->variant) : sizeof(parts[0])))
			break;
		memcpy(parts[n], at, length);
		at += length;
		if (*at == '\0')
			break;
		at++;
	}
	if (n == 0 || n == UNR_COUNT(parts) || parts[n][0] == '\0' || *at != '\0')
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"--platform '%s' is not OS/ARCH or OS/ARCH/VARIANT",
				unr_show(&shown, text));
	*ret = unr_platform_make(parts[0], parts[1], parts[2]);
	return 0;
}

/* The kernel's machine names and Go's. */
static const struct machine {
	const char *uname, *go, *variant;
} machines[] = {
	{ "x86_64", "amd64", "" },
	{ "aarch64", "arm64", "" },
	{ "armv8l", "arm", "v8" },
	{ "armv7l", "arm", "v7" },
	{ "armv6l", "arm", "v6" },
	{ "armv5tel", "arm", "v5" },
	{ "i386", "386", "" },
	{ "i486", "386", "" },
	{ "i586", "386", "" },
	{ "i686", "386", "" },
	{ "loongarch64", "loong64", "" },
	{ "ppc64le", "ppc64le", "" },
	{ "s390x", "s390x", "" },
	{ "riscv64", "riscv64", "" },
};

struct unr_platform unr_platform_host(void)
{
	struct utsname name;

	if (uname(&name) < 0)
		return unr_platform_make("linux", "unknown", "");
	for (size_t i = 0; i < UNR_COUNT(machines); i++)
		if (strcmp(name.machine, machines[i].uname) == 0)
			return unr_platform_make("linux", machines[i].go, machines[i].variant);
	return unr_platform_make("linux", name.machine, "");
}

/* The number of a variant "vN", 0 for none. */
static int variant_number(const char *variant)
{
	char *end;
	long number;

	if (variant[0] != 'v' || variant[1] < '1' || variant[1] > '9')
		return 0;
	number = strtol(variant + 1, &end, 10);
	return *end == '\0' && number < 100 ? (int) number : 0;
}

/* Variants from @newest down to @oldest do, the newer the better (platforms/compare.go). */
static int rank_variant(const struct unr_platform *offered, int newest, int oldest)
{
	int number = variant_number(offered->variant);

	return number >= oldest && number <= newest ? newest - number : -1;
}

int unr_platform_rank(const struct unr_platform *wanted, const struct unr_platform *offered)
{
	enum { OTHER_ARCHITECTURE = 100, SAYS_NOTHING = 1000 };
	const char *want = wanted->architecture, *have = offered->architecture;
	int variant = variant_number(wanted->variant), rank = -1;

	if (offered->os[0] != '\0' && strcmp(offered->os, wanted->os) != 0)
		return -1;
	if (have[0] == '\0')
		return SAYS_NOTHING;
	if (strcmp(want, have) == 0 && strcmp(wanted->variant, offered->variant) == 0)
		return 0;
	if (strcmp(want, have) == 0 && strcmp(want, "arm") == 0)
		return rank_variant(offered, variant, 5);
	if (strcmp(want, have) == 0 && strcmp(want, "amd64") == 0 && variant > 1)
		return offered->variant[0] == '\0' ? -1 : rank_variant(offered, variant, 1);
	if (strcmp(want, "amd64") == 0 && strcmp(have, "386") == 0)
		return offered->variant[0] == '\0' ? OTHER_ARCHITECTURE : -1;
	if (strcmp(want, "arm64") == 0 && strcmp(have, "arm") == 0)
		rank = rank_variant(offered, variant == 0 ? 8 : variant, 5);
	return rank < 0 ? -1 : OTHER_ARCHITECTURE + rank;
}

const char *unr_platform_text(const struct unr_platform *p, char buffer[UNR_PLATFORM_SIZE])
{
	(void) snprintf(buffer, UNR_PLATFORM_SIZE, "%s/%s%s%s", p->os[0] == '\0' ? "linux" : p->os,
			p->architecture, p->variant[0] == '\0' ? "" : "/", p->variant);
	return buffer;
}
