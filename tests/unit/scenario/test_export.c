/* SPDX-License-Identifier: MIT */
/* A scenario as a docker-archive: what is in it, that it is always the same, and bad folders. */
#include "usernsrepro/scenario.h"

#include <errno.h>
#include <jansson.h>
#include <locale.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fixture.h"
#include "scenario/archive.h"

/* The archive's bytes; NULL bytes and @ret_code when the export failed. */
static struct unr_text export_scenario(const char *name, int *ret_code, struct unr_error *err)
{
	struct unr_text text = { 0 };
	int fd = memfd_create("export", MFD_CLOEXEC);
	char buffer[4096];
	ssize_t n;
	off_t at = 0;

	assert_true(fd >= 0);
	*ret_code = unr_scenario_export(name, fd, err);
	while ((n = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		unr_text_append(&text, buffer, (size_t) n);
		at += n;
	}
	assert_int_equal(close(fd), 0);
	return text;
}

/* A member of a tar; the first whose name ends so.  Empty when there is none. */
static struct unr_text member(const struct unr_text *tar, const char *ending)
{
	struct archive *reader = archive_read_new();
	struct archive_entry *entry;
	struct unr_text text = { 0 };
	char buffer[4096];
	la_ssize_t n;

	assert_int_equal(archive_read_support_format_tar(reader), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(reader, tar->bytes, tar->length), ARCHIVE_OK);
	while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
		const char *path = archive_entry_pathname(entry);
		size_t length = strlen(path), wanted = strlen(ending);

		if (length < wanted || strcmp(path + length - wanted, ending) != 0)
			continue;
		while ((n = archive_read_data(reader, buffer, sizeof(buffer))) > 0)
			unr_text_append(&text, buffer, (size_t) n);
		break;
	}
	(void) archive_read_free(reader);
	return text;
}

/* A line an entry: mode, owner, size, time, path, link. */
static struct unr_text listing(const struct unr_text *tar)
{
	struct archive *reader = archive_read_new();
	struct archive_entry *entry;
	struct unr_text text = { 0 };

	assert_int_equal(archive_read_support_format_tar(reader), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(reader, tar->bytes, tar->length), ARCHIVE_OK);
	while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
		const char *link = archive_entry_symlink(entry);

		unr_text_printf(
			&text, "%s%lld:%lld %lld @%lld %s", archive_entry_strmode(entry),
			(long long) archive_entry_uid(entry), (long long) archive_entry_gid(entry),
			(long long) archive_entry_size(entry),
			(long long) archive_entry_mtime(entry), archive_entry_pathname(entry));
		if (link != NULL)
			unr_text_printf(&text, " -> %s", link);
		/* Owners are numbers alone. */
		assert_string_equal(archive_entry_uname(entry), "");
		assert_string_equal(archive_entry_gname(entry), "");
		unr_text_puts(&text, "\n");
	}
	(void) archive_read_free(reader);
	return text;
}

static void hex_digest(const struct unr_text *text, char ret[65])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n;

	assert_int_equal(
		EVP_Digest(unr_text_string(text), text->length, md, &n, EVP_sha256(), NULL), 1);
	for (unsigned int i = 0; i < n; i++)
		(void) snprintf(ret + (size_t) i * 2, 3, "%02x", md[i]);
}

static void export__is_what_docker_load_wants(void **state)
{
	struct unr_error err = { 0 };
	struct unr_text tar, config = { 0 }, layer, manifest, lines;
	size_t n_config;
	char config_hex[65], layer_hex[65], wanted[1024];
	int r;

	put_good(*state);
	tar = export_scenario("s", &r, &err);
	assert_int_equal(r, 0);
	manifest = member(&tar, "manifest.json");
	layer = member(&tar, "/layer.tar");
	hex_digest(&layer, layer_hex);
	/* The config is named by its digest, so its bytes can be said beforehand. */
	(void) snprintf(wanted, sizeof(wanted),
			"{\"os\":\"linux\",\"history\":[{\"created_by\":\"RUN x\"}],"
			"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\"]}}",
			layer_hex);
	unr_text_puts(&config, wanted);
	hex_digest(&config, config_hex);
	n_config = config.length;
	unr_text_done(&config);
	(void) snprintf(wanted, sizeof(wanted),
			"[{\"Config\":\"%s.json\",\"RepoTags\":[\"s:latest\"],"
			"\"Layers\":[\"%s/layer.tar\"]}]",
			config_hex, layer_hex);
	assert_string_equal(unr_text_string(&manifest), wanted);
	(void) snprintf(wanted, sizeof(wanted),
			"drwxr-xr-x 0:0 0 @0 %s/\n-rw-r--r-- 0:0 %zu @0 %s/layer.tar\n"
			"-rw-r--r-- 0:0 %zu @0 %s.json\n-rw-r--r-- 0:0 %zu @0 manifest.json\n",
			layer_hex, layer.length, layer_hex, n_config, config_hex, manifest.length);
	lines = listing(&tar);
	assert_string_equal(unr_text_string(&lines), wanted);
	unr_text_done(&lines);
	(void) snprintf(wanted, sizeof(wanted), "%s.json", config_hex);
	config = member(&tar, wanted);
	assert_true(config.length > 0);
	unr_text_done(&config);
	unr_text_done(&layer);
	unr_text_done(&manifest);
	unr_text_done(&tar);
}

static void export__writes_layers_as_the_mtree_says(void **state)
{
	struct unr_error err = { 0 };
	struct unr_text tar, layer, lines;
	int r;

	put_good(*state);
	put(*state, "s", "0.mtree",
	    "#mtree\n"
	    "/set type=file uid=0 gid=0 mode=0644 time=1000.0\n"
	    "./z type=dir mode=1777\n"
	    "./z/.wh.gone uid=900000 gid=900000\n"
	    "./z/minus uid=4294967295 gid=4294967295\n"
	    "./z/huge uid=1516583083 gid=20 size=700\n"
	    "./a type=link link=../b\n"
	    "./n type=char mode=0600 device=native,1,3\n");
	tar = export_scenario("s", &r, &err);
	assert_int_equal(r, 0);
	layer = member(&tar, "/layer.tar");
	lines = listing(&layer);
	assert_string_equal(unr_text_string(&lines),
			    "drwxrwxrwt 0:0 0 @1000 z/\n"
			    "-rw-r--r-- 900000:900000 0 @1000 z/.wh.gone\n"
			    "-rw-r--r-- 4294967295:4294967295 0 @1000 z/minus\n"
			    "-rw-r--r-- 1516583083:20 700 @1000 z/huge\n"
			    "lrw-r--r-- 0:0 0 @1000 a -> ../b\n"
			    "crw------- 0:0 0 @1000 n\n");
	unr_text_done(&lines);
	unr_text_done(&layer);
	unr_text_done(&tar);
}

static void export__puts_contents_and_ustar_ids(void **state)
{
	const struct unr_tmp *tmp = *state;
	struct unr_error err = { 0 };
	struct unr_text tar, layer, content;
	const char *header;
	int r;

	put_good(tmp);
	put(tmp, "s", "scenario.json",
	    "{\"image\":\"s:1\",\"layers\":[{\"mtree\":\"0.mtree\",\"contents\":{\"d/f\":\"files/f\"},"
	    "\"ustar_ids\":{\"uid\":0,\"gid\":5}}]}");
	put(tmp, "s", "0.mtree",
	    "#mtree\n./d/f type=file uid=1000000 gid=1000000 size=6 time=1.0\n");
	assert_int_equal(mkdirat(tmp->fd, "s/files", 0755), 0);
	put(tmp, "s", "files/f", "hello\n");
	tar = export_scenario("s", &r, &err);
	assert_int_equal(r, 0);
	layer = member(&tar, "/layer.tar");
	content = member(&layer, "d/f");
	assert_string_equal(unr_text_string(&content), "hello\n");
	/* pax header and its body first, then the file's own header */
	assert_int_equal(layer.bytes[156], 'x');
	header = layer.bytes + 1024;
	assert_string_equal(header, "d/f");
	assert_int_equal(strtol(header + 108, NULL, 8), 0);
	assert_int_equal(strtol(header + 116, NULL, 8), 5);
	unr_text_done(&content);
	unr_text_done(&layer);
	unr_text_done(&tar);
}

/* Clock, time zone, umask, locale and directory: none may be seen in the bytes. */
static void export__is_the_same_every_time(void **state)
{
	struct unr_error err = { 0 };
	struct unr_text first, second;
	char *directory = getcwd(NULL, 0);
	mode_t mask;
	int r;

	put_good(*state);
	put(*state, "s", "0.mtree",
	    "#mtree\n./etc type=dir uid=0 gid=0 mode=0755 time=1000.0\n"
	    "./etc/passwd type=file uid=1000000 gid=0 mode=0644 time=1000.0\n");
	first = export_scenario("s", &r, &err);
	assert_int_equal(r, 0);
	mask = umask(0777);
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	(void) setlocale(LC_ALL, "C.UTF-8");
	/* Here etc/passwd exists: its size, time and bytes are not to be taken. */
	assert_int_equal(chdir("/"), 0);
	second = export_scenario("s", &r, &err);
	assert_int_equal(chdir(directory), 0);
	(void) setlocale(LC_ALL, "C");
	assert_int_equal(unsetenv("TZ"), 0);
	(void) umask(mask);
	assert_int_equal(r, 0);
	assert_int_equal(first.length, second.length);
	assert_memory_equal(first.bytes, second.bytes, first.length);
	free(directory);
	unr_text_done(&first);
	unr_text_done(&second);
}

static void export__keeps_equal_layers_once(void **state)
{
	struct unr_error err = { 0 };
	struct unr_text tar, lines;
	size_t n_lines = 0;
	int r;

	put_good(*state);
	put(*state, "s", "scenario.json",
	    "{\"image\":\"s:1\",\"layers\":[{\"mtree\":\"0.mtree\"},{\"mtree\":\"0.mtree\"}]}");
	put(*state, "s", "config.json",
	    "{\"history\":[{\"created_by\":\"a\"},{\"created_by\":\"b\"}]}");
	tar = export_scenario("s", &r, &err);
	assert_int_equal(r, 0);
	lines = listing(&tar);
	for (const char *c = unr_text_string(&lines); *c != '\0'; c++)
		n_lines += *c == '\n' ? 1 : 0;
	assert_int_equal(n_lines, 4); /* a folder, its layer.tar, the config, the manifest */
	unr_text_done(&lines);
	unr_text_done(&tar);
}

static void export__refuses_a_bad_folder(void **state)
{
	static const struct {
		const char *file, *text, *message;
	} faults[] = {
		{ "scenario.json", "{\"image\":\"s\",\"layers\":[]}", "scenario.json has 0" },
		{ "scenario.json", "{\"layers\":[{\"mtree\":\"0.mtree\"}]}", "image" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\"}],\"rnu\":{}}", "rnu" },
		{ "scenario.json", "{\"image\":\"s\",\"layers\":{}}", "array" },
		{ "scenario.json", "{\"image\":\"s\",\"layers\":[{}]}", "mtree" },
		{ "scenario.json", "{\"image\":\"s\",\"layers\":[{\"mtree\":\"../0.mtree\"}]}",
		  "../0.mtree" },
		{ "scenario.json", "{\"image\":\"s\",\"layers\":[{\"mtree\":\"1.mtree\"}]}",
		  "1.mtree" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\",\"contents\":[]}]}",
		  "contents" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\",\"contents\":{\"b\":\"expect.json\"}}]}",
		  "contents" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\",\"contents\":{\"a\":\"expect.json\"}}]}",
		  "a: size=3, but expect.json has 10 bytes" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\",\"ustar_ids\":{\"uid\":2097152}}]}",
		  "ustar_ids" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\",\"ustar_ids\":{\"uid\":-2}}]}",
		  "ustar_ids" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\",\"ustar_ids\":{\"gid\":4294967296}}]}",
		  "ustar_ids" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\",\"ustar_ids\":{\"uid\":4294967296}}]}",
		  "ustar_ids" },
		{ "scenario.json",
		  "{\"image\":\"s\",\"layers\":[{\"mtree\":\"0.mtree\",\"ustar_ids\":{\"udi\":1}}]}",
		  "udi" },
		{ "config.json", "{}", "no history" },
		{ "config.json", "{\"history\":[]}", "0 layers, scenario.json has 1" },
		{ "config.json", "{\"history\":[{}]}", "history[0] has no created_by" },
		{ "config.json", "{\"history\":[{\"created_by\":\"x\",\"empty_layer\":true}]}",
		  "0 layers" },
		{ "config.json", "{\"rootfs\":{},\"history\":[{\"created_by\":\"x\"}]}", "rootfs" },
		{ "0.mtree", "#mtree\n./a mode=0644\n", "0.mtree" },
		{ "0.mtree", "#mtree\n./a type=file size=99999999999999\n", "too much" },
		{ "0.mtree", "", "0.mtree" },
		{ "0.mtree", "#mtree\n./ type=dir mode=0755\n", "without a path" },
		{ "0.mtree", "#mtree\n./a type=nonsense\n", "0.mtree" },
	};

	for (size_t i = 0; i < UNR_COUNT(faults); i++) {
		struct unr_error err = { 0 };
		struct unr_text tar;
		int r;

		put_good(*state);
		put(*state, "s", faults[i].file, faults[i].text);
		tar = export_scenario("s", &r, &err);
		/* Nothing half written. */
		assert_int_equal(tar.length, 0);
		if (r >= 0 || err.kind != UNR_ERROR_FAILED ||
		    strncmp(err.message, "scenario s: ", 12) != 0 ||
		    strstr(err.message, faults[i].message) == NULL)
			fail_msg("fault %zu: %d \"%s\"", i, r, err.message);
	}
}

static void export__reports_a_failed_write(void **state)
{
	struct unr_error err = { 0 };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	put_good(*state);
	assert_int_equal(unr_scenario_export("s", -1, &err), -EBADF);
	assert_int_equal(err.kind, UNR_ERROR_FAILED);
	assert_true(full >= 0);
	assert_int_equal(unr_scenario_export("s", full, &err), -ENOSPC);
	assert_non_null(strstr(err.message, "No space left"));
	assert_int_equal(close(full), 0);
}

static const struct CMUnitTest tests[] = {
	SCENARIO_TEST(export__is_what_docker_load_wants),
	SCENARIO_TEST(export__writes_layers_as_the_mtree_says),
	SCENARIO_TEST(export__puts_contents_and_ustar_ids),
	SCENARIO_TEST(export__is_the_same_every_time),
	SCENARIO_TEST(export__keeps_equal_layers_once),
	SCENARIO_TEST(export__refuses_a_bad_folder),
	SCENARIO_TEST(export__reports_a_failed_write),
};

UNR_TEST_MAIN("scenario.export", tests, NULL);
