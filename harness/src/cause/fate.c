/* SPDX-License-Identifier: MIT */
/*
 * Names count as they stand, whiteouts as the OCI image specification has them
 * (layer.md): they hide what lower layers have, never their own layer's entries.
 */
#include "cause/fate.h"

#include <string.h>

#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

/* What two entries must have in common to be the same thing, changed in its owner or mode only. */
struct likeness {
	int64_t type, size, mtime;
	uint64_t target;
};

static struct unr_fate_entry make_entry(const struct unr_paths *paths, char type, uint64_t size,
					int64_t mtime, const char *link, size_t link_length,
					int64_t uid, int64_t gid)
{
	const struct likeness likeness = {
		.type = type,
		.size = type == '0' ? (int64_t) size : 0,
		.mtime = mtime,
		.target = type == '1' || type == '2' ? unr_paths_hash(paths, link, link_length) : 0,
	};
	const int64_t ids[] = { uid, gid };

	return (struct unr_fate_entry) {
		.kind = type == '5' ? UNR_PATH_DIRECTORY :
			type == '1' ? UNR_PATH_HARDLINK :
				      UNR_PATH_OTHER,
		/* A directory is the same whatever happened in it. */
		.content = type == '5' ? 0 : unr_paths_hash(paths, &likeness, sizeof(likeness)),
		.owner = unr_paths_hash(paths, ids, sizeof(ids)),
	};
}

struct unr_fate_entry unr_fate_of_finding(const struct unr_paths *paths,
					  const struct unr_finding *finding)
{
	static const char types[UNR_ENTRY_TYPE_COUNT_] = {
		[UNR_ENTRY_FILE] = '0', [UNR_ENTRY_HARDLINK] = '1', [UNR_ENTRY_SYMLINK] = '2',
		[UNR_ENTRY_CHAR] = '3', [UNR_ENTRY_BLOCK] = '4',    [UNR_ENTRY_DIRECTORY] = '5',
		[UNR_ENTRY_FIFO] = '6', [UNR_ENTRY_WHITEOUT] = 0,   [UNR_ENTRY_OTHER] = 0,
	};

	if (types[finding->type] == 0) /* a mark, or nothing that is ever made */
		return (struct unr_fate_entry) { .kind = UNR_PATH_NOTHING };
	return make_entry(paths, types[finding->type], finding->size, finding->mtime, finding->link,
			  finding->link_length, finding->uid, finding->gid);
}

static void note_event(struct unr_path_event *event, uint16_t layer)
{
	if (event->layer == layer)
		return;
	event->before = event->layer;
	event->layer = layer;
}

/* The lowest layer above @layer with that event; 0 for none. */
static uint16_t event_above(const struct unr_path_event *event, uint16_t layer)
{
	return event->layer == layer ? event->before : event->layer;
}

/* The lowest layer above @layer that removes a path or what it is in; 0 for none. */
static uint16_t find_removal(const struct unr_paths *paths, uint32_t number, uint16_t layer)
{
	uint16_t lowest = event_above(&paths->paths[number].removed, layer);

	while (number != 0) {
		uint16_t cleared;

		number = paths->paths[number].parent;
		cleared = event_above(&paths->paths[number].cleared, layer);
		if (cleared != 0 && (lowest == 0 || cleared < lowest))
			lowest = cleared;
	}
	return lowest;
}

/* Goes on as the entry above it does, which is the same but for its owner. */
static struct unr_fate_answer follow(const struct unr_path *path, uint16_t layer,
				     const struct unr_fate_entry *entry)
{
	struct unr_fate_answer answer = {
		.fate = path->ending, .layer = path->end, .owner = path->owner, .owned = path->owned
	};

	if (answer.fate != UNR_FATE_KEPT)
		return answer;
	if (path->owner == entry->owner) {
		answer.owned = layer;
	} else {
		answer.fate = UNR_FATE_REOWNED;
		answer.layer = path->owned;
	}
	return answer;
}

struct unr_fate_answer unr_fate_ask(const struct unr_paths *paths, uint32_t number, uint16_t layer,
				    const struct unr_fate_entry *entry)
{
	const struct unr_path *path = &paths->paths[number];
	struct unr_fate_answer answer = { .fate = UNR_FATE_KEPT,
					  .owner = entry->owner,
					  .owned = layer };
	uint16_t removal = find_removal(paths, number, layer);

	if (path->entry != 0 && (removal == 0 || path->entry <= removal)) {
		bool one_is_link =
			(path->kind == UNR_PATH_HARDLINK) != (entry->kind == UNR_PATH_HARDLINK);

		/* Of a hard link the header has neither size nor content. */
		if (path->unsure || (one_is_link && path->kind != UNR_PATH_DIRECTORY &&
				     entry->kind != UNR_PATH_DIRECTORY))
			return (struct unr_fate_answer) { .fate = UNR_FATE_UNKNOWN };
		if (path->kind == entry->kind && path->content == entry->content)
			return follow(path, layer, entry);
		answer.fate = UNR_FATE_REPLACED;
		answer.layer = path->entry;
	} else if (removal != 0) {
		answer.fate = UNR_FATE_REMOVED;
		answer.layer = removal;
	}
	return answer;
}

/* An entry that is no mark becomes the lowest of its path. */
static void note_entry(struct unr_paths *paths, uint32_t number, uint16_t layer,
		       const struct unr_tar_entry *e)
{
	struct unr_path *path = &paths->paths[number];
	struct unr_fate_entry entry =
		make_entry(paths, e->type, (uint64_t) e->size, e->mtime.seconds, e->link,
			   e->link_length, e->uid, e->gid);
	struct unr_fate_answer answer;

	if (path->entry == layer) { /* twice in one layer, which only some engines take */
		path->unsure = true;
		return;
	}
	answer = unr_fate_ask(paths, number, layer, &entry);
	path->unsure = answer.fate == UNR_FATE_UNKNOWN;
	path->kind = (uint8_t) entry.kind;
	path->content = entry.content;
	path->ending = answer.fate == UNR_FATE_REOWNED ? UNR_FATE_KEPT : (uint8_t) answer.fate;
	path->end = answer.layer;
	path->owner = answer.owner;
	path->owned = answer.owned;
	path->entry = layer;
	if (entry.kind != UNR_PATH_DIRECTORY)
		note_event(&path->cleared, layer);
}

static void note_whiteout(struct unr_paths *paths, const struct unr_place *place, uint16_t layer)
{
	size_t prefix = strlen(WHITEOUT);
	uint32_t number;

	if (place->length == strlen(OPAQUE) && memcmp(place->base, OPAQUE, place->length) == 0) {
		note_event(&paths->paths[place->parent].cleared, layer);
		return;
	}
	number =
		unr_paths_child(paths, place->parent, place->base + prefix, place->length - prefix);
	if (number == UNR_PATHS_NONE)
		return;
	note_event(&paths->paths[number].removed, layer);
	note_event(&paths->paths[number].cleared, layer);
}

void unr_fate_note(struct unr_paths *paths, uint16_t layer, const struct unr_tar_entry *entry)
{
	struct unr_place place = unr_paths_find(paths, entry->name, entry->name_length);
	size_t prefix = strlen(WHITEOUT);
	uint32_t number = 0;

	if (place.parent == UNR_PATHS_NONE || entry->type == 'g')
		return;
	if (place.base != NULL && place.length >= prefix &&
	    memcmp(place.base, WHITEOUT, prefix) == 0) {
		note_whiteout(paths, &place, layer);
		return;
	}
	if (place.base != NULL)
		number = unr_paths_child(paths, place.parent, place.base, place.length);
	else
		number = place.parent;
	if (number != UNR_PATHS_NONE)
		note_entry(paths, number, layer, entry);
}
