/* SPDX-License-Identifier: MIT */
/* Requests by libcurl: see http.h. */
#include "fetch/http.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fetch/retry.h"

enum {
	CONNECT_SECONDS = 30,
	STALL_SECONDS = 60, /* without a byte */
	REDIRECTS_MAX = 10,
};

/* Go's way to other certificate authorities, which docker and skopeo have too. */
static void set_authorities(const struct unr_curl *curl, CURL *easy)
{
	const char *file = getenv("SSL_CERT_FILE"), *folder = getenv("SSL_CERT_DIR");

	if (file != NULL && *file != '\0')
		(void) curl->easy_setopt(easy, CURLOPT_CAINFO, file);
	if (folder != NULL && *folder != '\0')
		(void) curl->easy_setopt(easy, CURLOPT_CAPATH, folder);
}

/* They go with every request of a registry's image, as dockerd has one transport for all. */
static void set_certificates(const struct unr_curl *curl, CURL *easy,
			     const struct unr_certificates *certificates)
{
	char authorities[40];

	if (certificates->authorities_fd >= 0) {
		(void) snprintf(authorities, sizeof(authorities), "/proc/self/fd/%d",
				certificates->authorities_fd);
		(void) curl->easy_setopt(easy, CURLOPT_CAINFO, authorities);
	}
	if (certificates->certificate != NULL) {
		(void) curl->easy_setopt(easy, CURLOPT_SSLCERT, certificates->certificate);
		(void) curl->easy_setopt(easy, CURLOPT_SSLKEY, certificates->key);
	}
}

/* Without HTTP unless TLS can be done without.  The strings came with 7.85. */
static CURLcode set_protocols(const struct unr_curl *curl, CURL *easy, bool insecure)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	const char *protocols = insecure ? "https,http" : "https";
	const CURLoption options[] = { CURLOPT_PROTOCOLS_STR, CURLOPT_REDIR_PROTOCOLS_STR };
#else
	long protocols = insecure ? CURLPROTO_HTTPS | CURLPROTO_HTTP : CURLPROTO_HTTPS;
	const CURLoption options[] = { CURLOPT_PROTOCOLS, CURLOPT_REDIR_PROTOCOLS };
#endif
	CURLcode code = CURLE_OK;

	for (size_t i = 0; code == CURLE_OK && i < UNR_COUNT(options); i++)
		code = curl->easy_setopt(easy, options[i], protocols);
	return code;
}

CURL *unr_http_open(const struct unr_curl *curl, const char *url, bool insecure,
		    const struct unr_certificates *certificates)
{
	CURL *easy = curl->easy_init();

	if (easy == NULL)
		return NULL;
	if (curl->easy_setopt(easy, CURLOPT_URL, url) != CURLE_OK ||
	    set_protocols(curl, easy, insecure) != CURLE_OK) {
		curl->easy_cleanup(easy);
		return NULL;
	}
	(void) curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void) curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	(void) curl->easy_setopt(easy, CURLOPT_MAXREDIRS, (long) REDIRECTS_MAX);
	(void) curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long) CONNECT_SECONDS);
	(void) curl->easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	(void) curl->easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) STALL_SECONDS);
	(void) curl->easy_setopt(easy, CURLOPT_USERAGENT, "userns-repro/" UNR_VERSION);
	if (insecure) {
		(void) curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		(void) curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	} else {
		set_authorities(curl, easy);
	}
	if (certificates != NULL)
		set_certificates(curl, easy, certificates);
	return easy;
}

void unr_http_answer_done(struct unr_http_answer *answer)
{
	unr_text_done(&answer->body);
}

static size_t take_head(char *line, size_t size, size_t n, void *context)
{
	unr_http_head_line(context, line, size * n);
	return size * n;
}

void unr_http_follow_head(const struct unr_curl *curl, CURL *easy, struct unr_http_head *head)
{
	unr_http_head_line(head, "HTTP/", strlen("HTTP/")); /* nothing is left of another answer */
	(void) curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
	(void) curl->easy_setopt(easy, CURLOPT_HEADERDATA, head);
}

/* "Text/HTML; charset=utf-8" to "text/html". */
static void read_type(const struct unr_curl *curl, CURL *easy, char *ret, size_t size)
{
	const char *type = NULL;

	(void) curl->easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
	(void) snprintf(ret, size, "%.*s", type == NULL ? 0 : (int) strcspn(type, "; "),
			type == NULL ? "" : type);
	for (; *ret != '\0'; ret++)
		*ret = (char) tolower((unsigned char) *ret);
}

struct sink {
	struct unr_http_answer *answer;
	size_t max;
};

static size_t take(char *data, size_t size, size_t n, void *context)
{
	struct sink *sink = context;
	struct unr_text *body = &sink->answer->body;

	if (size * n > sink->max - body->length) {
		sink->answer->too_long = true;
		return 0;
	}
	unr_text_append(body, data, size * n);
	return body->failed ? 0 : size * n;
}

void unr_http_get(const struct unr_curl *curl, CURL *easy, size_t max, struct unr_http_answer *ret)
{
	struct sink sink = { .answer = ret, .max = max };
	struct unr_retry retry = { 0 };

	(void) curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	(void) curl->easy_setopt(easy, CURLOPT_WRITEDATA, &sink);
	for (;;) {
		long pause;

		unr_http_follow_head(curl, easy, &ret->head);
		unr_text_clear(&ret->body);
		ret->too_long = false;
		ret->code = curl->easy_perform(easy);
		(void) curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &ret->status);
		if (!unr_retry_is_passing(ret->code, ret->status))
			break;
		pause = unr_retry_next(&retry, ret->head.retry_after, 0);
		if (pause < 0)
			break;
		(void) poll(NULL, 0, (int) pause);
	}
	read_type(curl, easy, ret->type, sizeof(ret->type));
}

/* What libcurl's own text leaves out, or says in a way that does not help. */
static const struct trouble {
	CURLcode code;
	int error;
	const char *text;
} troubles[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, -ENOENT, "there is no such host" },
	{ CURLE_COULDNT_RESOLVE_PROXY, -ENOENT, "there is no such host as the proxy's" },
	{ CURLE_COULDNT_CONNECT, -ECONNREFUSED,
	  "cannot be connected to: connection refused or "
	  "unreachable" },
	{ CURLE_PEER_FAILED_VERIFICATION, -EPERM,
	  "its TLS certificate is not trusted; --tls-verify=false goes without" },
	{ CURLE_SSL_CONNECT_ERROR, -EPROTO,
	  "TLS fails; --tls-verify=false goes without, over plain HTTP if need be" },
	{ CURLE_SSL_CACERT_BADFILE, -EINVAL, "TLS: SSL_CERT_FILE cannot be read" },
	{ CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, "no answer in time" },
	{ CURLE_GOT_NOTHING, -ECONNRESET, "closes the connection without an answer" },
	{ CURLE_RECV_ERROR, -ECONNRESET, "the connection was cut, again and again" },
	{ CURLE_SEND_ERROR, -ECONNRESET, "the connection was cut, again and again" },
	{ CURLE_PARTIAL_FILE, -ECONNRESET, "the connection was cut, again and again" },
	{ CURLE_TOO_MANY_REDIRECTS, -ELOOP, "redirects without end" },
	{ CURLE_UNSUPPORTED_PROTOCOL, -EPERM,
	  "redirects to a place without TLS; --tls-verify=false goes there" },
	{ CURLE_OUT_OF_MEMORY, -ENOMEM, "out of memory" },
};

int unr_http_fail(const struct unr_curl *curl, CURLcode code, const char *host,
		  struct unr_error *err)
{
	for (size_t i = 0; i < UNR_COUNT(troubles); i++)
		if (troubles[i].code == code)
			return unr_fail(err, UNR_ERROR_FAILED, troubles[i].error, "%s: %s", host,
					troubles[i].text);
	return unr_fail(err, UNR_ERROR_FAILED, -EIO, "%s: %s", host, curl->easy_strerror(code));
}

int unr_http_fail_status(long status, const char *host, const char *what, struct unr_error *err)
{
	if (status == 401 || status == 403)
		return unr_fail(err, UNR_ERROR_FAILED, -EACCES,
				"%s: access denied to %s (%ld), or it does not exist; "
				"'docker login %s' may help",
				host, what, status, host);
	if (status == 429)
		return unr_fail(
			err, UNR_ERROR_FAILED, -EBUSY,
			"%s: too many requests (429) for %s; later, or after 'docker login'", host,
			what);
	return unr_fail(err, UNR_ERROR_FAILED, status == 404 ? -ENOENT : -EIO,
			"%s: answers %ld for %s", host, status, what);
}
