/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a file of credentials, or behind a byte 1 the two words of an
 * entry.  Properties: user and password come together, the user without a
 * colon; words that were written in base64 come back as they were, or are
 * refused for a reason; no message has a secret in it.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fetch/credentials.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_bytes(const struct unr_text *bytes, struct unr_credentials *ret,
		      struct unr_error *err)
{
	static const struct unr_docker_name name = { .host = "h:5", .repository = "a/b" };
	unr_auto(unr_json_done) struct unr_json json = { 0 };
	struct unr_json_at root;
	int r = unr_json_parse(bytes, "credentials", "file", &json, err);

	if (r < 0)
		return r;
	root = unr_json_root(&json);
	r = unr_credentials_read(&root, &name, ret, err);
	must((r < 0) == (err->kind != UNR_ERROR_NONE));
	return r;
}

static void encode(struct unr_text *ret, const uint8_t *data, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		uint32_t bits = (uint32_t) data[i] << 16;

		bits |= i + 1 < size ? (uint32_t) data[i + 1] << 8 : 0;
		bits |= i + 2 < size ? data[i + 2] : 0;
		for (size_t j = 0; j < 4; j++)
			unr_text_append(
				ret, i + j > size ? "=" : &letters[bits >> (18 - 6 * j) & 63], 1);
	}
}

static void try_words(const uint8_t *data, size_t size)
{
	unr_auto(unr_credentials_done) struct unr_credentials found = { 0 };
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_error err = { 0 };
	bool good = memchr(data, '\0', size) == NULL && memchr(data, ':', size) != NULL;
	int r;

	unr_text_puts(&text, "{\"auths\": {\"h:5/a\": {\"auth\": \"");
	encode(&text, data, size);
	unr_text_puts(&text, "\"}}}");
	r = read_bytes(&text, &found, &err);
	must(good ? r == 0 : r == -EBADMSG);
	if (!good) {
		must(found.user == NULL && strstr(err.message, "not USER:PASSWORD") != NULL);
		return;
	}
	must(strlen(found.user) + 1 + strlen(found.password) == size);
	must(memcmp(found.user, data, strlen(found.user)) == 0);
	must(strchr(found.user, ':') == NULL && data[strlen(found.user)] == ':');
	must(memcmp(found.password, data + strlen(found.user) + 1, strlen(found.password)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unr_auto(unr_credentials_done) struct unr_credentials found = { 0 };
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct unr_error err = { 0 };

	if (size > 1 && size < 10000 && data[0] == 1) {
		try_words(data + 1, size - 1);
		return 0;
	}
	unr_text_append(&text, data, size);
	if (read_bytes(&text, &found, &err) == 0) {
		must((found.user == NULL) == (found.password == NULL));
		must(found.user == NULL || strchr(found.user, ':') == NULL);
	}
	return 0;
}
