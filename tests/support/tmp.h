/* SPDX-License-Identifier: MIT */
/*
 * A fresh directory for each test.  It is removed by descriptors, without
 * following a link, and only when it still holds the mark that was put into it.
 */
#ifndef UNR_TEST_TMP_H
#define UNR_TEST_TMP_H

#include "usernsrepro/attr.h"

struct unr_tmp {
	int fd; /* owned; the directory */
	char path[256];
};

/**
 * unr_tmp_make() - a new empty directory under $TMPDIR or /tmp
 *
 * Return: 0 or -errno.
 */
UNR_MUST_CHECK int unr_tmp_make(struct unr_tmp *ret);

/**
 * unr_tmp_remove() - the directory with all that is in it, and the descriptor
 *
 * With USERNS_REPRO_KEEP=1 the tree stays and its name is printed.
 *
 * Return: 0, -EPERM when the mark is missing (nothing is touched then), or -errno.
 */
UNR_MUST_CHECK int unr_tmp_remove(struct unr_tmp *tmp);

/** unr_tmp_write() - a file of the given text in the directory; 0 or -errno. */
UNR_MUST_CHECK int unr_tmp_write(const struct unr_tmp *tmp, const char *name, const char *text);

/** unr_tmp_setup() - for cmocka_unit_test_setup_teardown(): *@state is a struct unr_tmp. */
int unr_tmp_setup(void **state);
int unr_tmp_teardown(void **state);

#endif
