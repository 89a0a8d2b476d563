/* SPDX-License-Identifier: MIT */
/*
 * The fetcher of an engine's image: the Engine API's export, which is what
 * `docker save` writes, through a pipe.  It is read like standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "fetch/curl.h"
#include "fetch/engine_at.h"
#include "fetch/fetch.h"
#include "fetch/http.h"
#include "fetch/process.h"
#include "fetch/ssh.h"
#include "image/json.h"
#include "image/shown.h"
#include "userns/filter.h"
#include "userns/sandbox.h"

enum { REFUSAL_MAX = 64 * 1024 };

struct export
{
	const char *reference;   /* an image's id, or a name with tag or digest */
	struct unr_engine_at at; /* owned */
	char ssh[UNR_SSH_NAME];  /* of a socket to an engine behind ssh; "" for another one */
	const struct unr_curl *curl;
	CURL *easy; /* owned */
	int pipe, words;
	bool agreed;
	struct unr_text refusal; /* owned; the body of an answer that is not the image */
	int code;                /* of a failed write */
};

/* The URL of the export, and for a socket its place. */
static int find_url(struct export *export, struct unr_text *url, const char **ret_socket,
		    struct unr_error *err)
{
	const char *tcp = unr_starts_with(export->at.host, "tcp://");
	const char *ssh = unr_starts_with(export->at.host, "ssh://");
	struct unr_shown shown;
	int r = 0;

	*ret_socket = unr_starts_with(export->at.host, "unix://");
	if (*ret_socket != NULL || ssh != NULL)
		export->at.tls = false;
	if (ssh != NULL)
		r = unr_ssh_start(ssh, export->ssh, err);
	if (r < 0)
		return r;
	if (*ret_socket != NULL || ssh != NULL)
		unr_text_puts(url, "http://127.0.0.1"); /* nobody looks at it */
	else if (tcp != NULL && strpbrk(tcp, "/?#@") == NULL)
		unr_text_printf(url, "%s://%s", export->at.tls ? "https" : "http", tcp);
	else
		return unr_fail(err, UNR_ERROR_FAILED, -EOPNOTSUPP,
				"DOCKER_HOST=%s: only unix://, tcp:// and ssh:// are supported; "
				"docker save %s | userns-repro run -",
				unr_show(&shown, export->at.host), export->reference);
	unr_text_printf(url, "/images/%s/get", export->reference);
	return url->failed ? unr_fail_memory(err) : 0;
}

/* The client's certificate and the engine's authority, as the docker client finds them. */
static void set_certificates(const struct unr_curl *curl, CURL *easy, const char *folder)
{
	static const struct {
		CURLoption option;
		const char *file;
	} files[] = {
		{ CURLOPT_CAINFO, "ca.pem" },
		{ CURLOPT_SSLCERT, "cert.pem" },
		{ CURLOPT_SSLKEY, "key.pem" },
	};

	for (size_t i = 0; folder != NULL && i < UNR_COUNT(files); i++) {
		unr_auto(unr_text_done) struct unr_text path = { 0 };

		unr_text_printf(&path, "%s/%s", folder, files[i].file);
		if (!path.failed && access(path.bytes, R_OK) == 0)
			(void) curl->easy_setopt(easy, files[i].option, path.bytes);
	}
}

static int say(const struct export *export, const struct unr_error *word)
{
	return unr_write_full(export->words, word, sizeof(*word));
}

static size_t take(char *data, size_t size, size_t n, void *context)
{
	struct export *export = context;
	const struct unr_error yes = { .kind = UNR_ERROR_NONE };
	long status = 0;

	n *= size;
	(void) export->curl->easy_getinfo(export->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		if (n > REFUSAL_MAX - export->refusal.length)
			return 0;
		unr_text_append(&export->refusal, data, n);
		return export->refusal.failed ? 0 : n;
	}
	if (!export->agreed)
		export->code = say(export, &yes);
	export->agreed = true;
	if (export->code == 0)
		export->code = unr_write_full(export->pipe, data, n);
	return export->code < 0 ? 0 : n;
}

/* The engine's own sentence, {"message": "..."}, or the status where it says nothing. */
static void fail_status(const struct export *export, long status, struct unr_error *err)
{
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	struct unr_error ignored = { 0 };
	const char *message = "";
	struct unr_shown shown;
	struct unr_json_at root;
	int r = unr_json_parse(&export->refusal, "engine", "answer", &json, &ignored);

	root = unr_json_root(&json);
	if (r == 0)
		r = unr_json_member_string(&root, "message", "", &message, &ignored);
	if (r < 0 || *message == '\0')
		(void) unr_fail(err, UNR_ERROR_FAILED, -EIO, "%s: answers %ld for %s",
				export->at.host, status, export->reference);
	else
		(void) unr_fail(err, UNR_ERROR_FAILED, status == 404 ? -ENOENT : -EIO, "%s: %s: %s",
				export->at.host, export->reference,
				unr_show_words(&shown, message));
}

static void fail_connection(const struct export *export, CURLcode code, struct unr_error *err)
{
	long number = 0;

	(void) export->curl->easy_getinfo(export->easy, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_COULDNT_CONNECT && number != 0)
		(void) unr_fail(err, UNR_ERROR_FAILED, -(int) number,
				"%s: %s; is the docker daemon running? DOCKER_HOST names another",
				export->at.host, strerror((int) number));
	else
		(void) unr_http_fail(export->curl, code, export->at.host, err);
}

static void set_request(struct export *export, const char *socket)
{
	const struct unr_curl *curl = export->curl;
	CURL *easy = export->easy;

	/* An engine may take minutes before its first byte. */
	(void) curl->easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 0L);
	(void) curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	(void) curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	(void) curl->easy_setopt(easy, CURLOPT_WRITEDATA, export);
	if (socket != NULL)
		(void) curl->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket);
	if (*export->ssh != '\0')
		(void) curl->easy_setopt(easy, CURLOPT_ABSTRACT_UNIX_SOCKET, export->ssh);
	if (socket != NULL || *export->ssh != '\0')
		(void) curl->easy_setopt(easy, CURLOPT_PROXY, "");
	if (export->at.tls)
		set_certificates(curl, easy, export->at.certificates);
}

static int do_export(struct export *export, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text url = { 0 };
	const char *socket = NULL;
	long status = 0;
	CURLcode code;
	int r = unr_engine_at_find(&export->at, err);

	if (r == 0)
		r = find_url(export, &url, &socket, err);
	/* ssh is on its way by now, and no other program is run. */
	if (r == 0)
		r = unr_filter_enter_network(err);
	if (r < 0)
		return r;
	/* Plain HTTP is what a socket speaks, and an engine without TLS. */
	export->easy = unr_http_open(export->curl, url.bytes,
				     !export->at.tls || export->at.insecure, NULL);
	if (export->easy == NULL)
		return unr_fail_memory(err);
	set_request(export, socket);
	code = export->curl->easy_perform(export->easy);
	(void) export->curl->easy_getinfo(export->easy, CURLINFO_RESPONSE_CODE, &status);
	if (export->code < 0)
		(void) unr_fail(err, UNR_ERROR_FAILED, export->code, "hand on what the engine has");
	else if (code != CURLE_OK)
		fail_connection(export, code, err);
	else if (status != 200)
		fail_status(export, status, err);
	else if (!export->agreed)
		(void) unr_fail(err, UNR_ERROR_FAILED, -ENODATA, "%s: sends nothing for %s",
				export->at.host, export->reference);
	export->curl->easy_cleanup(export->easy);
	return err->code;
}

static int daemon_main(void *argument, const int *fds, size_t n_fds)
{
	struct export export = { .reference = argument, .pipe = fds[0], .words = fds[1] };
	struct unr_error err = { 0 };
	struct unr_curl curl;
	int r = unr_curl_load(&curl, &err);
	const bool loaded = r == 0;

	(void) n_fds;
	export.curl = &curl;
	/* Its engine is as good as root here, and its socket is root's. */
	if (r == 0)
		r = unr_sandbox_give_up(&err);
	if (r == 0)
		r = do_export(&export, &err);
	/* Before the pipe ends: who reads it looks here then. */
	if (r < 0)
		(void) !say(&export, &err);
	unr_text_done(&export.refusal);
	unr_engine_at_done(&export.at);
	if (loaded)
		unr_curl_done(&curl);
	return r < 0 ? 1 : 0;
}

/* Waits for the engine's first word. */
static int await_word(int words, struct unr_error *err)
{
	struct unr_error word;

	if (unr_read_full(words, &word, sizeof(word)) != (ssize_t) sizeof(word))
		return unr_fail(err, UNR_ERROR_FAILED, -EPIPE,
				"the fetching process ended without an answer");
	word.message[sizeof(word.message) - 1] = '\0';
	if (word.kind == UNR_ERROR_NONE)
		return 0;
	return unr_fail(err, word.kind, word.code, "%s", word.message);
}

int unr_fetch_daemon(const char *reference, struct unr_fetcher *ret, int *ret_pipe,
		     struct unr_error *err)
{
	struct unr_fetcher fetcher = UNR_FETCHER_NONE;
	unr_autofree char *argument = strdup(reference);
	unr_autoclose int out = -EBADF;
	int fds[2], pipes[2], words[2];
	int r;

	if (argument == NULL)
		return unr_fail_memory(err);
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return unr_fail_errno(err, "pipe");
	out = pipes[0];
	fds[0] = pipes[1];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, words) < 0) {
		unr_close(&fds[0]);
		return unr_fail_errno(err, "socketpair");
	}
	fetcher.words = words[0];
	fds[1] = words[1];
	r = unr_fetch_start(daemon_main, argument, fds, UNR_COUNT(fds), &fetcher, err);
	unr_close(&fds[0]);
	unr_close(&fds[1]);
	if (r == 0)
		r = await_word(fetcher.words, err);
	if (r < 0) {
		unr_fetcher_stop(&fetcher, NULL);
		return r;
	}
	*ret = fetcher;
	*ret_pipe = unr_take_fd(&out);
	return 0;
}
