/* SPDX-License-Identifier: MIT */
/* Finding and joining certificates: see certificates.h; registry/registry.go, v20.10. */
#include "fetch/certificates.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "image/shown.h"

enum { FILE_MAX = 4 << 20 };

void unr_certificates_done(struct unr_certificates *c)
{
	unr_close(&c->authorities_fd);
	free(c->certificate);
	free(c->key);
	*c = (struct unr_certificates) UNR_CERTIFICATES_NONE;
}

/* Where to look, in the order of containers-certs.d(5); the first that is there counts. */
static int find_directory(const char *host, struct unr_text *ret)
{
	static const struct {
		bool of_home;
		const char *path;
	} places[] = {
		{ true, "/.config/containers/certs.d" },
		{ false, "/etc/containers/certs.d" },
		{ false, "/etc/docker/certs.d" },
		{ true, "/.config/docker/certs.d" }, /* of a rootless dockerd */
	};
	const char *home = getenv("HOME");

	for (size_t i = 0; i < UNR_COUNT(places); i++) {
		struct stat st;

		if (places[i].of_home && (home == NULL || *home == '\0'))
			continue;
		unr_text_clear(ret);
		unr_text_printf(ret, "%s%s/%s", places[i].of_home ? home : "", places[i].path,
				host);
		if (ret->failed)
			return -ENOMEM;
		if (stat(ret->bytes, &st) == 0)
			return 0;
	}
	unr_text_clear(ret);
	return 0;
}

/* A file at the end of another. */
static int append_file(int fd, const char *path)
{
	unr_autoclose int in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unr_autofree char *bytes = malloc(FILE_MAX);
	ssize_t n;
	int r;

	if (bytes == NULL)
		return -ENOMEM;
	if (in < 0)
		return -errno;
	n = unr_read_full(in, bytes, FILE_MAX);
	if (n < 0 || n == FILE_MAX)
		return n < 0 ? (int) n : -EFBIG;
	r = unr_write_full(fd, bytes, (size_t) n);
	return r < 0 ? r : unr_write_full(fd, "\n", 1);
}

/* The system's, which those of a directory are added to: the places that Go's crypto/x509 knows. */
static int add_system(int fd)
{
	const char *const places[] = {
		getenv("SSL_CERT_FILE"),
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/pki/tls/cacert.pem",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/ssl/cert.pem",
	};
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < UNR_COUNT(places); i++)
		if (places[i] != NULL && *places[i] != '\0')
			r = append_file(fd, places[i]);
	return r == -ENOENT ? 0 : r;
}

static int add_authority(struct unr_certificates *c, const char *path, struct unr_error *err)
{
	int r = 0;

	if (c->authorities_fd < 0) {
		c->authorities_fd = memfd_create("authorities", MFD_CLOEXEC);
		r = c->authorities_fd < 0 ? -errno : add_system(c->authorities_fd);
	}
	if (r == 0)
		r = append_file(c->authorities_fd, path);
	return r < 0 ? unr_fail(err, UNR_ERROR_FAILED, r, "%s: %s", path, strerror(-r)) : 0;
}

/* "x.cert" has a key "x.key".  Of several pairs the first is taken. */
static int add_pair(struct unr_certificates *c, const char *path, bool is_key,
		    struct unr_error *err)
{
	size_t stem = (size_t) (strrchr(path, '.') - path);
	unr_autofree char *other = NULL;

	if (asprintf(&other, "%.*s.%s", (int) stem, path, is_key ? "cert" : "key") < 0)
		return unr_fail_memory(err);
	if (access(other, F_OK) < 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
				"%s: is half of a pair, there is no %s; the certificate of an "
				"authority ends in .crt",
				path, other);
	if (is_key || c->certificate != NULL)
		return 0;
	c->certificate = strdup(path);
	c->key = unr_take_ptr(other);
	return c->certificate == NULL ? unr_fail_memory(err) : 0;
}

static int add(struct unr_certificates *c, const char *directory, const char *name,
	       struct unr_error *err)
{
	const char *end = strrchr(name, '.');
	unr_autofree char *path = NULL;

	if (end == NULL)
		return 0;
	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return unr_fail_memory(err);
	if (strcmp(end, ".crt") == 0)
		return add_authority(c, path, err);
	if (strcmp(end, ".cert") == 0 || strcmp(end, ".key") == 0)
		return add_pair(c, path, strcmp(end, ".key") == 0, err);
	return 0;
}

int unr_certificates_find(const char *host, struct unr_certificates *ret, struct unr_error *err)
{
	unr_auto(unr_certificates_done) struct unr_certificates found = UNR_CERTIFICATES_NONE;
	unr_auto(unr_text_done) struct unr_text directory = { 0 };
	struct dirent **names = NULL;
	struct unr_shown shown;
	int n = 0, r = find_directory(host, &directory);

	if (r < 0)
		return unr_fail_memory(err);
	if (directory.length > 0)
		n = scandir(directory.bytes, &names, NULL, alphasort);
	if (n < 0)
		return unr_fail_errno(err, "%s", unr_show(&shown, directory.bytes));
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = add(&found, directory.bytes, names[i]->d_name, err);
		free(names[i]);
	}
	free(names);
	if (r < 0)
		return r;
	*ret = found;
	found = (struct unr_certificates) UNR_CERTIFICATES_NONE;
	return 0;
}
