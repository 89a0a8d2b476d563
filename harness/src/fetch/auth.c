/* SPDX-License-Identifier: MIT */
/* Challenges and tokens: see auth.h; the distribution project's token specification. */
#include "fetch/auth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fetch/head.h"
#include "fetch/http.h"
#include "image/json.h"

enum { TOKEN_MAX = 1 << 20 };

void unr_auth_done(struct unr_auth *auth)
{
	unr_credentials_done(&auth->credentials);
	free(auth->header);
	*auth = (struct unr_auth) { .curl = auth->curl };
}

/* libcurl takes both away when a redirect leads to another host or port. */
int unr_auth_apply(const struct unr_auth *auth, CURL *easy, struct curl_slist **headers)
{
	const struct unr_curl *curl = auth->curl;
	struct curl_slist *longer;

	if (auth->header != NULL) {
		longer = curl->slist_append(*headers, auth->header);
		if (longer == NULL)
			return -ENOMEM;
		*headers = longer;
	} else if (auth->basic && auth->credentials.user != NULL) {
		if (curl->easy_setopt(easy, CURLOPT_USERNAME, auth->credentials.user) != CURLE_OK ||
		    curl->easy_setopt(easy, CURLOPT_PASSWORD, auth->credentials.password) !=
			    CURLE_OK)
			return -ENOMEM;
		(void) curl->easy_setopt(easy, CURLOPT_HTTPAUTH, (long) CURLAUTH_BASIC);
	}
	return 0;
}

static void add_parameter(const struct unr_curl *curl, struct unr_text *text, const char *key,
			  const char *value)
{
	char *escaped;

	if (*value == '\0')
		return;
	escaped = curl->easy_escape(NULL, value, 0);
	if (escaped == NULL)
		text->failed = true;
	else
		unr_text_printf(text, "%s%s=%s", text->length == 0 ? "" : "&", key, escaped);
	curl->free(escaped);
}

/* What is asked of the token server: the query, or with an identity the form to post. */
static void describe(const struct unr_auth *auth, const struct unr_docker_name *name,
		     const char *challenge, struct unr_text *ret)
{
	unr_auto(unr_text_done) struct unr_text scope = { 0 };
	char service[512];

	unr_challenge_parameter(challenge, "service", service, sizeof(service));
	unr_text_printf(&scope, "repository:%s:pull", name->repository);
	add_parameter(auth->curl, ret, "service", service);
	add_parameter(auth->curl, ret, "scope", unr_text_string(&scope));
	if (auth->credentials.identity != NULL) {
		add_parameter(auth->curl, ret, "grant_type", "refresh_token");
		add_parameter(auth->curl, ret, "client_id", "userns-repro");
		add_parameter(auth->curl, ret, "refresh_token", auth->credentials.identity);
	}
	ret->failed = ret->failed || scope.failed;
}

/* A token goes into a header, so it must not end it. */
static bool is_token(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return *text != '\0';
}

int unr_auth_keep_token(struct unr_auth *auth, const struct unr_text *answer, const char *realm,
			struct unr_error *err)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	unr_auto(unr_text_done) struct unr_text header = { 0 };
	const char *token = "";
	struct unr_json_at root;
	int r = unr_json_parse(answer, realm, "token", &json, err);

	root = unr_json_root(&json);
	if (r == 0)
		r = unr_json_member_string(&root, "token", "", &token, err);
	if (r == 0 && *token == '\0')
		r = unr_json_member_string(&root, "access_token", "", &token, err);
	if (r < 0)
		return r;
	if (!is_token(token))
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s: gives no token", realm);
	unr_text_printf(&header, "Authorization: Bearer %s", token);
	free(auth->header);
	auth->header = unr_text_take(&header);
	return auth->header == NULL ? unr_fail_memory(err) : 0;
}

static CURL *open_realm(const struct unr_auth *auth, const char *realm,
			const struct unr_text *query, bool insecure,
			const struct unr_certificates *certificates)
{
	unr_auto(unr_text_done) struct unr_text url = { 0 };
	bool post = auth->credentials.identity != NULL;
	const struct unr_curl *curl = auth->curl;
	CURL *easy;

	unr_text_puts(&url, realm);
	if (!post)
		unr_text_printf(&url, "%s%s", strchr(realm, '?') == NULL ? "?" : "&",
				unr_text_string(query));
	easy = url.failed ? NULL : unr_http_open(curl, url.bytes, insecure, certificates);
	if (easy == NULL)
		return NULL;
	if (post)
		(void) curl->easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, unr_text_string(query));
	else if (auth->credentials.user != NULL) {
		(void) curl->easy_setopt(easy, CURLOPT_USERNAME, auth->credentials.user);
		(void) curl->easy_setopt(easy, CURLOPT_PASSWORD, auth->credentials.password);
		(void) curl->easy_setopt(easy, CURLOPT_HTTPAUTH, (long) CURLAUTH_BASIC);
	}
	return easy;
}

static int get_token(struct unr_auth *auth, const struct unr_docker_name *name,
		     const char *challenge, bool insecure,
		     const struct unr_certificates *certificates, struct unr_error *err)
{
	unr_auto(unr_http_answer_done) struct unr_http_answer answer = { 0 };
	unr_auto(unr_text_done) struct unr_text query = { 0 };
	const struct unr_curl *curl = auth->curl;
	char realm[512];
	CURL *easy;
	int r;

	unr_challenge_parameter(challenge, "realm", realm, sizeof(realm));
	if (strncasecmp(realm, "https://", 8) != 0 &&
	    (!insecure || strncasecmp(realm, "http://", 7) != 0))
		return unr_fail(err, UNR_ERROR_FAILED, -EPERM,
				"%s: sends to a token server without TLS; --tls-verify=false "
				"goes there",
				name->host);
	describe(auth, name, challenge, &query);
	easy = query.failed ? NULL : open_realm(auth, realm, &query, insecure, certificates);
	if (easy == NULL)
		return unr_fail_memory(err);
	unr_http_get(curl, easy, TOKEN_MAX, &answer);
	curl->easy_cleanup(easy);
	if (answer.too_long)
		r = unr_fail(err, UNR_ERROR_FAILED, -EFBIG, "%s: the token server's answer is long",
			     name->host);
	else if (answer.code != CURLE_OK)
		r = unr_http_fail(curl, answer.code, name->host, err);
	else if (answer.status != 200)
		r = unr_http_fail_status(answer.status, name->host, name->familiar, err);
	else
		r = unr_auth_keep_token(auth, &answer.body, name->host, err);
	return r;
}

void unr_auth_prepare(struct unr_auth *auth, const struct unr_docker_name *name)
{
	if (!auth->looked_up)
		(void) !unr_credentials_find(name, &auth->credentials, &auth->not_found);
	auth->looked_up = true;
}

int unr_auth_meet(struct unr_auth *auth, const struct unr_docker_name *name, const char *challenge,
		  bool insecure, const struct unr_certificates *certificates, struct unr_error *err)
{
	auth->met++;
	unr_auth_prepare(auth, name);
	if (auth->not_found.kind != UNR_ERROR_NONE) {
		*err = auth->not_found;
		return err->code;
	}
	if (strncasecmp(challenge, "Bearer ", 7) == 0)
		return get_token(auth, name, challenge, insecure, certificates, err);
	if (strncasecmp(challenge, "Basic", 5) == 0 && auth->credentials.user != NULL &&
	    !auth->basic) {
		auth->basic = true;
		return 0;
	}
	return unr_http_fail_status(401, name->host, name->familiar, err);
}
