/* SPDX-License-Identifier: MIT */
/*
 * The loop over the entries of one layer, the same for both drivers; what is
 * done with an entry is in overlay2.c and vfs.c.
 *
 * Where the engine would stop, its words are kept as the layer's stop, and the
 * work goes on to find every other owner that has no place.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "sys/sys.h"
#include "unpack/internal.h"

void unr_stop_done(struct unr_stop *stop)
{
	free(stop->text);
	free(stop->path);
	*stop = (struct unr_stop) { 0 };
}

void unr_unpack_result_done(struct unr_unpack_result *result)
{
	unr_stop_done(&result->stop);
	free(result->log);
	free(result->output);
	*result = (struct unr_unpack_result) { 0 };
}

static void unpack_done(struct unpack *u)
{
	unr_text_done(&u->name);
	unr_text_done(&u->path);
	unr_text_done(&u->parent);
	unr_text_done(&u->target);
	unr_text_done(&u->local);
	unr_text_done(&u->text);
	unr_text_done(&u->log);
	unr_nameset_done(&u->names);
	unr_records_done(&u->directories);
	free(u->buffer);
	unr_text_done(&u->known_parent);
	unr_close(&u->parent_fd);
	unr_close(&u->fd);
	aufs_done(u);
}

/* What the extracting child prints when it is content with what it has seen. */
static int keep_output(struct unpack *u)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	if (u->result->output != NULL)
		return 0;
	if (u->options->driver == UNR_DRIVER_VFS)
		unr_text_printf(&text, "{\"layerSize\":%" PRId64 "}\n", (int64_t) u->layer_size);
	u->result->output = unr_text_take(&text);
	return u->result->output == NULL ? unr_fail_memory(u->err) : 0;
}

int keep_stop(struct unpack *u, enum unr_stop_kind kind)
{
	struct unr_unpack_result *result = u->result;
	bool at_entry = u->entry != NULL;

	if (result->stop.kind != UNR_STOP_NONE)
		return 0;
	result->stop = (struct unr_stop) { .kind = kind,
					   .text = strdup(unr_text_string(&u->text)),
					   .path = at_entry ? strdup(u->name.bytes) : NULL,
					   .path_length = at_entry ? strlen(u->name.bytes) : 0,
					   .entry = at_entry ? u->entry->position : 0 };
	result->log = strdup(unr_text_string(&u->log));
	if (result->stop.text == NULL || result->log == NULL ||
	    (at_entry && result->stop.path == NULL))
		return unr_fail_memory(u->err);
	return keep_output(u);
}

static int name_entry(struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;

	path_clean(e->name, e->name_length, &u->name);
	path_join_root(e->name, e->name_length, &u->path);
	if (!u->path.failed)
		path_dirname(&u->path, &u->parent);
	return u->name.failed || u->path.failed || u->parent.failed ? unr_fail_memory(u->err) : 0;
}

/* Is there a second reader of the same bytes beside the extractor, tar-split? */
static bool is_read_twice(const struct unpack *u)
{
	const struct unr_rootless *rootless = u->options->engine->rootless;

	return rootless == NULL || !rootless->takes_duplicates;
}

/* tar-split breaks off.  A child takes that for the archive's end and makes its last pass. */
static int stop_beside(struct unpack *u, const char *text)
{
	int r = unr_engine_in_process(u->options->engine) ? 0 : apply_directory_times(u);

	if (r < 0)
		return r;
	if (r == STEP_FAILED)
		return keep_stop(u, UNR_STOP_CHILD);
	(void) !fail_text(u, "%s", text);
	return keep_stop(u, UNR_STOP_FEED);
}

/*
 * tar-split reads the content of entries that the extractor passes over as well
 * (tar/asm/disassemble.go), and breaks off where it finds a fault.  If that was
 * before the content's end, the child misses the rest of it.
 */
static int check_unread(struct unpack *u)
{
	/* What says that it is empty is not read. */
	if (!is_read_twice(u) || u->entry->size <= 0 || u->result->stop.kind != UNR_STOP_NONE ||
	    unr_tar_drain(u->tar) != -EBADMSG)
		return 0;
	switch (unr_tar_gap(u->tar)) {
	case UNR_TAR_ALL_READ:
		return stop_beside(u, unr_tar_error_text(u->tar));
	case UNR_TAR_SOME_LEFT:
		(void) !fail_text(u, "%s",
				  unr_engine_in_process(u->options->engine) ?
					  unr_tar_error_text(u->tar) :
					  "unexpected EOF");
		return keep_stop(u, UNR_STOP_CHILD);
	default: /* the next header will find it */
		return 0;
	}
}

/* tar-split refuses a second entry of the same cleaned name (tar/storage/packer.go). */
static int check_duplicate(struct unpack *u)
{
	int r;

	if (!is_read_twice(u))
		return 0;
	r = unr_nameset_mark(&u->names, MARK_SEEN, u->name.bytes, u->name.length);
	if (r != 0)
		return r < 0 ? unr_fail_memory(u->err) : 0;
	if (u->result->stop.kind != UNR_STOP_NONE)
		return 0;
	return stop_beside(u, "duplicates of file paths not supported");
}

/* One entry from the reader to the end of its steps; 0, or a negative errno. */
static int take_entry(struct unpack *u)
{
	int r = name_entry(u);

	if (r < 0)
		return r;
	u->call = UNR_CALL_NONE;
	u->call_error = 0;
	u->refused = u->made = false;
	if (u->entry->type != 'g')
		u->layer_size += (uint64_t) u->entry->size;
	r = u->driver->unpack_entry(u);
	if (r >= 0 && u->look_error != 0)
		return own_trouble(u, "lstat", -u->look_error);
	if (r == STEP_FAILED)
		r = keep_stop(u, UNR_STOP_CHILD);
	if (r == 0)
		r = check_unread(u);
	if (r == 0)
		r = check_duplicate(u);
	unr_close(&u->fd);
	u->result->entries++;
	if (u->options->step != NULL)
		u->options->step(u->options->context, u->result->entries);
	return r;
}

/* The archive ended, well or badly. */
static int finish(struct unpack *u, int read_result)
{
	int r;

	u->entry = NULL;
	if (read_result == -EBADMSG) {
		(void) !fail_text(u, "%s", unr_tar_error_text(u->tar));
		return keep_stop(u, UNR_STOP_CHILD);
	}
	if (read_result == -EMSGSIZE)
		return unr_fail(u->err, UNR_ERROR_FAILED, read_result,
				"layer %u has a header of more than 64 MiB", u->options->layer);
	if (read_result < 0)
		return unr_fail(u->err, UNR_ERROR_FAILED, read_result, "read layer %u: %s",
				u->options->layer, strerror(-read_result));
	u->result->complete = true;
	r = apply_directory_times(u);
	return r == STEP_FAILED ? keep_stop(u, UNR_STOP_CHILD) : r;
}

static bool goes_on(const struct unpack *u)
{
	return u->result->stop.kind == UNR_STOP_NONE || !u->options->stop_at_first;
}

static int run_loop(struct unpack *u)
{
	int r = unr_nameset_init(&u->names);

	if (r < 0)
		return unr_fail(u->err, UNR_ERROR_FAILED, r, "getrandom: %s", strerror(-r));
	(void) umask(u->driver->umask);
	if (u->options->driver == UNR_DRIVER_VFS)
		r = aufs_new(u);
	while (r == 0 && goes_on(u)) {
		r = unr_tar_next(u->tar, &u->entry);
		if (r <= 0)
			return finish(u, r);
		r = take_entry(u);
	}
	return r;
}

/* By whether the engine is rooted. */
static const struct driver DRIVERS[2][UNR_DRIVER_COUNT_] = {
	{ [UNR_DRIVER_OVERLAY2] = { .umask = 0022, .unpack_entry = unpack_overlay2_entry },
	  [UNR_DRIVER_VFS] = { .umask = 0, .unpack_entry = unpack_vfs_entry } },
	{ [UNR_DRIVER_OVERLAY2] = { .umask = 0022, .unpack_entry = unpack_rooted_overlay2_entry },
	  [UNR_DRIVER_VFS] = { .umask = 0, .unpack_entry = unpack_rooted_vfs_entry } },
};

int unr_unpack(struct unr_tar *tar, const struct unr_unpack_options *options,
	       struct unr_unpack_result *ret, struct unr_error *err)
{
	struct unr_unpack_result result = { 0 };
	struct unpack u = { .tar = tar,
			    .driver = &DRIVERS[options->engine->rooted][options->driver],
			    .unshown = options->engine->rooted ? 1 : 0,
			    .options = options,
			    .result = &result,
			    .directories = UNR_RECORDS(directories_open),
			    .fd = -EBADF,
			    .parent_fd = -EBADF,
			    .err = err };
	int r = run_loop(&u);

	if (r == 0)
		r = keep_output(&u);
	if (r == 0 && result.log == NULL) {
		result.log = strdup(unr_text_string(&u.log));
		if (result.log == NULL)
			r = unr_fail_memory(err);
	}
	unpack_done(&u);
	if (r < 0) {
		unr_unpack_result_done(&result);
		return r;
	}
	*ret = result;
	return 0;
}
