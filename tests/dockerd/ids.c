/* SPDX-License-Identifier: MIT */
/*
 * The command in the images of users.py: prints who its process is.  Linked
 * statically, as the images have nothing else.
 */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	int n = getgroups(0, NULL);
	gid_t *groups = calloc((size_t) n + 1, sizeof(*groups));

	if (groups == NULL || getgroups(n, groups) != n)
		return 1;
	(void) printf("%u %u", getuid(), getgid());
	for (int i = 0; i < n; i++)
		(void) printf(" %u", groups[i]);
	(void) printf("\n");
	free(groups);
	return 0;
}
