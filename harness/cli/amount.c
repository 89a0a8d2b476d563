/* SPDX-License-Identifier: MIT */
/* Amounts as values of options: "512M", "90s", "none".  Knows no option by name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* A letter behind the number, and what it multiplies by. */
struct unit {
	char letter;
	uint64_t size;
};

static const struct unit sizes[] = {
	{ 'K', UINT64_C(1) << 10 },
	{ 'M', UINT64_C(1) << 20 },
	{ 'G', UINT64_C(1) << 30 },
	{ 'T', UINT64_C(1) << 40 },
	{ 0, 0 },
};
static const struct unit times[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 0, 0 } };
static const struct unit counts[] = { { 0, 0 } };

static const struct {
	const struct unit *units;
	const char *example;
} amounts[] = {
	[CLI_OPTION_SIZE] = { sizes, "bytes, such as 512M" },
	[CLI_OPTION_TIME] = { times, "seconds, such as 90 or 15m" },
	[CLI_OPTION_COUNT] = { counts, "a number" },
};

/* The factor of what stands behind the number; 0 where that is nothing known. */
static uint64_t factor_of(const struct unit *units, const char *letters)
{
	if (*letters == '\0')
		return 1;
	while (units->letter != 0 && units->letter != *letters)
		units++;
	return letters[1] == '\0' ? units->size : 0;
}

int cli_parse_amount(const struct cli_option *option, const char *value, uint64_t *ret,
		     struct unr_error *err)
{
	char *end = NULL;
	uint64_t number, factor;

	if (strcmp(value, "none") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	errno = 0;
	number = *value >= '0' && *value <= '9' ? strtoull(value, &end, 10) : 0;
	factor = end == NULL || errno != 0 ? 0 : factor_of(amounts[option->kind].units, end);
	/* What is above is no number that any machine has, and would be taken for "none". */
	if (number == 0 || factor == 0 || number > (uint64_t) INT64_MAX / factor)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "--%s '%s' is neither %s nor none",
				option->name, value, amounts[option->kind].example);
	*ret = number * factor;
	return 0;
}
