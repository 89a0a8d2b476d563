/* SPDX-License-Identifier: MIT */
/* Loading libcurl: see curl.h. */
#include "fetch/curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

/* Its name since 7.16, and for as long as the functions keep their meaning. */
#define LIBRARY "libcurl.so.4"

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define UNR_CURL_ROW(name) { "curl_" #name, offsetof(struct unr_curl, name) },
	UNR_CURL_FUNCTIONS(UNR_CURL_ROW)
#undef UNR_CURL_ROW
};

static int find_functions(struct unr_curl *curl, struct unr_error *err)
{
	for (size_t i = 0; i < UNR_COUNT(functions); i++) {
		void *function = dlsym(curl->library, functions[i].name);

		if (function == NULL)
			return unr_fail(err, UNR_ERROR_FAILED, -ENOSYS,
					LIBRARY " is too old: it has no %s", functions[i].name);
		/* POSIX has the two kinds of pointers alike; ISO C does not (dlsym(3)). */
		memcpy((char *) curl + functions[i].offset, &function, sizeof(function));
	}
	return 0;
}

int unr_curl_load(struct unr_curl *ret, struct unr_error *err)
{
	struct unr_curl curl = { .library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL) };
	int r;

	if (curl.library == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
				"libcurl cannot be loaded, and without it neither a registry nor "
				"an engine can be asked: %s",
				dlerror());
	r = find_functions(&curl, err);
	if (r == 0 && curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		r = unr_fail(err, UNR_ERROR_FAILED, -ENOMEM, "libcurl cannot be started");
	if (r < 0) {
		(void) dlclose(curl.library);
		return r;
	}
	*ret = curl;
	return 0;
}

void unr_curl_done(struct unr_curl *curl)
{
	curl->global_cleanup();
	(void) dlclose(curl->library);
	*curl = (struct unr_curl) { 0 };
}
