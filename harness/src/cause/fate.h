/* SPDX-License-Identifier: MIT */
/*
 * What becomes of an entry in the layers above its own, by their headers: it is
 * kept, gets another owner, is replaced or removed.  Layers are noted from the
 * top down, and a path is asked about once all layers above have been noted.
 */
#ifndef UNR_CAUSE_FATE_H
#define UNR_CAUSE_FATE_H

#include "cause/paths.h"
#include "tar/tar.h"
#include "usernsrepro/finding.h"

/* An entry, as far as it can be told from another of the same path. */
struct unr_fate_entry {
	enum unr_path_kind kind;
	uint64_t content, owner; /* hashes: of type, size, time and target; of both ids */
};

struct unr_fate_entry unr_fate_of_finding(const struct unr_paths *paths,
					  const struct unr_finding *finding);

/** unr_fate_note() - an entry of @layer, which is not the bottom one */
void unr_fate_note(struct unr_paths *paths, uint16_t layer, const struct unr_tar_entry *entry);

struct unr_fate_answer {
	enum unr_fate fate;
	uint16_t layer; /* that decides; 0 for KEPT and UNKNOWN */
	uint64_t owner; /* the last one, and since when it is */
	uint16_t owned;
};

/** unr_fate_ask() - of @entry, of @layer, at the path @number */
struct unr_fate_answer unr_fate_ask(const struct unr_paths *paths, uint32_t number, uint16_t layer,
				    const struct unr_fate_entry *entry);

#endif
