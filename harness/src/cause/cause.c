/* SPDX-License-Identifier: MIT */
/*
 * As many failures at a time as fit into some memory.  For them the layers are
 * read from the top down to the lowest that has one: when a layer's turn comes,
 * all that happens above it is known.
 */
#include "cause/cause.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cause/fate.h"
#include "cause/manifest.h"
#include "cause/paths.h"

/* Paths at a time, directories above them included; about 100 bytes each. */
enum { MAX_PATHS = 1 << 18 };

/* Packages in packages that are told apart, the innermost first; npm's own trees are shallower. */
enum { MAX_FOLDERS = 8 };

/* A failure, without its path. */
struct failure {
	struct unr_fate_entry entry;
	uint32_t path;
	uint32_t package; /* number in the batch's packages; 0: none */
	uint32_t folder_depth;
	uint16_t layer, fate_layer;
	uint8_t fate; /* enum unr_fate */
};

struct batch {
	struct unr_paths paths;   /* owned */
	struct failure *failures; /* owned */
	size_t n, room;
	size_t n_open; /* of which the layer was not reached yet, from the beginning */
	struct unr_packages packages; /* owned */
	uint16_t layer;               /* that is being read */
	bool reads_manifests;         /* it has failures */
	uint16_t blind;               /* the lowest layer that could not be read whole; 0: none */
};

static void batch_done(struct batch *batch)
{
	unr_packages_done(&batch->packages);
	free(batch->failures);
	unr_paths_done(&batch->paths);
}
DEFINE_UNR_CLEANUP(struct batch, batch_done);

static int add_folder(struct batch *batch, const char *path,
		      const struct unr_package_folder *folder)
{
	const struct unr_words name = { folder->name, strlen(folder->name) };
	uint32_t number;
	struct unr_path *at;
	int r = unr_paths_add(&batch->paths, path, folder->length, &number);

	if (r < 0)
		return r;
	at = &batch->paths.paths[number];
	at->is_folder = true;
	if (name.length == 0 || at->package != 0)
		return 0;
	at->package_layer = UNR_PATHS_ANY_LAYER;
	return unr_packages_add(&batch->packages, folder->kind, name, folder->version,
				&at->package);
}

/* The folders of packages that a path may belong to, packages in packages included. */
static int add_folders(struct batch *batch, const char *path, size_t length)
{
	int r = 0;

	for (int i = 0; i < MAX_FOLDERS && r == 0; i++) {
		const struct unr_package_folder folder = unr_package_folder(path, length);

		if (folder.kind == UNR_PACKAGE_NONE)
			break;
		r = add_folder(batch, path, &folder);
		length = folder.outside;
	}
	return r;
}

static int add_failure(struct batch *batch, const struct unr_finding *finding)
{
	struct failure failure = { .layer = (uint16_t) finding->layer,
				   .entry = unr_fate_of_finding(&batch->paths, finding) };
	int r;

	if (batch->n == batch->room) {
		size_t room = batch->room == 0 ? 64 : batch->room * 2;
		struct failure *failures = reallocarray(batch->failures, room, sizeof(*failures));

		if (failures == NULL)
			return -ENOMEM;
		batch->failures = failures;
		batch->room = room;
	}
	r = unr_paths_add(&batch->paths, finding->path, finding->path_length, &failure.path);
	if (r == 0)
		r = add_folders(batch, finding->path, finding->path_length);
	batch->failures[batch->n++] = failure;
	return r;
}

/* 1 when there may be more, 0 when these were the last, or -errno. */
static int fill(const struct unr_cause_job *job, struct batch *batch)
{
	int r = 1;

	while (r > 0 && batch->paths.n < MAX_PATHS && batch->n < MAX_PATHS) {
		struct unr_finding finding = { 0 };

		r = job->next(job->context, &finding);
		if (r <= 0)
			break;
		r = finding.layer >= UINT16_MAX ? -EPROTO : add_failure(batch, &finding);
		r = r < 0 ? r : 1;
		unr_finding_done(&finding);
	}
	batch->n_open = batch->n;
	return r;
}

/* One layer from its first entry to its last; 0, 1 when it breaks off, or -errno. */
static int read_entries(void *context, struct unr_tar *tar)
{
	struct batch *batch = context;
	const struct unr_tar_entry *entry;
	int r;

	while ((r = unr_tar_next(tar, &entry)) > 0) {
		if (batch->layer > 0)
			unr_fate_note(&batch->paths, batch->layer, entry);
		if (!batch->reads_manifests)
			continue;
		r = unr_manifest_read(&batch->paths, &batch->packages, batch->layer, tar, entry);
		if (r < 0)
			return r;
	}
	return r == -EBADMSG || r == -EMSGSIZE ? 1 : r;
}

/* What is above a layer that was not read whole may go on otherwise than it seems. */
static void decide_fate(const struct batch *batch, struct failure *failure)
{
	struct unr_fate_answer answer;
	bool ends;

	if (failure->entry.kind == UNR_PATH_NOTHING)
		return;
	answer = unr_fate_ask(&batch->paths, failure->path, failure->layer, &failure->entry);
	ends = answer.fate == UNR_FATE_REPLACED || answer.fate == UNR_FATE_REMOVED;
	if (batch->blind != 0 && !(ends && answer.layer < batch->blind))
		return;
	failure->fate = (uint8_t) answer.fate;
	failure->fate_layer = answer.layer;
}

static bool has_package(const struct unr_path *path, uint16_t layer)
{
	return path->package != 0 &&
	       (path->package_layer == layer || path->package_layer == UNR_PATHS_ANY_LAYER);
}

/* The package in whose folder it lies, else the one that lists it, else the directory it is in. */
static void decide_package(const struct batch *batch, struct failure *failure)
{
	const struct unr_path *paths = batch->paths.paths;
	const struct unr_path *own = &paths[failure->path];
	uint32_t top = 0;

	for (uint32_t at = failure->path; at != 0; at = paths[at].parent) {
		if (paths[at].is_folder && has_package(&paths[at], failure->layer)) {
			failure->package = paths[at].package;
			failure->folder_depth = unr_paths_depth(&batch->paths, at);
			return;
		}
		if (paths[at].failing == failure->layer + 1 &&
		    (at != failure->path || failure->entry.kind == UNR_PATH_DIRECTORY))
			top = at;
	}
	if (!own->is_folder && has_package(own, failure->layer))
		failure->package = own->package;
	failure->folder_depth = unr_paths_depth(&batch->paths, top);
}

/* Where the failures of @layer begin. */
static size_t find_failures(const struct batch *batch, uint16_t layer)
{
	size_t i = batch->n_open;

	while (i > 0 && batch->failures[i - 1].layer == layer)
		i--;
	return i;
}

/* One layer's turn: its failures first know what is above, then what is in it. */
static int take_layer(const struct unr_cause_job *job, struct batch *batch, uint16_t layer,
		      struct unr_error *err)
{
	size_t first = find_failures(batch, layer);
	int r;

	batch->layer = layer;
	batch->reads_manifests = first < batch->n_open;
	for (size_t i = first; i < batch->n_open; i++) {
		decide_fate(batch, &batch->failures[i]);
		batch->paths.paths[batch->failures[i].path].failing = (uint16_t) (layer + 1);
	}
	r = job->read_layer(job->context, layer, read_entries, batch, err);
	if (r > 0)
		batch->blind = layer;
	for (size_t i = first; i < batch->n_open && r >= 0; i++)
		decide_package(batch, &batch->failures[i]);
	batch->n_open = first;
	return r < 0 ? r : 0;
}

static int tell_batch(const struct unr_cause_job *job, const struct batch *batch)
{
	int r = 0;

	for (size_t i = 0; i < batch->n && r == 0; i++) {
		const struct failure *failure = &batch->failures[i];
		struct unr_cause cause = { .fate = failure->fate,
					   .fate_layer = failure->fate_layer,
					   .folder_depth = failure->folder_depth };

		if (failure->package != 0) {
			const struct unr_package *package = &batch->packages.list[failure->package];

			cause.kind = package->kind;
			cause.package = package->name;
			cause.package_version = package->version;
		}
		r = job->tell(job->context, failure->layer, &cause);
	}
	return r;
}

/* 1 when there may be more failures, 0 when not, or -errno. */
static int take_batch(const struct unr_cause_job *job, struct unr_error *err)
{
	unr_auto(batch_done) struct batch batch = { 0 };
	int r = unr_paths_init(&batch.paths);
	int more;

	if (r < 0)
		return r;
	more = fill(job, &batch);
	r = more < 0 ? more : 0;
	for (uint32_t layer = job->n_layers; layer-- > 0 && r == 0 && batch.n_open > 0;)
		r = take_layer(job, &batch, (uint16_t) layer, err);
	if (r == 0)
		r = tell_batch(job, &batch);
	return r < 0 ? r : more;
}

int unr_cause_find(const struct unr_cause_job *job, struct unr_error *err)
{
	int r = job->n_layers >= UINT16_MAX ? 0 : 1;

	while (r > 0)
		r = take_batch(job, err);
	if (r < 0 && err->kind == UNR_ERROR_NONE)
		return unr_fail(err, UNR_ERROR_FAILED, r, "look for the causes of failures: %s",
				strerror(-r));
	return r;
}
