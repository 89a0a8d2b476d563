/* SPDX-License-Identifier: MIT */
/* Which package brought a failing entry: its folder, and the files that say what is in it. */
#include "bench.h"

#include "cause/package.h"

/* The package of one failing file of layer 1, as its manifests there tell it. */
struct told {
	char *path; /* of the failing file */
	struct {
		const char *name, *text;
	} files[3];
	const char *kind, *name, *version; /* version "": none */
	uint32_t folder_depth;
};

static void expect(const struct told *told, bool above)
{
	struct bench bench = { .n = 0 };
	const struct unr_cause *cause = &bench.causes[0];

	add_failure(&bench, 1, told->path, UNR_ENTRY_FILE);
	for (size_t i = 0; i < UNR_COUNT(told->files) && told->files[i].name != NULL; i++)
		tar_build_text(&bench.layers[above ? 2 : 1], told->files[i].name,
			       told->files[i].text);
	find_causes(&bench);
	assert_string_equal(unr_package_kind_name(cause->kind), above ? "" : told->kind);
	if (!above && told->name != NULL) {
		assert_string_equal(cause->package, told->name);
		assert_string_equal(cause->package_version == NULL ? "" : cause->package_version,
				    told->version);
	} else {
		assert_null(cause->package);
	}
	if (!above)
		assert_int_equal(cause->folder_depth, told->folder_depth);
	drop(&bench);
}

static char PY_FILE[] = "usr/lib/python3/site-packages/yaml/x.py", PY_SCRIPT[] = "usr/bin/tool",
	    DEB_FILE[] = "usr/bin/tool", APK_FILE[] = "usr/bin/tool",
	    NPM_FILE[] = "app/node_modules/content-type/lib/x.js",
	    GEM_FILE[] = "usr/lib/ruby/gems/3.1.0/gems/nokogiri-1.13.0-x86_64-linux/lib/x.rb",
	    PHP_FILE[] = "app/vendor/acme/lib/src/X.php",
	    GO_FILE[] = "go/pkg/mod/github.com/!azure/go-sdk@v1.2.0+incompatible/x.go";

#define SITE "usr/lib/python3/site-packages/"
#define METADATA "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0\n\nName: not this\n"
#define RECORD                                                                                     \
	"PyYAML-6.0.dist-info/RECORD,,\n\"yaml/x.py\",sha256=x,3\r\n../../../bin/tool,sha256=y,4\n"
#define STATUS                                                                                     \
	"Package: other\nVersion: 9\n\nPackage: tool\nStatus: install ok installed\n"              \
	"Version: 1:2.3-4\n\nPackage: more\nVersion: 8\n"
#define APK                                                                                        \
	"P:other\nV:9\nF:usr/bin\nR:other\n\nC:Q1\nP:tool\nV:2.3-r4\nF:usr\nF:usr/bin\nR:tool\n\n"
#define INSTALLED "[{\"name\": \"acme/lib\", \"version\": \"2.0.1\"}]"

#define NONE "", NULL, "", 0

static const struct told CASES[] = {
	{ NPM_FILE,
	  { { "app/node_modules/content-type/package.json",
	      "{\"name\": \"content-type\", \"version\": \"1.0.4\"}" } },
	  "npm",
	  "content-type",
	  "1.0.4",
	  3 },
	{ NPM_FILE,
	  { { "./app/node_modules/content-type/package.json", "{\"name\": \"a\"}" } },
	  "npm",
	  "a",
	  "",
	  3 },
	{ NPM_FILE, { { "app/node_modules/content-type/package.json", "{\"name\": [" } }, NONE },
	{ NPM_FILE, /* what npm passes over */
	  { { "app/node_modules/content-type/package.json", "\xef\xbb\xbf{\"name\": \"a\"}" } },
	  "npm",
	  "a",
	  "",
	  3 },
	{ NPM_FILE, { { "app/node_modules/package.json", "{\"name\": \"a\"}" } }, NONE },
	{ NPM_FILE,
	  { { "app/node_modules/content-type/package.json", "{\"name\": \"a\\u001b[2J\"}" } },
	  NONE },
	{ PY_FILE,
	  { { SITE "PyYAML-6.0.dist-info/METADATA", METADATA },
	    { SITE "PyYAML-6.0.dist-info/RECORD", RECORD } },
	  "pip",
	  "PyYAML",
	  "6.0",
	  0 },
	{ PY_FILE,
	  { { SITE "PyYAML-6.0.dist-info/RECORD", RECORD },
	    { SITE "PyYAML-6.0.dist-info/METADATA", METADATA } },
	  "pip",
	  "PyYAML",
	  "6.0",
	  0 },
	{ PY_FILE,
	  { { SITE "py_yaml-6.0.dist-info/RECORD", RECORD } },
	  "pip",
	  "py_yaml",
	  "6.0",
	  0 },
	{ PY_SCRIPT,
	  { { SITE "PyYAML-6.0.dist-info/RECORD", RECORD } },
	  NONE }, /* nothing else fails there */
	{ PY_FILE, { { SITE "PyYAML-6.0.dist-info/METADATA", METADATA } }, NONE },
	{ PY_FILE, { { "opt/PyYAML-6.0.dist-info/RECORD", RECORD } }, NONE },
	{ DEB_FILE,
	  { { "var/lib/dpkg/info/tool:amd64.list", "/.\n/usr\n/usr/bin\n/usr/bin/tool\n" },
	    { "var/lib/dpkg/status", STATUS } },
	  "dpkg",
	  "tool",
	  "1:2.3-4",
	  0 },
	{ DEB_FILE,
	  { { "./var/lib/dpkg/info/tool.list", "/.\n/usr/bin/tool" } },
	  "dpkg",
	  "tool",
	  "",
	  0 },
	{ DEB_FILE, { { "chroot/var/lib/dpkg/info/tool.list", "/usr/bin/tool\n" } }, NONE },
	{ DEB_FILE, { { "var/lib/dpkg/info/tool.md5sums", "/usr/bin/tool\n" } }, NONE },
	{ APK_FILE, { { "lib/apk/db/installed", APK } }, "apk", "tool", "2.3-r4", 0 },
	{ APK_FILE, { { "usr/lib/apk/db/installed", APK } }, "apk", "tool", "2.3-r4", 0 },
	{ APK_FILE, { { "lib/apk/db/installed", "R:tool\nF:usr/bin\nR:\n:\n\nF:\n" } }, NONE },
	{ GEM_FILE, { { NULL } }, "gem", "nokogiri", "1.13.0", 7 },
	{ GEM_FILE,
	  { { "usr/lib/ruby/gems/3.1.0/specifications/nokogiri-1.13.0-x86_64-linux.gemspec",
	      "# -*- encoding: utf-8 -*-\n# stub: Nokogiri 1.13.0.1 x86_64-linux lib\n" } },
	  "gem",
	  "Nokogiri",
	  "1.13.0.1",
	  7 },
	{ GO_FILE, { { NULL } }, "go", "github.com/Azure/go-sdk", "v1.2.0+incompatible", 6 },
	{ PHP_FILE,
	  { { "app/vendor/composer/installed.json", INSTALLED } },
	  "composer",
	  "acme/lib",
	  "2.0.1",
	  4 },
	{ PHP_FILE,
	  { { "app/vendor/acme/lib/composer.json", "{\"name\": \"acme/lib\"}" },
	    { "app/vendor/composer/installed.json", "{\"packages\": " INSTALLED "}" } },
	  "composer",
	  "acme/lib",
	  "2.0.1",
	  4 },
	{ PHP_FILE,
	  { { "app/vendor/composer/installed.json", INSTALLED },
	    { "app/vendor/acme/lib/composer.json", "{\"name\": \"acme/lib\"}" } },
	  "composer",
	  "acme/lib",
	  "2.0.1",
	  4 },
	{ PHP_FILE, { { "app/vendor/composer/installed.json", "{\"packages\": 5}" } }, NONE },
	{ PHP_FILE, { { "app/vendor/composer/installed.json", "[5, {\"name\": 5}]" } }, NONE },
};

static void package__is_told_by_its_manifest(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(CASES); i++) {
		print_message("case %zu\n", i);
		expect(&CASES[i], false);
	}
}

/* What another layer says of a path is of what that layer has there. */
static void package__is_told_by_its_own_layer(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(CASES); i++)
		if (CASES[i].files[0].name != NULL && strcmp(CASES[i].kind, "gem") != 0)
			expect(&CASES[i], true);
}

/* A line without an end is no reason to keep it all. */
static void package__lines_that_are_too_long_are_left_out(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	struct bench bench = { .n = 0 };

	(void) state;
	for (size_t i = 0; i < 100000; i++)
		unr_text_puts(&text, "/");
	unr_text_puts(&text, "usr/bin/tool\n/usr/bin/tool\n");
	add_failure(&bench, 0, DEB_FILE, UNR_ENTRY_FILE);
	tar_build_text(&bench.layers[0], "var/lib/dpkg/info/tool.list", text.bytes);
	find_causes(&bench);
	assert_string_equal(bench.causes[0].package, "tool");
	drop(&bench);
}

static void package__of_several_the_innermost_counts(void **state)
{
	static char nested[] = "app/node_modules/a/node_modules/@s/n/y",
		    unnamed[] = "app/node_modules/a/vendor/x/y/z",
		    in_pip[] = SITE "yaml/node_modules/b/c";
	struct bench bench = { .n = 0 };

	(void) state;
	add_failure(&bench, 1, nested, UNR_ENTRY_FILE);
	add_failure(&bench, 1, unnamed, UNR_ENTRY_FILE);
	add_failure(&bench, 1, in_pip, UNR_ENTRY_FILE);
	tar_build_text(&bench.layers[1], "app/node_modules/a/package.json", "{\"name\": \"a\"}");
	tar_build_text(&bench.layers[1], "app/node_modules/a/node_modules/@s/n/package.json",
		       "{\"name\": \"@s/n\"}");
	tar_build_text(&bench.layers[1], SITE "PyYAML-6.0.dist-info/RECORD",
		       "yaml/node_modules/b/c,,\n");
	find_causes(&bench);
	assert_string_equal(bench.causes[0].package, "@s/n");
	assert_int_equal(bench.causes[0].folder_depth, 6);
	assert_string_equal(bench.causes[1].package, "a");
	assert_int_equal(bench.causes[1].folder_depth, 3);
	assert_string_equal(bench.causes[2].package, "PyYAML");
	drop(&bench);
}

/* Without a package it is the topmost directory that fails, too. */
static void folder__is_the_topmost_failing_directory(void **state)
{
	static char top[] = "tmp/unpacked", file[] = "tmp/unpacked/a/b/tool", other[] = "tmp/tool";
	struct bench bench = { .n = 0 };

	(void) state;
	add_failure(&bench, 1, file, UNR_ENTRY_FILE);
	add_failure(&bench, 2, top, UNR_ENTRY_DIRECTORY);
	add_failure(&bench, 2, file, UNR_ENTRY_FILE);
	add_failure(&bench, 2, other, UNR_ENTRY_FILE);
	find_causes(&bench);
	assert_int_equal(bench.causes[0].folder_depth, 0);
	assert_int_equal(bench.causes[1].folder_depth, 2);
	assert_int_equal(bench.causes[2].folder_depth, 2);
	assert_int_equal(bench.causes[3].folder_depth, 0);
	drop(&bench);
}

static void package_folder__is_the_innermost(void **state)
{
	static const struct {
		const char *path, *folder, *name, *version;
	} cases[] = {
		{ "node_modules/a/b/c", "node_modules/a", "", "" },
		{ "x/node_modules/a", "x/node_modules/a", "", "" },
		{ "x/node_modules/@s/a/lib", "x/node_modules/@s/a", "", "" },
		{ "x/node_modules/@s", "", "", "" },
		{ "x/node_modules/a/node_modules/b/c", "x/node_modules/a/node_modules/b", "", "" },
		{ "x/node_modules/.pnpm/a@1/node_modules/a/i",
		  "x/node_modules/.pnpm/a@1/node_modules/a", "", "" },
		{ "x/node_modules/.bin/a", "", "", "" },
		{ "x/node_modules/a/node_modules/.bin/b", "", "", "" },
		{ "x/node_modules", "", "", "" },
		{ "x/node_modules/", "", "", "" },
		{ "x/my_node_modules/a", "", "", "" },
		{ "", "", "", "" },
		{ "x/vendor/a", "", "", "" },
		{ "x/vendor/a/b", "x/vendor/a/b", "", "" },
		{ "x/gems/rails-7.0.4/a", "x/gems/rails-7.0.4", "rails", "7.0.4" },
		{ "x/gems/net-http-p-1.0/a", "x/gems/net-http-p-1.0", "net-http-p", "1.0" },
		{ "x/gems/ffi-1.15.5-x64-mingw/a", "x/gems/ffi-1.15.5-x64-mingw", "ffi", "1.15.5" },
		{ "x/gems/rails/a", "", "", "" },
		{ "x/gems/-1.0/a", "", "", "" },
		{ "x/gems/a-1", "x/gems/a-1", "a", "1" },
		{ "pkg/mod/a.b/c@v1.0.0/d", "pkg/mod/a.b/c@v1.0.0", "a.b/c", "v1.0.0" },
		{ "pkg/mod/a/!b!c!@v1/d", "pkg/mod/a/!b!c!@v1", "a/BC!", "v1" },
		{ "pkg/mod/cache/download/a/@v/v1.zip", "", "", "" },
		{ "pkg/mod/a@/d", "", "", "" },
		{ "pkg/mod/a/@v/d", "", "", "" },
		{ "pkg/mod/", "", "", "" },
		{ "xpkg/mod/a@v1/d", "", "", "" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		struct unr_package_folder folder =
			unr_package_folder(cases[i].path, strlen(cases[i].path));

		print_message("%s\n", cases[i].path);
		assert_int_equal(folder.length, strlen(cases[i].folder));
		assert_string_equal(folder.name, cases[i].name);
		assert_int_equal(folder.version.length, strlen(cases[i].version));
		if (folder.version.length > 0)
			assert_memory_equal(folder.version.bytes, cases[i].version,
					    folder.version.length);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(package__is_told_by_its_manifest),
	cmocka_unit_test(package__is_told_by_its_own_layer),
	cmocka_unit_test(package__lines_that_are_too_long_are_left_out),
	cmocka_unit_test(package__of_several_the_innermost_counts),
	cmocka_unit_test(folder__is_the_topmost_failing_directory),
	cmocka_unit_test(package_folder__is_the_innermost),
};

UNR_TEST_MAIN("cause.package", tests, NULL);
