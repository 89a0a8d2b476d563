/* SPDX-License-Identifier: MIT */
/* The news of a fetcher on their way to whoever wants to know how far the layers are. */
#ifndef UNR_RUN_DOWNLOADS_H
#define UNR_RUN_DOWNLOADS_H

#include "run/collect.h"

/**
 * unr_downloads_pass_on() - pass on one piece of news, which is there
 *
 * Only once the image is known: until then the pipe keeps them.  After the last the collector
 * waits for no more.
 *
 * Return: 0, -EPROTO for news that make no sense, or -errno, with @err.
 */
UNR_MUST_CHECK int unr_downloads_pass_on(struct unr_collector *collector, struct unr_error *err);

#endif
