/* SPDX-License-Identifier: MIT */
/* The list of opaque directories: see opaque.h. */
#include "unpack/opaque.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"

int unr_opaque_open(void)
{
	int fd = memfd_create("opaque", MFD_CLOEXEC);

	if (fd < 0 && errno == ENOSYS) /* before Linux 3.17; the sandbox's tmpfs has such files */
		fd = open("/", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	/* Layers that are extracted side by side write at once: write(2), "Bugs". */
	if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) < 0)
		unr_close(&fd);
	return fd < 0 ? -errno : fd;
}

int unr_opaque_note(int fd, ino_t inode)
{
	const uint64_t record = inode;

	return unr_write_full(fd, &record, sizeof(record));
}

ssize_t unr_opaque_read(int fd, uint64_t **ret)
{
	unr_autofree uint64_t *records = NULL;
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) < 0)
		return -errno;
	records = malloc((size_t) st.st_size + sizeof(*records));
	if (records == NULL)
		return -ENOMEM;
	got = unr_pread_full(fd, records, (size_t) st.st_size, 0);
	if (got < 0)
		return got;
	*ret = unr_take_ptr(records);
	return got / (ssize_t) sizeof(**ret);
}
