/* SPDX-License-Identifier: MIT */
/*
 * A directory of scenarios made for one test, found through the environment.
 * Headers of the harness come first: unr_test.h has the assertions.
 */
#ifndef UNR_TEST_SCENARIO_FIXTURE_H
#define UNR_TEST_SCENARIO_FIXTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tmp.h"
#include "unr_test.h"

/* A scenario of one layer and one history line that is good in every part. */
#define GOOD_SCENARIO "{\"image\":\"s:latest\",\"layers\":[{\"mtree\":\"0.mtree\"}]}"
#define GOOD_CONFIG "{\"os\":\"linux\",\"history\":[{\"created_by\":\"RUN x\"}]}"
#define GOOD_MTREE "#mtree\n./a type=file uid=7 gid=8 mode=0640 size=3 time=1000.0\n"

static inline int fixture_setup(void **state)
{
	struct unr_tmp *tmp;

	if (unr_tmp_setup(state) != 0)
		return -1;
	tmp = *state;
	return setenv("USERNS_REPRO_SCENARIOS", tmp->path, 1);
}

static inline int fixture_teardown(void **state)
{
	(void) unsetenv("USERNS_REPRO_SCENARIOS");
	return unr_tmp_teardown(state);
}

/* Writes NAME/FILE, making the folder. */
static inline void put(const struct unr_tmp *tmp, const char *name, const char *file,
		       const char *text)
{
	char path[256];

	(void) mkdirat(tmp->fd, name, 0755);
	(void) snprintf(path, sizeof(path), "%s/%s", name, file);
	assert_int_equal(unr_tmp_write(tmp, path, text), 0);
}

/* The scenario "s", good in every part. */
static inline void put_good(const struct unr_tmp *tmp)
{
	put(tmp, "s", "scenario.json", GOOD_SCENARIO);
	put(tmp, "s", "config.json", GOOD_CONFIG);
	put(tmp, "s", "0.mtree", GOOD_MTREE);
	put(tmp, "s", "README.md", "# A title\n\nText.\n");
	put(tmp, "s", "expect.json", "{\"exit\":0}");
}

#define SCENARIO_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

#endif
