/* SPDX-License-Identifier: MIT */
/* Time that passes, for deadlines and for what is told now and then. */
#ifndef UNR_BASE_CLOCK_H
#define UNR_BASE_CLOCK_H

#include <stdint.h>

/** unr_now_ms() - milliseconds since some moment before; no setting of a clock changes it */
int64_t unr_now_ms(void);

#endif
