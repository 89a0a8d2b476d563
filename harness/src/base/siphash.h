/* SPDX-License-Identifier: MIT */
/*
 * A keyed hash for names that somebody may have chosen to collide: without the
 * key nobody can (SipHash-2-4 with 128-bit output, Aumasson and Bernstein 2012).
 */
#ifndef UNR_BASE_SIPHASH_H
#define UNR_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

void unr_siphash(const uint64_t key[2], const void *data, size_t length, uint64_t ret[2]);

#endif
