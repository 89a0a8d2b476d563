/* SPDX-License-Identifier: MIT */
/* Finding and reading a user's files: see userfile.h. */
#include "fetch/userfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "image/shown.h"

enum { USERFILE_MAX = 1 << 20 };

void unr_userfile_docker(struct unr_text *ret, const char *name)
{
	const char *folder = getenv("DOCKER_CONFIG"), *home = getenv("HOME");

	if (folder != NULL && *folder != '\0')
		unr_text_printf(ret, "%s/%s", folder, name);
	else if (home != NULL && *home != '\0')
		unr_text_printf(ret, "%s/.docker/%s", home, name);
}

int unr_userfile_read(const char *path, const char *what, struct unr_json *ret,
		      struct unr_error *err)
{
	unr_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	unr_autofree char *bytes = malloc(USERFILE_MAX);
	struct unr_shown shown;
	ssize_t n;
	int r;

	if (bytes == NULL)
		return unr_fail_memory(err);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return unr_fail_errno(err, "%s", unr_show(&shown, path));
	n = unr_read_full(fd, bytes, USERFILE_MAX);
	if (n < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) n, "%s: %s", unr_show(&shown, path),
				strerror((int) -n));
	unr_text_append(&text, bytes, (size_t) n);
	if (text.failed)
		return unr_fail_memory(err);
	if (n == 0)
		return 0;
	r = unr_json_parse(&text, what, path, ret, err);
	return r < 0 ? r : 1;
}
