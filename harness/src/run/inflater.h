/* SPDX-License-Identifier: MIT */
/* stream/ in the form that image/ asks for: reading archives that are compressed as a whole. */
#ifndef UNR_RUN_INFLATER_H
#define UNR_RUN_INFLATER_H

#include <stdbool.h>

#include "image/services.h"

/** unr_inflater() - @zstd: the engine reads that, too. */
const struct unr_inflater *unr_inflater(bool zstd);

#endif
