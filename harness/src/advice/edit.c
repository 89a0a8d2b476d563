/* SPDX-License-Identifier: MIT */
/* Changes of steps: see edit.h. */
#include "advice/edit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "image/step.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool unr_edit_is_plain(const char *path, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!is_digit(path[i]) && !is_letter(path[i]) &&
		    (path[i] == '\0' || strchr("/._-+@,:=", path[i]) == NULL))
			return false;
	return true;
}

static bool is_script(const char *step)
{
	return strchr(step, '\n') != NULL;
}

/* The lines of a step that change; RUN does not stand before a script's first, but above it. */
static void put_change(struct unr_text *diff, const char *step, const struct unr_text *changed)
{
	const char *old = step, *new = unr_text_string(changed);
	const char *rest = is_script(step) ? unr_step_rest(step, "RUN") : NULL;

	diff->failed |= changed->failed;
	if (rest != NULL) {
		new += rest - step;
		old = rest;
	}
	while (*old != '\0' && *new != '\0') {
		size_t a = strcspn(old, "\n"), b = strcspn(new, "\n");

		if (a != b || memcmp(old, new, a) != 0)
			unr_text_printf(diff, "- %.*s\n+ %.*s\n", (int) a, old, (int) b, new);
		old += a + (old[a] != '\0');
		new += b + (new[b] != '\0');
	}
}

/* The number that begins at @at, and its digits; 0 digits: none begins there. */
static size_t number_at(const char *step, size_t at, uint64_t *ret)
{
	size_t n = 0;
	char before = at == 0 ? ' ' : step[at - 1];

	*ret = 0;
	if (is_digit(before) || is_letter(before) || before == '.' || before == '_')
		return 0;
	while (is_digit(step[at + n]) && n < 11)
		*ret = *ret * 10 + (uint64_t) (step[at + n++] - '0');
	if (is_letter(step[at + n]) || is_digit(step[at + n]) || step[at + n] == '_' ||
	    (step[at + n] == '.' && is_digit(step[at + n + 1])))
		return 0;
	return n;
}

static struct unr_edit_id *find_id(struct unr_edit_id *ids, size_t n, uint64_t number)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i].from == number)
			return &ids[i];
	return NULL;
}

bool unr_edit_ids(const char *step, struct unr_edit_id *ids, size_t n, struct unr_text *diff)
{
	unr_auto(unr_text_done) struct unr_text changed = { 0 };
	bool any = false;

	for (size_t at = 0; step[at] != '\0';) {
		uint64_t number;
		size_t digits = number_at(step, at, &number);
		struct unr_edit_id *id = digits == 0 ? NULL : find_id(ids, n, number);

		if (id != NULL) {
			unr_text_printf(&changed, "%" PRIu32, id->to);
			any = id->found = true;
			at += digits;
		} else {
			unr_text_append(&changed, &step[at++], 1);
		}
	}
	if (any)
		put_change(diff, step, &changed);
	return any;
}

/* "$NAME", "${NAME}": is it in a step? */
static bool uses_variable(const char *step, const char *name, size_t length)
{
	for (; (step = strchr(step, '$')) != NULL; step++) {
		const char *at = step + 1 + (step[1] == '{');

		if (strncmp(at, name, length) == 0 && !is_letter(at[length]) &&
		    !is_digit(at[length]) && at[length] != '_')
			return true;
	}
	return false;
}

bool unr_edit_variables(const char *step, const char *instruction, const char *variables,
			struct unr_edit_id *ids, size_t n, struct unr_text *diff)
{
	bool any = false;

	for (size_t length; *variables != '\0'; variables += length + (variables[length] == ' ')) {
		size_t name = strcspn(variables, " ="), digits;
		struct unr_edit_id *id;
		uint64_t number;
		char line[256];

		length = strcspn(variables, " ");
		if (name == 0 || variables[name] != '=')
			continue;
		digits = number_at(variables, name + 1, &number);
		if (digits == 0 || name + 1 + digits != length ||
		    !uses_variable(step, variables, name))
			continue;
		id = find_id(ids, n, number);
		if (id == NULL || length > sizeof(line) / 2)
			continue;
		any = id->found = true;
		(void) snprintf(line, sizeof(line), "- %s %.*s\n", instruction, (int) length,
				variables);
		if (strstr(unr_text_string(diff), line) == NULL)
			unr_text_printf(diff, "%s+ %s %.*s=%" PRIu32 "\n", line, instruction,
					(int) name, variables, id->to);
	}
	return any;
}

bool unr_edit_has_number(const char *step, uint32_t number)
{
	for (size_t at = 0; step[at] != '\0'; at++) {
		uint64_t found;

		if (number_at(step, at, &found) > 0 && found == number)
			return true;
	}
	return false;
}

/* A word of a command: up to a blank or what ends a command. */
static size_t word_length(const char *text)
{
	return strcspn(text, " \n;|&()<>");
}

static bool is_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 && word_length(text) == n;
}

/* Does a command begin at @at?  Behind what ends one, or behind a word that takes one. */
static bool begins_command(const char *command, size_t at)
{
	static const char *const words[] = { "do", "then", "else", "sudo", "time", "exec", "!" };

	while (at > 0 && command[at - 1] == ' ')
		at--;
	if (at == 0 || strchr("\n;|&(", command[at - 1]) != NULL)
		return true;
	for (size_t i = 0; i < UNR_COUNT(words); i++) {
		size_t n = strlen(words[i]);

		if (at >= n && memcmp(command + at - n, words[i], n) == 0 &&
		    (at == n || strchr(" \n;|&(", command[at - n - 1]) != NULL))
			return true;
	}
	return false;
}

/* A tar that extracts. */
struct tar {
	size_t end;   /* of the word tar */
	bool old;     /* "tar xzf FILE": the letters have no hyphen... */
	bool certain; /* ...and mean the same with one, or they had it; and no option takes it back */
	bool keeps;   /* it leaves the owners out already */
};

/* Letters that take a word each, in their order: with a hyphen only the last may. */
static bool can_have_hyphen(const char *letters, size_t n)
{
	size_t arguments = strcspn(letters, "fCbTXgIKNVLFH");

	return arguments + 1 >= n;
}

/* Looks at one word behind tar; does it say extract? */
static bool note_option(struct tar *tar, const char *word, size_t n)
{
	if (is_word(word, "--same-owner"))
		tar->certain = false;
	if (is_word(word, "--no-same-owner") ||
	    (n > 1 && word[0] == '-' && word[1] != '-' && memchr(word, 'o', n) != NULL))
		tar->keeps = true;
	if (is_word(word, "--extract") || is_word(word, "--get"))
		return true;
	return n > 1 && word[0] == '-' && word[1] != '-' && memchr(word, 'x', n) != NULL;
}

static bool is_old_style(const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_letter(word[i]))
			return false;
	return n > 0 && memchr(word, 'x', n) != NULL;
}

/* The next tar that extracts from @at on; false: there is none. */
static bool next_tar(const char *command, size_t at, struct tar *ret)
{
	for (; command[at] != '\0'; at++) {
		const char *word = command + at;
		bool extracts = false;

		if (!begins_command(command, at) ||
		    (!is_word(word, "tar") && !is_word(word, "bsdtar")))
			continue;
		*ret = (struct tar) { .end = at + word_length(word), .certain = true };
		word = command + ret->end;
		for (bool first = true; *word == ' '; first = false) {
			size_t n = word_length(++word);

			if (first && is_old_style(word, n)) {
				extracts = ret->old = true;
				ret->certain = can_have_hyphen(word, n);
				ret->keeps = memchr(word, 'o', n) != NULL;
			} else if (note_option(ret, word, n)) {
				extracts = true;
			}
			word += n;
		}
		if (extracts)
			return true;
	}
	return false;
}

/* How tar is to read an archive of that name (busybox does not find it out); NULL: it is none. */
static const char *archive_options(const char *name, size_t length)
{
	static const struct {
		const char *end, *options;
	} ends[] = {
		{ ".tar", "-xf" },      { ".tar.gz", "-xzf" }, { ".tgz", "-xzf" },
		{ ".tar.bz2", "-xjf" }, { ".tbz2", "-xjf" },   { ".tar.xz", "-xJf" },
		{ ".txz", "-xJf" },
	};

	for (size_t i = 0; i < UNR_COUNT(ends); i++) {
		size_t n = strlen(ends[i].end);

		if (length > n && memcmp(name + length - n, ends[i].end, n) == 0)
			return ends[i].options;
	}
	return NULL;
}

/* "ADD NAME.tar.gz FOLDER": the only file, and where it goes. */
static bool split_add(const char *step, const char **ret_name, size_t *ret_length,
		      const char **ret_folder)
{
	const char *rest = unr_step_rest(step, "ADD");
	const char *space = rest == NULL ? NULL : strchr(rest, ' ');

	if (space == NULL || archive_options(rest, (size_t) (space - rest)) == NULL)
		return false;
	*ret_name = rest;
	*ret_length = (size_t) (space - rest);
	*ret_folder = space + 1;
	return unr_edit_is_plain(rest, *ret_length) &&
	       unr_edit_is_plain(*ret_folder, strlen(*ret_folder)) && **ret_folder != '\0';
}

/* "ADD file:DIGEST in FOLDER" of the older builder, which has given all but archives to root. */
static const char *added_folder(const char *step)
{
	const char *in = unr_starts_with(step, "ADD file:");

	in = in == NULL ? NULL : strstr(in, " in ");
	if (in == NULL ||
	    strcmp(in, " in /") == 0) /* a root to begin with, where there is no tar */
		return NULL;
	in += strlen(" in ");
	return unr_edit_is_plain(in, strlen(in)) ? in : NULL;
}

bool unr_edit_unpacks(const char *step)
{
	const char *command = unr_step_rest(step, "RUN"), *name, *folder;
	size_t length;
	struct tar tar;

	if (command != NULL)
		return next_tar(command, 0, &tar) && !tar.keeps;
	return added_folder(step) != NULL || split_add(step, &name, &length, &folder);
}

bool unr_edit_tar(const char *step, struct unr_text *diff)
{
	const char *command = unr_step_rest(step, "RUN");
	unr_auto(unr_text_done) struct unr_text changed = { 0 };
	size_t done = 0;
	struct tar tar;
	bool any = false;

	if (command == NULL || strstr(step, "<<") != NULL)
		return false;
	unr_text_puts(&changed, "RUN ");
	for (size_t at = 0; next_tar(command, at, &tar); at = tar.end) {
		if (!tar.certain)
			return false;
		unr_text_append(&changed, command + done, tar.end - done);
		done = tar.end;
		if (tar.keeps)
			continue;
		any = true;
		unr_text_puts(&changed, " --no-same-owner");
		if (tar.old) {
			unr_text_puts(&changed, " -");
			done++;
		}
	}
	unr_text_puts(&changed, command + done);
	if (any)
		put_change(diff, step, &changed);
	return any;
}

bool unr_edit_append(const char *step, const char *command, struct unr_text *diff)
{
	size_t length = strlen(step);

	/* A here-document ends elsewhere, and behind a comment or an & nothing is the same. */
	if (unr_step_rest(step, "RUN") == NULL || strstr(step, "<<") != NULL)
		return false;
	if (is_script(step)) {
		unr_text_printf(diff, "  %s\n+ %s\n", strrchr(step, '\n') + 1, command);
		return true;
	}
	if (strstr(step, " #") != NULL)
		return false;
	while (length > 0 && strchr(" ;\\", step[length - 1]) != NULL)
		length--;
	if (length <= strlen("RUN ") || step[length - 1] == '&')
		return false;
	unr_text_puts(diff, "  ");
	unr_text_append(diff, step, length);
	unr_text_printf(diff, " && \\\n+     %s\n", command);
	return true;
}

/* "file:DIGEST in FOLDER" of the older builder: from " in " on; NULL: it is none. */
static const char *find_digested(const char *rest)
{
	static const char *const kinds[] = { "file:", "dir:", "multi:" };

	for (size_t i = 0; i < UNR_COUNT(kinds); i++)
		if (unr_starts_with(rest, kinds[i]) != NULL)
			return strstr(rest, " in ");
	return NULL;
}

bool unr_edit_copy(const char *step, struct unr_text *diff)
{
	static const char *const instructions[] = { "COPY", "ADD" };
	unr_auto(unr_text_done) struct unr_text old = { 0 }, changed = { 0 };
	const char *in;

	for (size_t i = 0; i < UNR_COUNT(instructions); i++) {
		const char *rest = unr_step_rest(step, instructions[i]);

		/* "ADD file:… in /" is what is left of a root of a file system. */
		if (rest == NULL || strstr(rest, "--chown=") != NULL ||
		    (i > 0 && (unr_edit_unpacks(step) || strstr(rest, " in ") != NULL)))
			continue;
		in = find_digested(rest);
		if (in != NULL) { /* of the source's name the history has nothing */
			unr_text_printf(&old, "%s SOURCE%s", instructions[i], in + strlen(" in"));
			rest = unr_text_string(&old) + strlen("COPY ");
		}
		unr_text_printf(&changed, "%s --chown=0:0 %s", instructions[i], rest);
		put_change(diff, in != NULL ? unr_text_string(&old) : step, &changed);
		diff->failed |= old.failed;
		return true;
	}
	return false;
}

bool unr_edit_add(const char *step, struct unr_text *diff)
{
	const char *name, *folder, *base;
	size_t length;
	int n;

	folder = added_folder(step);
	if (folder != NULL) { /* of the archive's name the history has nothing */
		name = "ARCHIVE.tar.gz";
		length = strlen(name);
		unr_text_printf(diff, "- ADD %s %s\n", name, folder);
	} else if (split_add(step, &name, &length, &folder)) {
		unr_text_printf(diff, "- %s\n", step);
	} else {
		return false;
	}
	base = memrchr(name, '/', length);
	base = base == NULL ? name : base + 1;
	n = (int) (length - (size_t) (base - name));
	unr_text_printf(diff, "+ COPY %.*s /tmp/\n", (int) length, name);
	unr_text_printf(diff,
			"+ RUN mkdir -p %s && tar --no-same-owner %s /tmp/%.*s -C %s && "
			"rm /tmp/%.*s\n",
			folder, archive_options(name, length), n, base, folder, n, base);
	return true;
}
