/* SPDX-License-Identifier: MIT */
/* stream/ in the form that image/ asks for: reading archives that are compressed as a whole. */
#ifndef UNR_RUN_INFLATER_H
#define UNR_RUN_INFLATER_H

#include "image/services.h"

const struct unr_inflater *unr_inflater(void);

#endif
