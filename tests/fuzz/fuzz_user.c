/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a byte for the version, then USER, passwd and group, each up to
 * a byte 0x1e.  Property: there is a sentence or there are ids, never both; a
 * number leads to itself unless a line or the sentence says otherwise.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/engine.h"
#include "must.h"
#include "user/number.h"
#include "user/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file_with(const char *bytes, size_t length)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	bool good = fd >= 0 && unr_write_full(fd, bytes, length) == 0;

	must(good);
	return fd;
}

static void check(const struct unr_user_request *request)
{
	struct unr_user user = { 0 };
	struct unr_text refusal = { 0 };
	struct unr_error err = { 0 };
	int r = unr_user_resolve(request, &user, &refusal, &err);

	must(r == 0);
	must(refusal.length == 0 || (user.line == NULL && user.groups == NULL));
	must((user.line == NULL) == (user.line_number == 0));
	if (refusal.length == 0 && user.line == NULL)
		must(user.uid >= 0 && user.uid <= INT32_MAX);
	unr_user_done(&user);
	unr_text_done(&refusal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const engines[] = { "docker-20.10.9", "docker-20.10", "docker-29.7" };
	const char *engine = engines[size == 0 ? 0 : data[0] % UNR_COUNT(engines)];
	struct unr_slice rest = { (const char *) data + (size > 0), size - (size > 0) };
	struct unr_slice user = unr_slice_field(&rest, 0x1e);
	struct unr_slice passwd = unr_slice_field(&rest, 0x1e);
	int passwd_fd = file_with(passwd.bytes, passwd.length);
	int group_fd = file_with(rest.bytes, rest.length);
	unr_autofree char *spec = strndup(user.bytes, user.length);
	const char *groups[] = { spec };
	const struct unr_user_request request = { .user = spec,
						  .groups = groups,
						  .n_groups = spec != NULL && *spec != '\0',
						  .passwd = { passwd_fd, "P" },
						  .group = { group_fd, "G" },
						  .rules = unr_engine_find(engine)->start->rules };

	must(spec != NULL);
	check(&request);
	(void) close(passwd_fd);
	(void) close(group_fd);
	return 0;
}
