/* SPDX-License-Identifier: MIT */
/* Files without a name: see tempfile.h. */
#include "base/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

int unr_tempfile_open(const char **ret_folder)
{
	const char *folder = getenv("TMPDIR");
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	int fd;

	if (folder == NULL || *folder == '\0')
		folder = "/var/tmp";
	*ret_folder = folder;
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	/* Some file systems, and kernels before 3.11, have no O_TMPFILE. */
	unr_text_printf(&path, "%s/userns-repro-XXXXXX", folder);
	if (path.failed)
		return -ENOMEM;
	fd = mkostemp(path.bytes, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	(void) unlink(path.bytes);
	return fd;
}
