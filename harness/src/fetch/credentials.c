/* SPDX-License-Identifier: MIT */
/* Reading config.json and asking helpers: see credentials.h. */
#include "fetch/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "fetch/helper.h"
#include "image/docker_name.h"
#include "image/json.h"
#include "image/shown.h"

enum { CONFIG_MAX = 1 << 20 };

void unr_credentials_done(struct unr_credentials *c)
{
	free(c->user);
	free(c->password);
	free(c->identity);
	*c = (struct unr_credentials) { 0 };
}

/* The file's path; "" when there is no place for one. */
static void find_config(struct unr_text *ret)
{
	const char *folder = getenv("DOCKER_CONFIG"), *home = getenv("HOME");

	if (folder != NULL && *folder != '\0')
		unr_text_printf(ret, "%s/config.json", folder);
	else if (home != NULL && *home != '\0')
		unr_text_printf(ret, "%s/.docker/config.json", home);
}

/* The bytes of the file; none when there is no file. */
static int read_config(const char *path, struct unr_text *ret, struct unr_error *err)
{
	unr_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unr_autofree char *bytes = malloc(CONFIG_MAX);
	ssize_t n;

	if (bytes == NULL)
		return unr_fail_memory(err);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return unr_fail_errno(err, "%s", path);
	n = unr_read_full(fd, bytes, CONFIG_MAX);
	if (n < 0)
		return unr_fail(err, UNR_ERROR_FAILED, (int) n, "%s: %s", path, strerror((int) -n));
	unr_text_append(ret, bytes, (size_t) n);
	return ret->failed ? unr_fail_memory(err) : 0;
}

/* The sixth bits of a letter, or -1. */
static int base64_value(char c)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(letters, c);

	return at == NULL ? -1 : (int) (at - letters);
}

/* "user:password" in base64, taken apart. */
static int decode_auth(const char *auth, struct unr_credentials *ret)
{
	unr_auto(unr_text_done) struct unr_text plain = { 0 };
	unsigned int bits = 0, n_bits = 0;
	const char *colon;

	for (; *auth != '\0' && *auth != '='; auth++) {
		int value = base64_value(*auth);
		char byte;

		if (value < 0)
			return -EBADMSG;
		bits = bits << 6 | (unsigned int) value;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		byte = (char) (bits >> n_bits & 0xff);
		unr_text_append(&plain, &byte, 1);
	}
	colon = strchr(unr_text_string(&plain), ':');
	if (plain.failed || colon == NULL || strlen(unr_text_string(&plain)) != plain.length)
		return -EBADMSG;
	ret->user = strndup(plain.bytes, (size_t) (colon - plain.bytes));
	ret->password = strdup(colon + 1);
	return ret->user == NULL || ret->password == NULL ? -ENOMEM : 0;
}

/* How `docker login` calls the default registry, and other ways to write a host. */
#define DEFAULT_KEY "https://index." UNR_DOCKER_HOST "/v1/"

static int read_auths(const struct unr_json_at *root, const char *host, struct unr_credentials *ret,
		      struct unr_error *err)
{
	static const char *const forms[] = {
		"%s", "https://%s", "https://%s/", "https://%s/v1/", "https://%s/v2/", "http://%s"
	};
	struct unr_json_at auths, entry = { .value = NULL };
	const char *auth = "", *identity = "";
	int r = unr_json_member(root, "auths", &auths, err);

	if (r == 0 && strcmp(host, UNR_DOCKER_HOST) == 0)
		r = unr_json_member(&auths, DEFAULT_KEY, &entry, err);
	for (size_t i = 0; r == 0 && entry.value == NULL && i < UNR_COUNT(forms); i++) {
		const char *percent = strchr(forms[i], '%');
		char key[320];

		(void) snprintf(key, sizeof(key), "%.*s%s%s", (int) (percent - forms[i]), forms[i],
				host, percent + 2);
		r = unr_json_member(&auths, key, &entry, err);
	}
	if (r == 0)
		r = unr_json_member_string(&entry, "auth", "", &auth, err);
	if (r == 0)
		r = unr_json_member_string(&entry, "identitytoken", "", &identity, err);
	if (r == 0 && *auth != '\0')
		r = decode_auth(auth, ret);
	if (r == -EBADMSG && err->kind == UNR_ERROR_NONE)
		return unr_json_wrong(&entry, err,
				      "has an auth that is not USER:PASSWORD in base64");
	if (r == 0 && *identity != '\0') {
		ret->identity = strdup(identity);
		r = ret->identity == NULL ? -ENOMEM : 0;
	}
	return r == -ENOMEM ? unr_fail_memory(err) : r;
}

/* The helper that answers for this host; "" for none. */
static int find_helper(const struct unr_json_at *root, const char *host, const char **ret,
		       struct unr_error *err)
{
	struct unr_json_at helpers;
	int r = unr_json_member(root, "credHelpers", &helpers, err);

	if (r == 0)
		r = unr_json_member_string(&helpers, host, "", ret, err);
	if (r == 0 && **ret == '\0')
		r = unr_json_member_string(root, "credsStore", "", ret, err);
	return r;
}

static int ask_helper(const char *helper, const char *host, struct unr_credentials *ret,
		      struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text answer = { 0 };
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	const char *key = strcmp(host, UNR_DOCKER_HOST) == 0 ? DEFAULT_KEY : host;
	const char *user = "", *secret = "";
	struct unr_json_at root;
	int r = unr_helper_get(helper, key, &answer, err);

	if (r < 0 || answer.length == 0)
		return r;
	r = unr_json_parse(&answer, "docker-credential", helper, &json, err);
	if (r < 0) /* its text may hold a secret */
		return unr_fail(err, UNR_ERROR_FAILED, r,
				"docker-credential-%s: its answer is no JSON", helper);
	root = unr_json_root(&json);
	r = unr_json_member_string(&root, "Username", "", &user, err);
	if (r == 0)
		r = unr_json_member_string(&root, "Secret", "", &secret, err);
	if (r < 0)
		return r;
	if (strcmp(user, "<token>") == 0) {
		ret->identity = strdup(secret);
		return ret->identity == NULL ? unr_fail_memory(err) : 0;
	}
	ret->user = strdup(user);
	ret->password = strdup(secret);
	return ret->user == NULL || ret->password == NULL ? unr_fail_memory(err) : 0;
}

int unr_credentials_find(const char *host, struct unr_credentials *ret, struct unr_error *err)
{
	unr_auto(unr_credentials_done) struct unr_credentials found = { 0 };
	unr_auto(unr_text_done) struct unr_text path = { 0 }, bytes = { 0 };
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	const char *helper = "";
	struct unr_json_at root;
	int r;

	find_config(&path);
	if (path.length == 0)
		return path.failed ? unr_fail_memory(err) : 0;
	r = read_config(path.bytes, &bytes, err);
	if (r < 0 || bytes.length == 0)
		return r;
	r = unr_json_parse(&bytes, "docker's credentials", path.bytes, &json, err);
	if (r < 0)
		return r;
	root = unr_json_root(&json);
	r = find_helper(&root, host, &helper, err);
	if (r == 0 && *helper != '\0')
		r = ask_helper(helper, host, &found, err);
	if (r == 0 && found.user == NULL && found.identity == NULL)
		r = read_auths(&root, host, &found, err);
	if (r < 0)
		return r;
	*ret = found;
	found = (struct unr_credentials) { 0 };
	return 0;
}
