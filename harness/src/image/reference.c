/* SPDX-License-Identifier: MIT */
/* Comparing and listing references: see reference.h. */
#include "image/reference.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "image/shown.h"

/* A reference in parts, without what docker's familiar names leave out. */
struct familiar {
	const char *name; /* @length bytes of it */
	size_t length;
	const char *tag; /* with its ':' or '@' */
};

static struct familiar make_familiar(const char *reference)
{
	static const char *const prefixes[] = { "index.docker.io/", "docker.io/", "library/" };
	const char *slash, *tag;

	for (size_t i = 0; i < UNR_COUNT(prefixes); i++) {
		const char *rest = unr_starts_with(reference, prefixes[i]);

		if (rest != NULL)
			reference = rest;
	}
	slash = strrchr(reference, '/'); /* a ':' before it belongs to a port */
	tag = strpbrk(slash == NULL ? reference : slash, ":@");
	if (tag == NULL)
		return (struct familiar) { reference, strlen(reference), ":latest" };
	return (struct familiar) { reference, (size_t) (tag - reference), tag };
}

bool unr_reference_has_form(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				"._/:@-");

	return n > 0 && text[n] == '\0' && strchr("./-", text[0]) == NULL;
}

bool unr_reference_equal(const char *a, const char *b)
{
	struct familiar x = make_familiar(a), y = make_familiar(b);

	return x.length == y.length && memcmp(x.name, y.name, x.length) == 0 &&
	       strcmp(x.tag, y.tag) == 0;
}

/* ", @0 to @6": how the @n images of an archive are counted. */
static void format_numbers(size_t n, char text[40])
{
	text[0] = '\0';
	if (n > 0)
		(void) snprintf(text, 40, ", @0");
	if (n > 1)
		(void) snprintf(text + 4, 36, "%s@%zu", n == 2 ? " and " : " to ", n - 1);
}

int unr_reference_index(const char *reference, const char *archive, size_t n, size_t *ret,
			struct unr_error *err)
{
	struct unr_shown shown;
	char numbers[40];
	uint64_t index;

	if (reference[0] != '@')
		return -ENOENT;
	format_numbers(n, numbers);
	if (n == 0 || unr_parse_u64(reference + 1, n - 1, &index) < 0)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"%s has %zu image%s%s; there is no %s", archive, n,
				n == 1 ? "" : "s", numbers, unr_show(&shown, reference));
	*ret = (size_t) index;
	return 0;
}

void unr_choices_done(struct unr_choices *choices)
{
	unr_text_done(&choices->text);
}

void unr_choices_add(struct unr_choices *choices, const char *reference, size_t index)
{
	enum { ROOM = 200 };
	size_t before = choices->text.length;
	struct unr_shown shown;

	if (choices->n_left_out > 0) {
		choices->n_left_out++;
		return;
	}
	if (before > 0)
		unr_text_puts(&choices->text, ", ");
	if (reference == NULL)
		unr_text_printf(&choices->text, "@%zu", index);
	else
		unr_text_puts(&choices->text, unr_show(&shown, reference));
	if (choices->text.length > ROOM && before > 0) {
		choices->text.length = before;
		choices->text.bytes[before] = '\0';
		choices->n_left_out++;
	}
}

const char *unr_choices_string(struct unr_choices *choices)
{
	if (choices->n_left_out > 0)
		unr_text_printf(&choices->text, " and %zu more", choices->n_left_out);
	choices->n_left_out = 0;
	return unr_text_string(&choices->text);
}

int unr_reference_fail(const char *archive, const char *reference, struct unr_choices *choices,
		       struct unr_error *err)
{
	struct unr_shown shown;

	if (reference == NULL)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"%s: holds several images, name one of them: %s", archive,
				unr_choices_string(choices));
	return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "%s: has no image %s; it has %s", archive,
			unr_show(&shown, reference), unr_choices_string(choices));
}
