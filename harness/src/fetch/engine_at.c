/* SPDX-License-Identifier: MIT */
/* The docker client's contexts: see engine_at.h; docker/cli, cli/context/store. */
#include "fetch/engine_at.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fetch/userfile.h"
#include "image/digest.h"
#include "image/shown.h"

#define DEFAULT_HOST "unix:///var/run/docker.sock"
#define DEFAULT_CONTEXT "default"

void unr_engine_at_done(struct unr_engine_at *at)
{
	free(at->host);
	free(at->certificates);
	*at = (struct unr_engine_at) { 0 };
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == '\0' ? NULL : value;
}

static int find_default(struct unr_engine_at *ret, struct unr_error *err)
{
	const char *host = variable("DOCKER_HOST"), *folder = variable("DOCKER_CERT_PATH");
	unr_auto(unr_text_done) struct unr_text path = { 0 };

	ret->tls = variable("DOCKER_TLS_VERIFY") != NULL || variable("DOCKER_TLS") != NULL;
	ret->insecure = ret->tls && variable("DOCKER_TLS_VERIFY") == NULL;
	if (folder != NULL)
		unr_text_puts(&path, folder);
	else
		unr_userfile_docker(&path, ".");
	ret->host = strdup(host == NULL ? DEFAULT_HOST : host);
	ret->certificates = unr_text_take(&path);
	return ret->host == NULL || ret->certificates == NULL ? unr_fail_memory(err) : 0;
}

/* The context that is chosen; @ret borrows from the environment or from @config. */
static int choose(struct unr_json *config, const char **ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	struct unr_json_at root;
	int r;

	*ret = DEFAULT_CONTEXT;
	if (variable("DOCKER_HOST") != NULL)
		return 0;
	if (variable("DOCKER_CONTEXT") != NULL) {
		*ret = variable("DOCKER_CONTEXT");
		return 0;
	}
	unr_userfile_docker(&path, "config.json");
	if (path.length == 0)
		return path.failed ? unr_fail_memory(err) : 0;
	r = unr_userfile_read(path.bytes, "docker's configuration", config, err);
	if (r <= 0)
		return r;
	root = unr_json_root(config);
	return unr_json_member_string(&root, "currentContext", DEFAULT_CONTEXT, ret, err);
}

/* contexts/KIND/DIGITS/FILE, the digits being those of the name's digest. */
static int name_file(const char *context, const char *kind, const char *file, struct unr_text *ret,
		     struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text below = { 0 };
	char digest[UNR_DIGEST_SIZE];
	int r = unr_digest_sha256(context, strlen(context), digest, err);

	if (r < 0)
		return r;
	unr_text_printf(&below, "contexts/%s/%s/%s", kind, strchr(digest, ':') + 1, file);
	unr_userfile_docker(ret, unr_text_string(&below));
	return below.failed || ret->failed ? unr_fail_memory(err) : 0;
}

static int read_meta(const char *context, const struct unr_json *json, struct unr_engine_at *ret,
		     struct unr_error *err)
{
	struct unr_json_at root = unr_json_root(json), endpoints, docker;
	const char *host = "";
	struct unr_shown shown;
	int r = unr_json_member(&root, "Endpoints", &endpoints, err);

	if (r == 0)
		r = unr_json_member(&endpoints, "docker", &docker, err);
	if (r == 0)
		r = unr_json_member_string(&docker, "Host", "", &host, err);
	if (r == 0)
		r = unr_json_member_bool(&docker, "SkipTLSVerify", &ret->insecure, err);
	if (r < 0)
		return r;
	if (*host == '\0')
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
				"docker's context %s names no engine", unr_show(&shown, context));
	ret->host = strdup(host);
	return ret->host == NULL ? unr_fail_memory(err) : 0;
}

static int find_context(const char *context, struct unr_engine_at *ret, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text meta = { 0 }, folder = { 0 };
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	struct unr_shown shown;
	int r = name_file(context, "meta", "meta.json", &meta, err);

	if (r == 0)
		r = name_file(context, "tls", "docker", &folder, err);
	if (r < 0)
		return r;
	r = unr_userfile_read(unr_text_string(&meta), "docker's context", &json, err);
	if (r == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
				"docker's context %s is not there: no %s",
				unr_show(&shown, context), unr_text_string(&meta));
	if (r > 0)
		r = read_meta(context, &json, ret, err);
	if (r < 0)
		return r;
	if (access(unr_text_string(&folder), F_OK) == 0)
		ret->certificates = unr_text_take(&folder);
	ret->tls = ret->certificates != NULL || ret->insecure;
	return 0;
}

int unr_engine_at_find(struct unr_engine_at *ret, struct unr_error *err)
{
	unr_auto(unr_engine_at_done) struct unr_engine_at found = { 0 };
	unr_auto(unr_json_done) struct unr_json config = { 0 };
	const char *context;
	int r = choose(&config, &context, err);

	if (r == 0 && (*context == '\0' || strcmp(context, DEFAULT_CONTEXT) == 0))
		r = find_default(&found, err);
	else if (r == 0)
		r = find_context(context, &found, err);
	if (r < 0)
		return r;
	*ret = found;
	found = (struct unr_engine_at) { 0 };
	return 0;
}
