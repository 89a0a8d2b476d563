/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: an image archive.  Bytes that begin with '!' are the archive
 * itself; all others describe one, so that the fuzzer need not find checksums:
 * members end at a '\1', each is a name, a '\2' and the content.
 *
 * Property: a refusal says why and hands nothing out; what is taken for an image
 * has each layer's bytes within the archive.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "image/load.h"
#include "must.h"
#include "run/inflater.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BLOCK ((size_t) 512)

static void put_member(struct unr_text *tar, const uint8_t *name, size_t n_name,
		       const uint8_t *content, size_t size)
{
	static const char zeros[512];
	char header[512] = "";
	unsigned int sum = 0;

	memcpy(header, name, n_name < 99 ? n_name : 99);
	(void) snprintf(header + 100, 8, "%07o", 0644);
	(void) snprintf(header + 124, 12, "%011zo", size);
	header[156] = '0';
	memcpy(header + 257,
	       "ustar\0"
	       "00",
	       8);
	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < sizeof(header); i++)
		sum += (unsigned char) header[i];
	(void) snprintf(header + 148, 8, "%06o", sum);
	unr_text_append(tar, header, sizeof(header));
	unr_text_append(tar, content, size);
	unr_text_append(tar, zeros, (BLOCK - size % BLOCK) % BLOCK);
}

static void build_archive(const uint8_t *data, size_t size, struct unr_text *tar)
{
	while (size > 0) {
		const uint8_t *end = memchr(data, 1, size);
		size_t whole = end == NULL ? size : (size_t) (end - data);
		const uint8_t *split = memchr(data, 2, whole);
		size_t n_name = split == NULL ? whole : (size_t) (split - data);

		if (split == NULL)
			put_member(tar, data, n_name, data, 0);
		else
			put_member(tar, data, n_name, split + 1, whole - n_name - 1);
		data += end == NULL ? whole : whole + 1;
		size -= end == NULL ? whole : whole + 1;
	}
	for (size_t i = 0; i < 2 * BLOCK; i++)
		unr_text_append(tar, "", 1);
}

static int memfd_of(const void *bytes, size_t size)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);
	int r = unr_write_full(fd, bytes, size);

	must(r == 0);
	return fd;
}

static void check_image(const struct unr_image_input *input, const struct unr_image *image,
			const struct unr_blob *blobs)
{
	must(image->user != NULL);
	must((image->refusal == NULL && !image->without_rootfs) || image->n_layers == 0);
	must(image->n_layers == 0 || (image->layers != NULL && blobs != NULL));
	for (size_t i = 0; i < image->n_layers; i++) {
		off_t end = lseek(blobs[i].fd, 0, SEEK_END);

		must(image->layers[i].created_by != NULL);
		must(blobs[i].fd == input->fd || blobs[i].fd == input->spool_fd);
		must(blobs[i].offset <= (uint64_t) end);
		must(blobs[i].size <= (uint64_t) end - blobs[i].offset);
		must(blobs[i].size == image->layers[i].size);
	}
}

static void load(const void *bytes, size_t size, enum unr_transport transport,
		 const struct unr_go_rules *rules)
{
	const struct unr_image_services services = { .inflater = unr_inflater(true),
						     .rules = rules };
	unr_auto(unr_image_input_done) struct unr_image_input input = {
		.transport = transport,
		.kind = UNR_INPUT_FILE,
		.fd = memfd_of(bytes, size),
		.spool_fd = memfd_of("", 0), /* instead of a temporary file */
		.path = strdup("a.tar"),
		.name = strdup("a.tar"),
	};
	struct unr_image image = { 0 };
	struct unr_blob *blobs = NULL;
	struct unr_error err = { 0 };
	int r = unr_image_load(&input, &services, &image, &blobs, &err);

	if (r == 0) {
		must(err.kind == UNR_ERROR_NONE);
		check_image(&input, &image, blobs);
	} else {
		must(r < 0 && r == err.code && err.message[0] != '\0');
		must(err.kind == UNR_ERROR_FAILED || err.kind == UNR_ERROR_USAGE);
		must(image.layers == NULL && blobs == NULL);
	}
	unr_image_done(&image);
	free(blobs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct unr_go_rules older = { .newer = false }, newer = { .newer = true };
	unr_auto(unr_text_done) struct unr_text tar = { 0 };

	if (size > 0 && data[0] == '!')
		unr_text_append(&tar, data + 1, size - 1);
	else
		build_archive(data, size, &tar);
	load(unr_text_string(&tar), tar.length, UNR_TRANSPORT_AUTO, &newer);
	load(unr_text_string(&tar), tar.length, UNR_TRANSPORT_DOCKER_ARCHIVE, &older);
	load(unr_text_string(&tar), tar.length, UNR_TRANSPORT_DOCKER_ARCHIVE, NULL);
	load(unr_text_string(&tar), tar.length, UNR_TRANSPORT_OCI_ARCHIVE, &older);
	return 0;
}
