/* SPDX-License-Identifier: MIT */
/*
 * Names for the compiler attributes that the project relies on, so that
 * prototypes read as prose.  No code here.
 */
#ifndef USERNSREPRO_ATTR_H
#define USERNSREPRO_ATTR_H

#define UNR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNR_MUST_CHECK __attribute__((warn_unused_result))
#define UNR_NORETURN __attribute__((noreturn))
#define UNR_EXPORT __attribute__((visibility("default")))

#define UNR_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
