/* SPDX-License-Identifier: MIT */
/* What Go takes for a character that can be shown. */
#ifndef UNR_ENGINE_GO_PRINT_H
#define UNR_ENGINE_GO_PRINT_H

#include <stdbool.h>
#include <stdint.h>

/** unr_go_is_print() - strconv.IsPrint */
bool unr_go_is_print(uint32_t character);

#endif
