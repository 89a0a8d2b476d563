/* SPDX-License-Identifier: MIT */
/* Which family of distributions this is, by os-release(5): see obstacle.h. */
#include "usernsrepro/obstacle.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"

static const char *const names[UNR_DISTRIBUTION_COUNT_] = {
	[UNR_DISTRIBUTION_OTHER] = "other",   [UNR_DISTRIBUTION_DEBIAN] = "debian",
	[UNR_DISTRIBUTION_FEDORA] = "fedora", [UNR_DISTRIBUTION_SUSE] = "suse",
	[UNR_DISTRIBUTION_ARCH] = "arch",     [UNR_DISTRIBUTION_ALPINE] = "alpine",
};

const char *unr_distribution_name(enum unr_distribution distribution)
{
	return names[distribution];
}

/* The rest of the first line that begins with @key, and how long it is; NULL without one. */
static const char *find_value(const char *text, const char *key, size_t *ret_length)
{
	size_t key_length = strlen(key);

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");

		if (length >= key_length && strncmp(text, key, key_length) == 0) {
			*ret_length = length - key_length;
			return text + key_length;
		}
		text += length + (text[length] == '\n');
	}
	return NULL;
}

/* Is @name one of the words?  They may stand in quotes. */
static bool has_word(const char *words, size_t length, const char *name)
{
	static const char between[] = " \t\"'\r";
	const char *end = words + length;

	while (words < end) {
		size_t n = 0;

		while (words + n < end && strchr(between, words[n]) == NULL)
			n++;
		if (n == strlen(name) && strncmp(words, name, n) == 0)
			return true;
		words += n + 1;
	}
	return false;
}

enum unr_distribution unr_distribution_of(const char *os_release)
{
	/* Derivatives name what they come from in ID_LIKE; the first family found is taken. */
	static const char *const keys[] = { "ID=", "ID_LIKE=" };

	for (size_t k = 0; k < UNR_COUNT(keys); k++) {
		size_t length = 0;
		const char *value = find_value(os_release, keys[k], &length);

		for (unsigned int i = UNR_DISTRIBUTION_OTHER + 1;
		     value != NULL && i < UNR_DISTRIBUTION_COUNT_; i++)
			if (has_word(value, length, names[i]))
				return (enum unr_distribution) i;
	}
	return UNR_DISTRIBUTION_OTHER;
}

enum unr_distribution unr_distribution_here(void)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	char text[4096] = "";

	for (size_t i = 0; i < UNR_COUNT(paths); i++) {
		unr_autoclose int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : unr_read_full(fd, text, sizeof(text) - 1);

		if (n < 0)
			continue;
		text[n] = '\0';
		return unr_distribution_of(text);
	}
	return UNR_DISTRIBUTION_OTHER;
}
