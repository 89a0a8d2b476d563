/* SPDX-License-Identifier: MIT */
/* Reading config.json and asking helpers: see credentials.h. */
#include "fetch/credentials.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "fetch/helper.h"
#include "fetch/userfile.h"

void unr_credentials_done(struct unr_credentials *c)
{
	free(c->user);
	free(c->password);
	free(c->identity);
	*c = (struct unr_credentials) { 0 };
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

/* The entry of the repository, or of what it is below; podman and skopeo have such. */
static int find_below(const struct unr_json_at *auths, const struct unr_docker_name *name,
		      struct unr_json_at *ret, struct unr_error *err)
{
	unr_autofree char *key = NULL;
	int r = 0;

	if (asprintf(&key, "%s/%s", name->host, name->repository) < 0)
		return unr_fail_memory(err);
	for (char *slash = strrchr(key, '/'); r == 0 && ret->value == NULL && slash != NULL;
	     slash = strrchr(key, '/')) {
		r = unr_json_member(auths, key, ret, err);
		*slash = '\0';
	}
	return r;
}

static int find_entry(const struct unr_json_at *auths, const struct unr_docker_name *name,
		      struct unr_json_at *ret, struct unr_error *err)
{
	static const struct {
		const char *before, *behind;
	} forms[] = {
		{ "", "" },
		{ "https://", "" },
		{ "https://", "/" },
		{ "https://", "/v1/" },
		{ "https://", "/v2/" },
		{ "http://", "" },
	};
	int r = find_below(auths, name, ret, err);

	if (r == 0 && ret->value == NULL && strcmp(name->host, UNR_DOCKER_HOST) == 0)
		r = unr_json_member(auths, DEFAULT_KEY, ret, err);
	for (size_t i = 0; r == 0 && ret->value == NULL && i < UNR_COUNT(forms); i++) {
		unr_autofree char *key = NULL;

		if (asprintf(&key, "%s%s%s", forms[i].before, name->host, forms[i].behind) < 0)
			return unr_fail_memory(err);
		r = unr_json_member(auths, key, ret, err);
	}
	return r;
}

int unr_credentials_read(const struct unr_json_at *root, const struct unr_docker_name *name,
			 struct unr_credentials *ret, struct unr_error *err)
{
	struct unr_json_at auths, entry = { .value = NULL };
	const char *auth = "", *identity = "";
	int r = unr_json_member(root, "auths", &auths, err);

	if (r == 0)
		r = find_entry(&auths, name, &entry, err);
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

/* A file of docker's or podman's. */
static int read_file(const char *path, const struct unr_docker_name *name,
		     struct unr_credentials *ret, struct unr_error *err)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	const char *helper = "";
	struct unr_json_at root;
	int r = unr_userfile_read(path, "credentials", &json, err);

	if (r <= 0)
		return r;
	root = unr_json_root(&json);
	r = find_helper(&root, name->host, &helper, err);
	if (r == 0 && *helper != '\0')
		r = ask_helper(helper, name->host, ret, err);
	if (r == 0 && ret->user == NULL && ret->identity == NULL)
		r = unr_credentials_read(&root, name, ret, err);
	return r;
}

/* Set, and to something? */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == '\0' ? NULL : value;
}

static void name_runtime_file(struct unr_text *ret)
{
	const char *folder = variable("XDG_RUNTIME_DIR");

	if (folder != NULL)
		unr_text_printf(ret, "%s/containers/auth.json", folder);
	else
		unr_text_printf(ret, "/run/containers/%u/auth.json", getuid());
}

static void name_config_file(struct unr_text *ret)
{
	const char *folder = variable("XDG_CONFIG_HOME"), *home = variable("HOME");

	if (folder != NULL)
		unr_text_printf(ret, "%s/containers/auth.json", folder);
	else if (home != NULL)
		unr_text_printf(ret, "%s/.config/containers/auth.json", home);
}

static void name_docker_file(struct unr_text *ret)
{
	unr_userfile_docker(ret, "config.json");
}

/* The only file that counts, where there is such a one. */
static void name_given_file(struct unr_text *ret)
{
	const char *path = variable("REGISTRY_AUTH_FILE");

	if (path != NULL)
		unr_text_puts(ret, path);
}

int unr_credentials_find(const struct unr_docker_name *name, struct unr_credentials *ret,
			 struct unr_error *err)
{
	static void (*const places[])(struct unr_text * ret) = {
		name_given_file,
		name_runtime_file,
		name_config_file,
		name_docker_file,
	};
	unr_auto(unr_credentials_done) struct unr_credentials found = { 0 };
	size_t n = variable("REGISTRY_AUTH_FILE") == NULL ? UNR_COUNT(places) : 1;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n && found.user == NULL && found.identity == NULL; i++) {
		unr_auto(unr_text_done) struct unr_text path = { 0 };

		places[i](&path);
		if (path.failed)
			r = unr_fail_memory(err);
		else if (path.length > 0)
			r = read_file(path.bytes, name, &found, err);
	}
	if (r < 0)
		return r;
	*ret = found;
	found = (struct unr_credentials) { 0 };
	return 0;
}
