/* SPDX-License-Identifier: MIT */
/* A layer of a scenario: mtree text to the bytes of a tar. */
#ifndef UNR_SCENARIO_LAYER_H
#define UNR_SCENARIO_LAYER_H

#include "base/text.h"
#include "scenario/spec.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/error.h"

/**
 * unr_scenario_layer_write() - the tar of one layer, as it is stored
 * @folder_fd: the scenario's folder
 * @ret:       empty; owned by the caller
 * @ret_hex:   SHA-256 of the tar before it was compressed
 *
 * Return: 0, -EBADMSG when mtree or contents are wrong, or as unr_scenario_read().
 */
UNR_MUST_CHECK int unr_scenario_layer_write(int folder_fd, const struct unr_layer_spec *spec,
					    struct unr_text *ret, char ret_hex[65],
					    struct unr_error *err);

#endif
