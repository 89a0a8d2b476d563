/* SPDX-License-Identifier: MIT */
/*
 * The fetcher of a registry: manifests one by one, blobs side by side, handed
 * to whoever asks.  The OCI distribution specification, and docker's schema 2.
 */
#include "fetch/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/tempfile.h"
#include "fetch/cache.h"
#include "fetch/fetch.h"
#include "fetch/http.h"
#include "fetch/process.h"
#include "fetch/protocol.h"
#include "fetch/transfer.h"
#include "image/shown.h"
#include "userns/sandbox.h"

enum {
	MANIFEST_MAX = 4 << 20, /* as docker has it (distribution/pull_v2.go) */
	IDLE_MS = 60 * 1000,
};

/* Where the API of the default registry is, whose name is another one. */
#define DEFAULT_API_HOST "registry-1." UNR_DOCKER_HOST

#define MANIFEST_TYPES                                                                             \
	"application/vnd.oci.image.index.v1+json,"                                                 \
	"application/vnd.oci.image.manifest.v1+json,"                                              \
	"application/vnd.docker.distribution.manifest.list.v2+json,"                               \
	"application/vnd.docker.distribution.manifest.v2+json"

CURL *unr_registry_request(const struct unr_registry *registry, const char *kind,
			   const char *reference, struct curl_slist **headers)
{
	const struct unr_docker_name *name = registry->name;
	bool is_default = strcmp(name->host, UNR_DOCKER_HOST) == 0;
	unr_auto(unr_text_done) struct unr_text url = { 0 };
	struct curl_slist *longer;
	CURL *easy;

	unr_text_printf(&url, "%s://%s/v2/%s/%s/%s", registry->plain ? "http" : "https",
			is_default ? DEFAULT_API_HOST : name->host, name->repository, kind,
			reference);
	easy = url.failed ? NULL :
			    unr_http_open(registry->curl, url.bytes, registry->insecure,
					  &registry->certificates);
	if (easy == NULL)
		return NULL;
	longer = registry->curl->slist_append(*headers, "Accept: " MANIFEST_TYPES ", */*;q=0.1");
	if (longer != NULL)
		*headers = longer;
	if (longer == NULL || unr_auth_apply(&registry->auth, easy, headers) < 0) {
		registry->curl->easy_cleanup(easy);
		return NULL;
	}
	(void) registry->curl->easy_setopt(easy, CURLOPT_HTTPHEADER, *headers);
	return easy;
}

static int get_once(const struct unr_registry *registry, const char *reference,
		    struct unr_http_answer *ret, struct unr_error *err)
{
	struct curl_slist *headers = NULL;
	CURL *easy = unr_registry_request(registry, "manifests", reference, &headers);

	if (easy != NULL)
		unr_http_get(registry->curl, easy, MANIFEST_MAX, ret);
	registry->curl->easy_cleanup(easy);
	registry->curl->slist_free_all(headers);
	return easy == NULL ? unr_fail_memory(err) : 0;
}

/* With HTTP where TLS fails and that is allowed, as skopeo does; with a token where one is asked. */
static int get(struct unr_registry *registry, const char *reference, struct unr_http_answer *ret,
	       struct unr_error *err)
{
	int r = get_once(registry, reference, ret, err);

	if (r == 0 && ret->code != CURLE_OK && !ret->too_long && registry->insecure &&
	    !registry->plain && ret->code != CURLE_COULDNT_RESOLVE_HOST) {
		registry->plain = true;
		r = get_once(registry, reference, ret, err);
	}
	if (r == 0 && ret->code == CURLE_OK && ret->status == 401 &&
	    ret->head.challenge[0] != '\0') {
		r = unr_auth_meet(&registry->auth, registry->name, ret->head.challenge,
				  registry->insecure, &registry->certificates, err);
		if (r == 0)
			r = get_once(registry, reference, ret, err);
	}
	return r;
}

/* What a manifest may be called; what is in it is looked at by whoever asked. */
static int check_type(const struct unr_docker_name *name, const char *type, struct unr_error *err)
{
	static const char *const known[] = {
		"application/vnd.oci.image.index.v1+json",
		"application/vnd.oci.image.manifest.v1+json",
		"application/vnd.docker.distribution.manifest.list.v2+json",
		"application/vnd.docker.distribution.manifest.v2+json",
		"application/json",
		"application/octet-stream",
		"text/plain",
		"",
	};
	struct unr_shown shown;

	for (size_t i = 0; i < UNR_COUNT(known); i++)
		if (strcmp(known[i], type) == 0)
			return 0;
	if (unr_starts_with(type, "application/vnd.docker.distribution.manifest.v1+") != NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"%s: is a manifest of schema version 1, which is not read; push "
				"the image again with a newer docker",
				name->familiar);
	return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
			"%s: unsupported media type %s, where a manifest is wanted", name->familiar,
			unr_show(&shown, type));
}

static int check_manifest(const struct unr_registry *registry, const char *reference,
			  const struct unr_http_answer *answer, struct unr_error *err)
{
	const struct unr_docker_name *name = registry->name;
	char found[UNR_DIGEST_SIZE];
	int r;

	if (answer->too_long)
		return unr_fail(err, UNR_ERROR_FAILED, -EFBIG,
				"%s: its manifest has more than %d bytes", name->familiar,
				MANIFEST_MAX);
	if (answer->code != CURLE_OK)
		return unr_http_fail(registry->curl, answer->code, name->host, err);
	if (answer->status == 404)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
				"%s: manifest unknown: %s has no %s of %s", name->familiar,
				name->host, reference, name->repository);
	if (answer->status != 200)
		return unr_http_fail_status(answer->status, name->host, name->familiar, err);
	r = check_type(name, answer->type, err);
	if (r < 0 || !unr_digest_is_valid(reference) || !registry->verify)
		return r;
	r = unr_digest_of(reference, unr_text_string(&answer->body), answer->body.length, found,
			  err);
	if (r == 0 && strcmp(found, reference) != 0)
		/* distribution/pull_v2.go, v20.10 */
		r = unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
			     "%s: manifest verification failed for digest %s", name->familiar,
			     reference);
	return r;
}

static int serve_manifest(struct unr_registry *registry, const char *reference, int *ret_fd,
			  struct unr_error *err)
{
	unr_auto(unr_http_answer_done) struct unr_http_answer answer = { 0 };
	unr_autoclose int fd = -EBADF;
	int r = get(registry, reference, &answer, err);

	if (r == 0)
		r = check_manifest(registry, reference, &answer, err);
	if (r < 0)
		return r;
	fd = memfd_create("manifest", MFD_CLOEXEC);
	if (fd < 0)
		return unr_fail_errno(err, "memfd_create");
	r = unr_write_full(fd, unr_text_string(&answer.body), answer.body.length);
	if (r < 0)
		return unr_fail(err, UNR_ERROR_FAILED, r, "keep a manifest: %s", strerror(-r));
	*ret_fd = unr_take_fd(&fd);
	return 0;
}

/*
 * One turn of the transfers: lets them go on until there is something to do for
 * one, or @socket can be read.  Returns 1 for that, 0, or -errno.
 */
static int turn(struct unr_registry *registry, int socket)
{
	struct curl_waitfd fds[] = { { .fd = socket, .events = CURL_WAIT_POLLIN },
				     { .fd = registry->news_fd, .events = CURL_WAIT_POLLOUT } };
	long next = unr_transfers_start(registry);
	bool told;
	int running;

	(void) registry->curl->multi_perform(registry->multi, &running);
	if (unr_transfers_finish(registry)) /* there is room for another */
		next = 0;
	told = unr_transfers_tell(registry);
	if (registry->curl->multi_poll(registry->multi, fds, told ? 1 : 2,
				       next < 0 || next > IDLE_MS ? IDLE_MS : (int) next,
				       NULL) != CURLM_OK)
		return -EIO;
	return fds[0].revents != 0;
}

/* Lets the transfers go on until this one has come to its end. */
static int serve_blob(struct unr_registry *registry, const char *digest, int *ret_fd,
		      struct unr_error *err)
{
	struct unr_transfer *transfer = unr_transfer_find(registry, digest);

	if (transfer == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EINVAL,
				"%s: a blob is asked for that no manifest has named",
				registry->name->familiar);
	while (unr_transfer_state(transfer) < UNR_TRANSFER_THERE)
		if (turn(registry, -1) < 0)
			return unr_fail(err, UNR_ERROR_FAILED, -EIO, "%s: libcurl fails",
					registry->name->familiar);
	if (unr_transfer_state(transfer) == UNR_TRANSFER_FAILED) {
		*err = *unr_transfer_error(transfer);
		return err->code;
	}
	*ret_fd = unr_transfer_take(transfer);
	return *ret_fd < 0 ? unr_fail(err, UNR_ERROR_FAILED, *ret_fd, "hand out a blob: %s",
				      strerror(-*ret_fd)) :
			     0;
}

/* The names that may be asked for, and by what they are served. */
static int serve(struct unr_registry *registry, const char *name, int *ret_fd,
		 struct unr_error *err)
{
	const char *digest = unr_starts_with(name, "manifests/");
	char blob[UNR_DIGEST_SIZE];

	if (strcmp(name, "manifest") == 0)
		return serve_manifest(registry, registry->name->reference, ret_fd, err);
	if (digest != NULL && unr_digest_is_valid(digest))
		return serve_manifest(registry, digest, ret_fd, err);
	if (unr_digest_from_blob(name, blob))
		return serve_blob(registry, blob, ret_fd, err);
	return unr_fail(err, UNR_ERROR_FAILED, -EINVAL, "%s: no such file in a registry",
			registry->name->familiar);
}

static int refuse(int socket, const struct unr_error *err)
{
	int r = unr_send_fd(socket, 'E', -EBADF);

	return r < 0 ? r : unr_write_full(socket, err, sizeof(*err));
}

/* Whoever asks first is told why nobody can. */
static void refuse_first(int socket, const struct unr_error *err)
{
	struct unr_fetch_request request;

	if (unr_read_full(socket, &request, sizeof(request)) == (ssize_t) sizeof(request))
		(void) !refuse(socket, err);
}

static int answer(struct unr_registry *registry, int socket, const char *name)
{
	unr_autoclose int fd = -EBADF;
	struct unr_error err = { 0 };
	int r = serve(registry, name, &fd, &err);

	if (r == 0)
		return unr_send_fd(socket, 'F', fd);
	return refuse(socket, &err);
}

/* One request; 0, 1 at the end of it all, or -errno. */
static int take_request(struct unr_registry *registry, int socket)
{
	struct unr_fetch_request request;
	char digest[UNR_DIGEST_SIZE];

	if (unr_read_full(socket, &request, sizeof(request)) != (ssize_t) sizeof(request))
		return 1;
	request.name[sizeof(request.name) - 1] = '\0';
	if (request.word == UNR_FETCH_ASK)
		return answer(registry, socket, request.name);
	if (request.word != UNR_FETCH_ANNOUNCE || !unr_digest_from_blob(request.name, digest))
		return -EPROTO;
	return unr_transfer_add(registry, digest, request.size);
}

/* Requests as they come, and transfers all the while. */
static int serve_all(struct unr_registry *registry, int socket)
{
	int r = 0;

	while (r == 0) {
		r = turn(registry, socket);
		if (r > 0)
			r = take_request(registry, socket);
	}
	return r;
}

struct duty {
	const struct unr_docker_name *name;
	const struct unr_certificates *certificates;
	const struct unr_fetch_options *options;
	pid_t parent;
};

static bool can_spool(void)
{
	const char *folder;
	unr_autoclose int fd = unr_tempfile_open(&folder);

	return fd >= 0;
}

static bool can_read(const char *path)
{
	unr_autoclose int fd = path == NULL ? -EBADF : open(path, O_RDONLY | O_CLOEXEC);

	return path == NULL || fd >= 0;
}

/*
 * Files of root's that are used later on: the cache, a client's key (libcurl reads
 * it itself), and certificates or a directory for temporary files not for everybody.
 */
static bool needs_root(const struct unr_registry *registry)
{
	bool can;

	if (geteuid() != 0 || registry->cache_fd >= 0 || registry->certificates.key != NULL ||
	    unr_sandbox_seem_nobody(true) < 0)
		return true;
	can = can_spool() && can_read(getenv("SSL_CERT_FILE")) && can_read(getenv("SSL_CERT_DIR"));
	return unr_sandbox_seem_nobody(false) < 0 || !can;
}

static int registry_main(void *argument, const int *fds, size_t n_fds)
{
	const struct duty *duty = argument;
	struct unr_curl curl;
	struct unr_error err = { 0 };
	struct unr_registry registry = { .curl = &curl,
					 .auth = { .curl = &curl },
					 .name = duty->name,
					 .insecure = duty->options->insecure,
					 .verify = duty->options->verify,
					 .again = duty->options->again,
					 .certificates = *duty->certificates,
					 .cache_fd = fds[1],
					 .news_fd = fds[2] };
	int r = unr_curl_load(&curl, &err);

	(void) n_fds;
	if (r < 0) {
		refuse_first(fds[0], &err);
		return 1;
	}
	unr_auth_prepare(&registry.auth, registry.name);
	r = unr_fetch_settle(duty->parent, needs_root(&registry), &err);
	if (r < 0)
		refuse_first(fds[0], &err);
	registry.multi = curl.multi_init();
	if (r == 0)
		r = registry.multi == NULL ? -ENOMEM : serve_all(&registry, fds[0]);
	unr_transfers_done(&registry);
	(void) curl.multi_cleanup(registry.multi);
	unr_auth_done(&registry.auth);
	unr_curl_done(&curl);
	return r < 0 ? 1 : 0;
}

int unr_fetch_registry(const struct unr_docker_name *name, const struct unr_fetch_options *options,
		       struct unr_fetcher *ret, int *ret_socket, struct unr_error *err)
{
	unr_auto(unr_certificates_done) struct unr_certificates certificates =
		UNR_CERTIFICATES_NONE;
	struct duty duty = {
		.name = name, .certificates = &certificates, .options = options, .parent = getpid()
	};
	unr_autoclose int cache_fd = -EBADF, asked = -EBADF, asking = -EBADF;
	unr_autoclose int hearing = -EBADF, telling = -EBADF;
	int pair[2], news[2], fds[4];
	int r = unr_cache_open(options->cache, &cache_fd, err);

	if (r == 0)
		r = unr_certificates_find(name->host, &certificates, err);
	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return unr_fail_errno(err, "socketpair");
	asking = pair[0];
	asked = pair[1];
	if (pipe2(news, O_CLOEXEC) < 0)
		return unr_fail_errno(err, "pipe");
	hearing = news[0];
	telling = news[1];
	if (fcntl(telling, F_SETFL, O_NONBLOCK) < 0)
		return unr_fail_errno(err, "pipe");
	fds[0] = asked;
	fds[1] = cache_fd;
	fds[2] = telling;
	fds[3] = certificates.authorities_fd;
	r = unr_fetch_start(registry_main, &duty, fds, UNR_COUNT(fds), ret, err);
	if (r < 0)
		return r;
	ret->news = unr_take_fd(&hearing);
	*ret_socket = unr_take_fd(&asking);
	return 0;
}
