/* SPDX-License-Identifier: MIT */
/* newuidmap and newgidmap, called and judged: see map_write_helper.h. */
#include "map_write_helper.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "helper_find.h"
#include "helper_run.h"
#include "idmap_auto.h"
#include "map_write_proc.h"

void unr_map_argv_done(struct unr_map_argv *argv)
{
	unr_text_done(&argv->bytes);
	free(argv->items);
	argv->items = NULL;
}

/* The number as a string, with the NUL behind it. */
static void add_number(struct unr_text *bytes, uint32_t number)
{
	unr_text_printf(bytes, "%" PRIu32, number);
	unr_text_append(bytes, "", 1);
}

int unr_map_argv_make(const char *path, pid_t pid, const struct unr_idmap *map,
		      struct unr_map_argv *ret)
{
	size_t n = 2 + 3 * map->n_ranges;
	unr_autofree char **items = calloc(n + 1, sizeof(*items));
	unr_auto(unr_text_done) struct unr_text bytes = { 0 };
	char *next;

	unr_text_append(&bytes, path, strlen(path) + 1);
	unr_text_printf(&bytes, "%d", (int) pid);
	unr_text_append(&bytes, "", 1);
	for (size_t i = 0; i < map->n_ranges; i++) {
		add_number(&bytes, map->ranges[i].inside);
		add_number(&bytes, map->ranges[i].outside);
		add_number(&bytes, map->ranges[i].count);
	}
	if (bytes.failed || items == NULL)
		return -ENOMEM;
	/* Pointers come last: the bytes move while they grow. */
	next = bytes.bytes;
	for (size_t i = 0; i < n; i++, next += strlen(next) + 1)
		items[i] = next;
	*ret = (struct unr_map_argv) { .bytes = bytes, .items = unr_take_ptr(items) };
	bytes = (struct unr_text) { 0 };
	return 0;
}

/* What the end of a helper means. */
static int judge_end(const char *path, const struct unr_helper_end *end, struct unr_error *err)
{
	const char *colon = end->said[0] == '\0' ? "" : ": ";

	if (WIFSIGNALED(end->status))
		return unr_fail(err, UNR_ERROR_FAILED, -EIO, "%s was killed by signal %d%s%s", path,
				WTERMSIG(end->status), colon, end->said);
	if (WEXITSTATUS(end->status) != 0)
		return unr_fail(err, UNR_ERROR_CANNOT_RUN, -EPERM,
				"%s ended with exit status %d%s%s", path, WEXITSTATUS(end->status),
				colon, end->said);
	return 0;
}

static bool has_range(const struct unr_idmap *map, const struct unr_id_range *range)
{
	for (size_t i = 0; i < map->n_ranges; i++)
		if (map->ranges[i].inside == range->inside &&
		    map->ranges[i].outside == range->outside &&
		    map->ranges[i].count == range->count)
			return true;
	return false;
}

/* A helper that says yes is believed only as far as the kernel confirms it. */
static int confirm(pid_t pid, enum unr_id_kind kind, const struct unr_idmap *map, const char *path,
		   struct unr_error *err)
{
	unr_auto(unr_idmap_done) struct unr_idmap got = { 0 };
	int r = unr_map_proc_read(pid, kind, &got, err);
	bool same;

	if (r < 0)
		return r;
	/* Not by position: the kernel sorts a map of more than 5 ranges. */
	same = got.n_ranges == map->n_ranges;
	for (size_t i = 0; i < map->n_ranges && same; i++)
		same = has_range(&got, &map->ranges[i]);
	if (!same)
		return unr_fail(err, UNR_ERROR_FAILED, -EIO,
				"%s reported success, but wrote %" PRIu64 " of %" PRIu64
				" %ss in %zu of %zu ranges",
				path, unr_idmap_total(&got), unr_idmap_total(map),
				unr_id_kind_name(kind), got.n_ranges, map->n_ranges);
	return 0;
}

static int write_one(pid_t pid, enum unr_id_kind kind, const struct unr_idmap *map, int limit_ms,
		     struct unr_error *err)
{
	unr_autofree char *path = NULL;
	unr_auto(unr_map_argv_done) struct unr_map_argv argv = { 0 };
	struct unr_helper_end end = { 0 };
	int r = unr_helper_find(kind, &path);

	if (r == -ENOENT)
		return unr_fail(err, UNR_ERROR_CANNOT_RUN, r, "%s is not on PATH",
				unr_helper_name(kind));
	if (r == 0)
		r = unr_map_argv_make(path, pid, map, &argv);
	if (r < 0)
		return unr_fail_memory(err);
	r = unr_helper_run(argv.items, limit_ms, &end, err);
	if (r == 0)
		r = judge_end(path, &end, err);
	return r < 0 ? r : confirm(pid, kind, map, path, err);
}

int unr_map_helper_write(pid_t pid, const struct unr_idmaps *maps, int limit_ms,
			 struct unr_error *err)
{
	int r = write_one(pid, UNR_UID, &maps->of[UNR_UID], limit_ms, err);

	return r < 0 ? r : write_one(pid, UNR_GID, &maps->of[UNR_GID], limit_ms, err);
}
