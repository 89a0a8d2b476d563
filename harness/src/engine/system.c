/* SPDX-License-Identifier: MIT */
/*
 * Images of another operating system, as their config has it: dockerd refuses them
 * before it looks at a layer (image/tarexport/load.go, distribution/pull_v2.go,
 * distribution/config.go).  It says nothing of other machines.
 */
#include <string.h>
#include <strings.h>

#include "engine/engine.h"

/* A request that it panics over; the client tells of a connection that ended. */
#define BREAKS_OFF "docker 20.10 breaks off without an answer: the image is for operating system %q"

/* The first that fits counts. */
const struct unr_system_words unr_system_words_20_10[] = {
	{ UNR_WAY_LOAD, "windows", "cannot load windows image on linux", false },
	{ UNR_WAY_LOAD, NULL, BREAKS_OFF, true },
	{ UNR_WAY_PULL, "windows", "image operating system %q cannot be used on this platform",
	  false },
	{ UNR_WAY_PULL, NULL, "operating system is not supported", false },
	{ .words = NULL },
};

const struct unr_system_words unr_system_words_23_0[] = {
	{ UNR_WAY_LOAD, NULL, "cannot load %s image on linux", false },
	{ UNR_WAY_PULL, NULL,
	  "image operating system %q cannot be used on this platform: operating system is not "
	  "supported",
	  false },
	{ .words = NULL },
};

static bool fits(const struct unr_system_words *row, enum unr_way way, const char *system)
{
	bool is_linux = (row->exact ? strcmp : strcasecmp)(system, "linux") == 0;

	if (row->way != way || is_linux || *system == '\0')
		return false;
	return row->system == NULL || strcmp(row->system, system) == 0;
}

static void put(struct unr_text *text, const char *words, const char *system)
{
	const char *sign = strchr(words, '%');

	unr_text_append(text, words, sign == NULL ? strlen(words) : (size_t) (sign - words));
	if (sign == NULL)
		return;
	if (sign[1] == 'q')
		unr_go_quote(text, system, strlen(system));
	else
		unr_text_puts(text, system);
	unr_text_puts(text, sign + 2);
}

bool unr_engine_takes_system(const struct unr_engine *engine, enum unr_way way, const char *system,
			     struct unr_text *ret_words)
{
	const struct unr_system_words *row = engine->system_words;

	for (; row != NULL && row->words != NULL; row++)
		if (fits(row, way, system)) {
			put(ret_words, row->words, system);
			return false;
		}
	return true;
}
