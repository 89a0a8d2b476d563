/* SPDX-License-Identifier: MIT */
/* The engine's two ways to extract a layer, and their names. */
#ifndef UNR_ENGINE_DRIVER_H
#define UNR_ENGINE_DRIVER_H

#include "base/text.h"
#include "usernsrepro/attr.h"

/* Which of the engine's two ways to extract a layer. */
enum unr_driver {
	UNR_DRIVER_OVERLAY2, /* into an empty directory, overlay whiteouts */
	UNR_DRIVER_VFS,      /* onto the lower layers, AUFS whiteouts executed */
	UNR_DRIVER_COUNT_
};

/** unr_driver_from_name() - -ENOENT for a name that is none. */
UNR_MUST_CHECK int unr_driver_from_name(const char *name);
const char *unr_driver_name(enum unr_driver driver);

/** unr_driver_list() - append the names, separated by commas, for help and messages. */
void unr_driver_list(struct unr_text *text);

#endif
