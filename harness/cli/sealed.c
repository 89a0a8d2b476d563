/* SPDX-License-Identifier: MIT */
/* A sealed copy: see sealed.h. */
#include "sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/memfd.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "usernsrepro/scenario.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Linux 6.3; before that every such file can be executed. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

extern char **environ;

static int make_file(void)
{
	int fd = memfd_create("userns-repro", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("userns-repro", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

static int copy(int from, int to)
{
	ssize_t n;

	do {
		n = sendfile(to, from, NULL, 1 << 30);
	} while (n > 0);
	return n < 0 ? -1 : fcntl(to, F_ADD_SEALS, SEALS);
}

/* What lies beside the program is still to be found. */
static int tell_origin(void)
{
	char origin[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", origin, sizeof(origin) - 1);

	if (n < 0)
		return -1;
	origin[n] = '\0';
	return setenv(UNR_PROGRAM_VARIABLE, origin, 1);
}

int cli_become_sealed(char **words, struct unr_error *err)
{
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int fd;

	if (self < 0)
		return unr_fail_errno(err, "open /proc/self/exe");
	if (fcntl(self, F_GET_SEALS) == SEALS) {
		(void) close(self);
		return 0;
	}
	fd = make_file();
	if (fd >= 0 && copy(self, fd) == 0 && tell_origin() == 0)
		(void) fexecve(fd, words, environ);
	return unr_fail_errno(err, "make a copy of the program that nobody can change");
}
