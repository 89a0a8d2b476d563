/* SPDX-License-Identifier: MIT */
/* From a finding on which engine and kernel disagree to the reason: see why.h. */
#include "report/why.h"

#include <errno.h>

/* One half of an owner, and what is known about it. */
struct half {
	int64_t id;
	bool engine_unmapped;
	bool whiteout;
	const struct unr_idmap *kernel_map;
	const struct unr_idmap *engine_map;
};

static bool is_mapped(const struct unr_idmap *map, int64_t id)
{
	uint32_t outside;

	return unr_idmap_to_outside(map, id, &outside);
}

static bool is_outside_of_root(const struct unr_idmap *map, int64_t id)
{
	uint32_t outside;

	return unr_idmap_to_outside(map, 0, &outside) && (int64_t) outside == id;
}

/* The engine takes the entry, the kernel refused it: which cause does this half add? */
static unsigned int why_kernel_refused(const struct half *half)
{
	if (is_mapped(half->kernel_map, half->id))
		return 0;
	if (is_mapped(half->engine_map, half->id))
		return UNR_WHY_NARROWER;
	if (is_outside_of_root(half->engine_map, half->id))
		return UNR_WHY_ROOT;
	return half->whiteout ? UNR_WHY_WHITEOUT : UNR_WHY_NOT_LOOKED_AT;
}

/* The engine refuses the entry, the kernel took it. */
static unsigned int why_kernel_took(const struct half *half)
{
	if (!half->engine_unmapped)
		return 0;
	if (is_mapped(half->kernel_map, half->id))
		return UNR_WHY_WIDER;
	/* Also -1 and 2^64-1: chown(2) sees the low 32 bits, and all of them set is "no id". */
	if ((uint32_t) half->id == UNR_ID_NONE)
		return UNR_WHY_NO_CHANGE;
	if (half->id < 0 || half->id > UINT32_MAX)
		return UNR_WHY_32_BITS;
	return half->whiteout ? UNR_WHY_WHITEOUT : 0;
}

unsigned int unr_why_causes(const struct unr_result *result, const struct unr_finding *finding)
{
	const int64_t ids[UNR_ID_KIND_COUNT_] = { finding->uid, finding->gid };
	const bool unmapped[UNR_ID_KIND_COUNT_] = { finding->uid_unmapped, finding->gid_unmapped };
	unsigned int causes = 0;

	if (finding->error != 0 && finding->error != EINVAL)
		return UNR_WHY_NOT_THE_MAP;
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const struct half half = {
			.id = ids[kind],
			.engine_unmapped = unmapped[kind],
			.whiteout = finding->type == UNR_ENTRY_WHITEOUT,
			.kernel_map = &result->map.of[kind],
			.engine_map = &result->engine_map.of[kind],
		};

		causes |= finding->error != 0 ? why_kernel_refused(&half) : why_kernel_took(&half);
	}
	return causes == 0 ? UNR_WHY_UNKNOWN : causes;
}

const char *unr_why_next(unsigned int *causes)
{
	static const struct {
		enum unr_why cause;
		const char *sentence;
	} sentences[] = {
		{ UNR_WHY_ROOT,
		  "The id equals the outside id of the map's root: the engine takes it as mapped "
		  "already and gives the file to root (inside 0), the kernel has no such inside "
		  "id." },
		{ UNR_WHY_NARROWER,
		  "The profile's map has the id, the narrower map that this host could write has "
		  "not." },
		{ UNR_WHY_WIDER,
		  "The map that this host wrote has the id, the map that the engine computes with "
		  "has not." },
		{ UNR_WHY_NO_CHANGE,
		  "To the kernel 4294967295 is -1, 'leave unchanged': it took the call and set "
		  "nothing, while the engine looks for that id in the map." },
		{ UNR_WHY_32_BITS,
		  "The kernel's ids have 32 bits and this one does not fit: the kernel got its low "
		  "32 bits, the engine looks at the whole number." },
		{ UNR_WHY_WHITEOUT,
		  "A whiteout only removes a name: one side gives it an owner, the other does not "
		  "look at it." },
		{ UNR_WHY_NOT_LOOKED_AT,
		  "The engine does not look at the owner of such an entry, the kernel does." },
		{ UNR_WHY_NOT_THE_MAP,
		  "The kernel's error is not the one for an id outside the map (EINVAL)." },
		{ UNR_WHY_UNKNOWN, "Neither the map nor the number of the id explains it." },
	};

	for (size_t i = 0; i < UNR_COUNT(sentences); i++) {
		if ((*causes & sentences[i].cause) == 0)
			continue;
		*causes &= ~(unsigned int) sentences[i].cause;
		return sentences[i].sentence;
	}
	return NULL;
}
