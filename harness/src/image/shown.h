/* SPDX-License-Identifier: MIT */
/*
 * Names from images inside error messages: escaped, so that a hostile name
 * cannot steer a terminal, and cut, so that the reason behind it is not lost.
 */
#ifndef UNR_IMAGE_SHOWN_H
#define UNR_IMAGE_SHOWN_H

#include <stddef.h>

struct unr_shown {
	char text[164];
};

/** unr_show() - @name fit for a message; lives in @buffer. */
const char *unr_show(struct unr_shown *buffer, const char *name);

/** unr_show_words() - the same for a sentence of another library: blanks stay as they are. */
const char *unr_show_words(struct unr_shown *buffer, const char *words);

#endif
