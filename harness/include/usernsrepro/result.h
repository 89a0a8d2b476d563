/* SPDX-License-Identifier: MIT */
/*
 * Everything that one run found out, as report/ needs it: the value between
 * run/ and report/.  Facts, and the engine's own words; no layout.
 */
#ifndef USERNSREPRO_RESULT_H
#define USERNSREPRO_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "usernsrepro/finding_store.h"
#include "usernsrepro/idmap.h"
#include "usernsrepro/image.h"
#include "usernsrepro/map_writer.h"

/* Where the engine stops. */
enum unr_stage { UNR_STAGE_NONE, UNR_STAGE_LAYER, UNR_STAGE_RUNTIME, UNR_STAGE_COUNT_ };

/* The word of the engine: what `docker load` or `docker pull` would end with. */
struct unr_verdict {
	bool ok;
	enum unr_stage stage;
	uint32_t layer; /* for stage LAYER */
	char *path;     /* owned; entry at which it stops; NULL when it is no entry */
	size_t path_length;
	bool has_id; /* the reason is an id without a place in the map */
	int64_t id;  /* inside id, as the message shows it */
	enum unr_id_kind id_kind;
	char *message; /* owned; what the engine's client prints, to the letter */
};

/* The calls that give a process its ids, as the kernel answered them. */
struct unr_start_calls {
	bool made;
	int setgroups, setgid, setuid; /* positive errno; 0: taken */
};

/* The start of a container: who its process is to be, and whether it may. */
struct unr_runtime {
	bool checked;  /* it came to the start, and what follows is known */
	char *unknown; /* owned; why it could not be found out; NULL otherwise */
	bool ok;
	char *user;    /* owned; USER, or what --user put in its place */
	bool resolved; /* it leads to numbers: */
	uint32_t uid, gid;
	uint32_t *groups; /* owned; supplementary ones, as setgroups(2) gets them */
	size_t n_groups;
	char *line;           /* owned; of /etc/passwd; NULL: none says who it is */
	uint64_t line_number; /* from 1 */
	struct unr_start_calls calls;
	char *message; /* owned; what the engine says of it; NULL when it starts */
};

/* One layer as it went. */
struct unr_layer_result {
	bool done;         /* extracted to its end; false after a damaged tar or --stop-at-first */
	uint64_t entries;  /* read from the tar */
	uint64_t chowns;   /* really made */
	uint64_t refused;  /* of those, refused by the kernel */
	uint64_t failures; /* entries that the engine refuses */
	uint32_t highest[UNR_ID_KIND_COUNT_]; /* ids; without those that no map can hold */
};

struct unr_result {
	const char *source;  /* borrowed; the image as it was named, with its transport */
	bool groups_added;   /* --group-add was given */
	const char *profile; /* borrowed; "custom" when maps were given */
	const char *engine;  /* borrowed; name of the row in the engine table */
	const char *driver;  /* borrowed */
	char kernel[80];     /* uname -r */
	enum unr_map_method map_method;
	char map_note[UNR_MAP_WHY_SIZE]; /* why the map is not the profile's; "" when it is */
	struct unr_idmaps map;           /* owned; what the kernel had */
	struct unr_idmaps engine_map;    /* owned; what the engine computes with */

	const char *map_change; /* borrowed; how the map is made larger... */
	bool map_fixed;         /* ...which nobody but the host's provider can */

	struct unr_image image;             /* owned */
	struct unr_layer_result *layers;    /* owned; image.n_layers of them */
	struct unr_verdict verdict;         /* owned */
	struct unr_runtime runtime;         /* owned */
	struct unr_finding_store *findings; /* owned */
	bool stopped_at_first;
	uint64_t stand_ins;      /* device nodes that stand as fifos */
	uint64_t skipped_xattrs; /* attributes that only real root on the host can set */
	uint64_t skipped_owners; /* directories that only it can give to itself */
	const char *rootfs;      /* borrowed; where the tree is kept; NULL: nowhere */
	bool rootfs_cleared;     /* it was to be kept, but the engine keeps nothing */

	struct timespec started, ended; /* CLOCK_REALTIME */
};

/** unr_result_is_mapped() - has an inside id a place in the engine's map? */
UNR_EXPORT bool unr_result_is_mapped(const struct unr_result *result, enum unr_id_kind kind,
				     uint32_t id);

UNR_EXPORT void unr_runtime_done(struct unr_runtime *runtime);
UNR_EXPORT void unr_verdict_done(struct unr_verdict *verdict);
UNR_EXPORT void unr_result_done(struct unr_result *result);

#endif
