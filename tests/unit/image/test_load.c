/* SPDX-License-Identifier: MIT */
/* Recognising images by content, bare layers, pipes, compressed archives. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/mman.h>

static void assert_recognised(struct tar_build *tar, enum unr_transport transport)
{
	struct outcome o = load_tar(UNR_TRANSPORT_AUTO, tar, NULL);

	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.transport, transport);
	outcome_done(&o);
}

static void auto__docker_archive(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	assert_recognised(&tar, UNR_TRANSPORT_DOCKER_ARCHIVE);
}

static void auto__any_other_tar_is_a_layer_in_place(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	tar_build_text(&tar, "etc/motd", "hello");
	tar_build_text(&tar, "srv/manifest.json", "not at the top");
	tar_build_text(&tar, "index.json", "without oci-layout");
	o = load_tar(UNR_TRANSPORT_AUTO, &tar, NULL);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.transport, UNR_TRANSPORT_TAR);
	assert_int_equal(o.image.n_layers, 1);
	assert_null(o.image.reference);
	assert_null(o.image.config_digest);
	assert_string_equal(o.image.user, "");
	assert_null(o.image.layers[0].digest);
	assert_null(o.image.layers[0].diff_id);
	assert_string_equal(o.image.layers[0].created_by, "");
	assert_int_equal(o.image.layers[0].size, tar.bytes.length);
	assert_int_equal(o.blobs[0].fd, o.input.fd);
	assert_int_equal(o.blobs[0].offset, 0);
	assert_int_equal(o.blobs[0].size, tar.bytes.length);
	outcome_done(&o);
}

static void auto__empty_tar_is_a_layer(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };

	(void) state;
	tar_build_end(&tar);
	assert_recognised(&tar, UNR_TRANSPORT_TAR);
}

static void auto__damaged_layer_is_left_to_its_reader(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	union tar_header header;

	(void) state;
	tar_build_text(&tar, "etc/motd", "hello");
	tar_header_init(&header, "etc/cut", '0');
	tar_header_octal(header.field.size, 12, 4096);
	tar_build_header(&tar, &header);
	assert_recognised(&tar, UNR_TRANSPORT_TAR);
	tar_build_done(&tar);
	tar_build_text(&tar, "etc/motd", "hello");
	tar_build_bytes(&tar, &header, 512);
	assert_recognised(&tar, UNR_TRANSPORT_TAR);
}

static void auto__cut_archive_is_no_layer(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	build_docker(&tar, NULL, NULL);
	tar.bytes.length -= 1024; /* the end marker goes */
	o = load_tar(UNR_TRANSPORT_AUTO, &tar, NULL);
	assert_refused(&o, -EBADMSG, UNR_ERROR_FAILED,
		       "app.tar: is an image archive without its manifest.json");
	tar.bytes.length -= 510;
	o = load_tar(UNR_TRANSPORT_AUTO, &tar, NULL);
	assert_refused(&o, -ENODATA, UNR_ERROR_FAILED,
		       "app.tar: is cut short: member " HEX_B
		       "/layer.tar has 11 bytes from byte 3072 on, the archive ends at 3074: "
		       "unexpected EOF");
}

static void auto__refuses_what_is_neither(void **state)
{
	static const char *const texts[] = { "hello", "{\"schemaVersion\":2}" };
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	o = load_tar(UNR_TRANSPORT_AUTO, &tar, NULL);
	assert_refused(&o, -ENODATA, UNR_ERROR_FAILED, "app.tar: is empty");
	for (size_t i = 0; i < UNR_COUNT(texts); i++) {
		tar_build_done(&tar);
		tar_build_bytes(&tar, texts[i], strlen(texts[i]));
		o = load_tar(UNR_TRANSPORT_AUTO, &tar, NULL);
		assert_refused(&o, -EBADMSG, UNR_ERROR_FAILED,
			       "app.tar: is not an image archive, OCI layout or layer");
	}
	for (int i = 0; i < 2000; i++)
		tar_build_bytes(&tar, "\177ELF", 4);
	o = load_tar(UNR_TRANSPORT_AUTO, &tar, NULL);
	assert_refused(&o, -EBADMSG, UNR_ERROR_FAILED,
		       "app.tar: is not an image archive, OCI layout or layer");
}

static void tar__is_taken_as_it_is(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	o = load_tar(UNR_TRANSPORT_TAR, &tar, NULL);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.blobs[0].size, tar.bytes.length);
	outcome_done(&o);
	/* dockerd takes an empty blob as an empty layer. */
	tar_build_done(&tar);
	o = load_tar(UNR_TRANSPORT_TAR, &tar, NULL);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.blobs[0].size, 0);
	outcome_done(&o);
}

static void docker_archive__refuses_other_files(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_refused(&o, -ENODATA, UNR_ERROR_FAILED, "app.tar: is empty");
	tar_build_bytes(&tar, "hello", 5);
	o = load_tar(UNR_TRANSPORT_DOCKER_ARCHIVE, &tar, NULL);
	assert_refused(&o, -EBADMSG, UNR_ERROR_FAILED,
		       "app.tar: is not a tar archive (unexpected EOF)");
}

/* An input over a pipe that holds the bytes, in non-blocking mode as a FIFO is opened. */
static struct outcome load_pipe(struct tar_build *tar, enum unr_transport transport, bool spool,
				const struct unr_image_services *services)
{
	struct outcome o = { .input = UNR_IMAGE_INPUT_NONE };
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0);
	assert_int_equal(unr_write_full(ends[1], unr_text_string(&tar->bytes), tar->bytes.length),
			 0);
	unr_close(&ends[1]);
	o.r = unr_image_input_from_fd(transport, ends[0], "-", NULL, &o.input, &o.err);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.kind, UNR_INPUT_STREAM);
	if (!spool) {
		unr_close(&o.input.spool_fd);
		(void) unr_fail(&o.input.spool_error, UNR_ERROR_FAILED, -EACCES, "no room");
	}
	o.r = unr_image_load(&o.input, services, &o.image, &o.blobs, &o.err);
	return o;
}

static void pipe__is_spooled(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	o = load_pipe(&tar, UNR_TRANSPORT_AUTO, true, NULL);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.transport, UNR_TRANSPORT_DOCKER_ARCHIVE);
	assert_int_equal(o.blobs[1].fd, o.input.spool_fd);
	assert_blob(&o.blobs[1], "upper layer");
	outcome_done(&o);
}

static int note_kept(void *context, uint64_t bytes)
{
	uint64_t *kept = context;

	*kept = bytes;
	return bytes > 0 ? 0 : -EINVAL;
}

static int refuse_kept(void *context, uint64_t bytes)
{
	(void) context;
	(void) bytes;
	return -EPIPE;
}

static void pipe__says_how_much_is_kept(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	uint64_t kept = 0;
	struct unr_image_services services = { .kept = note_kept, .context = &kept };
	struct outcome o;

	(void) state;
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	o = load_pipe(&tar, UNR_TRANSPORT_AUTO, true, &services);
	assert_int_equal(o.r, 0);
	assert_int_equal(kept, tar.bytes.length);
	outcome_done(&o);
	services.kept = refuse_kept;
	o = load_pipe(&tar, UNR_TRANSPORT_AUTO, true, &services);
	assert_refused(&o, -EPIPE, UNR_ERROR_FAILED, "-: tell how much is read: Broken pipe");
}

static void pipe__without_bytes_or_room_is_refused(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	o = load_pipe(&tar, UNR_TRANSPORT_AUTO, true, NULL);
	assert_refused(&o, -ENODATA, UNR_ERROR_FAILED, "-: is empty: nobody wrote to the pipe");
	tar_build_text(&tar, "a", "b");
	o = load_pipe(&tar, UNR_TRANSPORT_AUTO, false, NULL);
	assert_refused(&o, -EACCES, UNR_ERROR_FAILED, "no room");
}

static void spool__that_is_full_is_an_error(void **state)
{
	struct outcome o = { .input = UNR_IMAGE_INPUT_NONE };
	int ends[2];

	(void) state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	unr_close(&ends[1]);
	assert_int_equal(
		unr_image_input_from_fd(UNR_TRANSPORT_AUTO, ends[0], "-", NULL, &o.input, NULL), 0);
	assert_int_equal(ftruncate(o.input.spool_fd, 0), 0);
	unr_close(&o.input.spool_fd);
	o.input.spool_fd = memfd_create("full", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(fcntl(o.input.spool_fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	o.r = unr_image_load(&o.input, NULL, &o.image, &o.blobs, &o.err);
	assert_refused(&o, -EPERM, UNR_ERROR_FAILED,
		       "-: cannot be kept in a temporary file: Operation not permitted");
}

/* "Compression" for tests: gzip's magic, then the bytes as they are; "!" is damage. */
struct fake {
	struct unr_blob blob;
	uint64_t at;
	bool broken;
};

static int fake_open(const struct unr_blob *blob, void **ret_stream, struct unr_error *err)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	(void) err;
	assert_non_null(fake);
	fake->blob = *blob;
	fake->at = 3;
	*ret_stream = fake;
	return 0;
}

static ssize_t fake_read(void *stream, void *buffer, size_t size)
{
	struct fake *fake = stream;
	uint64_t left = fake->blob.size - fake->at;
	ssize_t n;

	if (size > left)
		size = (size_t) left;
	if (size > 1000)
		size = 1000;
	n = unr_pread_full(fake->blob.fd, buffer, size, fake->blob.offset + fake->at);
	fake->broken = n > 0 && *(const char *) buffer == '!';
	if (n <= 0 || fake->broken)
		return n < 0 ? n : 0;
	fake->at += (uint64_t) n;
	return n;
}

static ssize_t failing_read(void *stream, void *buffer, size_t size)
{
	(void) stream;
	(void) buffer;
	(void) size;
	return -ENODEV;
}

static const char *fake_fault_text(void *stream)
{
	const struct fake *fake = stream;

	return fake->broken ? "gzip: invalid checksum" : "";
}

static int refuse_open(const struct unr_blob *blob, void **ret_stream, struct unr_error *err)
{
	(void) ret_stream;
	return unr_fail(err, UNR_ERROR_FAILED, blob->size > 7 ? -ENOMEM : -ENOTSUP, "words");
}

static const struct unr_inflater fake_inflater = { fake_open, fake_read, fake_fault_text, free };
static const struct unr_inflater failing_inflater = { fake_open, failing_read, fake_fault_text,
						      free };
static const struct unr_inflater refusing_inflater = { refuse_open, fake_read, fake_fault_text,
						       free };
static const struct unr_image_services with_inflater = { .inflater = &fake_inflater };
static const struct unr_image_services with_failure = { .inflater = &failing_inflater };
static const struct unr_image_services with_refusal = { .inflater = &refusing_inflater };

static void gzip__docker_archive_is_spooled_decompressed(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	tar_build_bytes(&tar, "\x1f\x8b\x08", 3);
	build_docker(&tar, TWO_LAYERS, MANIFEST);
	o = load_fd(UNR_TRANSPORT_AUTO, tar_build_memfd(&tar), NULL, &with_inflater);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.transport, UNR_TRANSPORT_DOCKER_ARCHIVE);
	assert_int_equal(o.blobs[0].fd, o.input.spool_fd);
	assert_blob(&o.blobs[0], "bottom layer");
	outcome_done(&o);
	/* Through a pipe the spool holds both, one behind the other. */
	o = load_pipe(&tar, UNR_TRANSPORT_DOCKER_ARCHIVE, true, &with_inflater);
	assert_int_equal(o.r, 0);
	assert_true(o.blobs[0].offset > tar.bytes.length);
	assert_blob(&o.blobs[0], "bottom layer");
	outcome_done(&o);
}

static void gzip__layer_stays_compressed_in_place(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	tar_build_bytes(&tar, "\x1f\x8b\x08", 3);
	tar_build_text(&tar, "etc/motd", "hello");
	tar_build_end(&tar);
	o = load_fd(UNR_TRANSPORT_AUTO, tar_build_memfd(&tar), NULL, &with_inflater);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.transport, UNR_TRANSPORT_TAR);
	assert_int_equal(o.blobs[0].fd, o.input.fd);
	assert_int_equal(o.blobs[0].size, tar.bytes.length);
	outcome_done(&o);
}

static void gzip__damage_in_a_layer_is_left_to_its_reader(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	char content[1000];
	struct outcome o;

	(void) state;
	memset(content, '!', sizeof(content));
	tar_build_bytes(&tar, "\x1f\x8b\x08", 3);
	tar_build_file(&tar, "etc/motd", content, sizeof(content));
	o = load_fd(UNR_TRANSPORT_AUTO, tar_build_memfd(&tar), NULL, &with_inflater);
	assert_int_equal(o.r, 0);
	assert_int_equal(o.input.transport, UNR_TRANSPORT_TAR);
	outcome_done(&o);
}

static void gzip__damage_in_an_archive_is_named(void **state)
{
	static const char why[] = "app.tar: cannot be decompressed: gzip: invalid checksum";
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	tar_build_bytes(&tar, "\x1f\x8b\x08!", 4);
	o = load_fd(UNR_TRANSPORT_AUTO, tar_build_memfd(&tar), NULL, &with_inflater);
	assert_refused(&o, -EIO, UNR_ERROR_FAILED, why);
	o = load_fd(UNR_TRANSPORT_DOCKER_ARCHIVE, tar_build_memfd(&tar), NULL, &with_inflater);
	assert_refused(&o, -EIO, UNR_ERROR_FAILED, why);
	o = load_fd(UNR_TRANSPORT_AUTO, tar_build_memfd(&tar), NULL, &with_failure);
	assert_refused(&o, -ENODEV, UNR_ERROR_FAILED,
		       "app.tar: cannot be decompressed: No such device");
}

static void gzip__that_nobody_can_read_is_refused(void **state)
{
	unr_auto(tar_build_done) struct tar_build tar = { 0 };
	struct outcome o;

	(void) state;
	tar_build_bytes(&tar, "BZh91AY", 7);
	o = load_fd(UNR_TRANSPORT_AUTO, tar_build_memfd(&tar), NULL, NULL);
	assert_refused(&o, -EOPNOTSUPP, UNR_ERROR_FAILED,
		       "app.tar: is compressed, which cannot be read here");
	o = load_fd(UNR_TRANSPORT_AUTO, tar_build_memfd(&tar), NULL, &with_refusal);
	assert_refused(&o, -ENOTSUP, UNR_ERROR_FAILED,
		       "app.tar: is compressed with bzip2, which this version does not read");
	tar_build_bytes(&tar, "more", 4);
	o = load_fd(UNR_TRANSPORT_AUTO, tar_build_memfd(&tar), NULL, &with_refusal);
	assert_refused(&o, -ENOMEM, UNR_ERROR_FAILED, "app.tar: words");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(auto__docker_archive),
	cmocka_unit_test(auto__any_other_tar_is_a_layer_in_place),
	cmocka_unit_test(auto__empty_tar_is_a_layer),
	cmocka_unit_test(auto__damaged_layer_is_left_to_its_reader),
	cmocka_unit_test(auto__cut_archive_is_no_layer),
	cmocka_unit_test(auto__refuses_what_is_neither),
	cmocka_unit_test(tar__is_taken_as_it_is),
	cmocka_unit_test(docker_archive__refuses_other_files),
	cmocka_unit_test(pipe__is_spooled),
	cmocka_unit_test(pipe__says_how_much_is_kept),
	cmocka_unit_test(pipe__without_bytes_or_room_is_refused),
	cmocka_unit_test(spool__that_is_full_is_an_error),
	cmocka_unit_test(gzip__docker_archive_is_spooled_decompressed),
	cmocka_unit_test(gzip__layer_stays_compressed_in_place),
	cmocka_unit_test(gzip__damage_in_a_layer_is_left_to_its_reader),
	cmocka_unit_test(gzip__damage_in_an_archive_is_named),
	cmocka_unit_test(gzip__that_nobody_can_read_is_refused),
};

UNR_TEST_MAIN("image.load", tests, NULL);
