/* SPDX-License-Identifier: MIT */
/*
 * A scenario as a value for people: its explanation, the Dockerfile steps, how
 * it wants to be run and what should come out.  Reads; writes nothing.
 */
#include "usernsrepro/scenario.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "scenario/folder.h"
#include "scenario/spec.h"

DEFINE_UNR_CLEANUP(struct unr_scenario, unr_scenario_done);
DEFINE_UNR_CLEANUP(struct unr_scenario_list, unr_scenario_list_done);

static void run_done(struct unr_scenario_run *run)
{
	char *const strings[] = { run->profile, run->engine, run->driver,
				  run->as,      run->expect, run->expected_message };

	for (size_t i = 0; i < UNR_COUNT(strings); i++)
		free(strings[i]);
	unr_idmaps_done(&run->maps);
}

void unr_scenario_done(struct unr_scenario *scenario)
{
	char *const strings[] = { scenario->name, scenario->title, scenario->text,
				  scenario->image };

	for (size_t i = 0; i < UNR_COUNT(strings); i++)
		free(strings[i]);
	for (size_t i = 0; i < scenario->n_steps; i++)
		free(scenario->steps[i].created_by);
	free(scenario->steps);
	for (size_t i = 0; i < scenario->n_runs; i++)
		run_done(&scenario->runs[i]);
	free(scenario->runs);
	*scenario = (struct unr_scenario) { 0 };
}

void unr_scenario_list_done(struct unr_scenario_list *list)
{
	for (size_t i = 0; i < list->n_items; i++) {
		free(list->items[i].name);
		free(list->items[i].title);
	}
	free(list->items);
	*list = (struct unr_scenario_list) { 0 };
}

/* A copy that may be of nothing. */
static int copy_string(const char *from, char **ret, struct unr_error *err)
{
	if (from == NULL)
		return 0;
	*ret = strdup(from);
	return *ret == NULL ? unr_fail_memory(err) : 0;
}

/* README.md whole, and its heading: "# One sentence" on the first line. */
static int read_text(int folder_fd, char **ret_text, char **ret_title, struct unr_error *err)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };
	unr_autofree char *title = NULL;
	const char *heading;
	int r;

	r = unr_scenario_read(folder_fd, "README.md", &text, err);
	if (r < 0)
		return r;
	heading = unr_starts_with(unr_text_string(&text), "# ");
	if (heading == NULL)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"README.md does not begin with a heading");
	title = strndup(heading, strcspn(heading, "\n"));
	if (title == NULL)
		return unr_fail_memory(err);
	if (ret_text != NULL) {
		*ret_text = unr_text_take(&text);
		if (*ret_text == NULL)
			return unr_fail_memory(err);
	}
	*ret_title = unr_take_ptr(title);
	return 0;
}

static int copy_steps(const json_t *history, struct unr_scenario *scenario, struct unr_error *err)
{
	int layer = 0;
	size_t i;
	json_t *step;

	scenario->steps = calloc(json_array_size(history) + 1, sizeof(*scenario->steps));
	if (scenario->steps == NULL)
		return unr_fail_memory(err);
	json_array_foreach (history, i, step) {
		struct unr_scenario_step *to = &scenario->steps[scenario->n_steps++];
		const char *text = json_string_value(json_object_get(step, "created_by"));
		int r = copy_string(text, &to->created_by, err);

		if (r < 0)
			return r;
		to->layer = unr_scenario_step_is_layer(step) ? layer++ : -1;
	}
	return 0;
}

static int read_ranges(const json_t *array, struct unr_idmap *map, struct unr_error *err)
{
	size_t i;
	json_t *item;

	if (array != NULL && !json_is_array(array))
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"scenario.json: a map is an array of INSIDE:OUTSIDE:COUNT");
	json_array_foreach (array, i, item) {
		struct unr_id_range range;
		const char *text = json_string_value(item);

		if (unr_id_range_parse(text == NULL ? "" : text, &range, err) < 0)
			return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
					"scenario.json: '%.60s' is not INSIDE:OUTSIDE:COUNT",
					text == NULL ? "" : text);
		if (unr_idmap_add(map, range) < 0)
			return unr_fail_memory(err);
	}
	return 0;
}

static int read_maps(const json_t *uidmap, const json_t *gidmap, struct unr_idmaps *maps,
		     struct unr_error *err)
{
	int r;

	r = read_ranges(uidmap, &maps->of[UNR_UID], err);
	/* As for --gidmap: the gid map is the uid map unless it is given. */
	if (r == 0)
		r = read_ranges(gidmap == NULL ? uidmap : gidmap, &maps->of[UNR_GID], err);
	return r;
}

static int read_expected(int folder_fd, struct unr_scenario_run *run, struct unr_error *err)
{
	json_auto_t *root = NULL;
	const char *message = NULL;
	json_error_t where;
	int r;

	r = unr_scenario_read_json(folder_fd, run->expect, &root, err);
	if (r < 0)
		return r;
	if (json_unpack_ex(root, &where, 0, "{s:i, s?{s?{s?s}}}", "exit", &run->expected_exit,
			   "report", "verdict", "message", &message) < 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "%s: %s", run->expect, where.text);
	return copy_string(message, &run->expected_message, err);
}

/* @json may be NULL: everything is the default then. */
static int read_run(int folder_fd, json_t *json, struct unr_scenario_run *run,
		    struct unr_error *err)
{
	const char *profile = NULL, *engine = NULL, *driver = NULL, *as = NULL;
	const char *expect = "expect.json";
	json_t *uidmap = NULL, *gidmap = NULL;
	json_error_t where;
	int r;

	if (json != NULL &&
	    json_unpack_ex(json, &where, 0, "{s?s, s?s, s?s, s?s, s?s, s?o, s?o !}", "profile",
			   &profile, "engine", &engine, "driver", &driver, "as", &as, "expect",
			   &expect, "uidmap", &uidmap, "gidmap", &gidmap) < 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG, "scenario.json, run: %s",
				where.text);
	r = copy_string(profile, &run->profile, err);
	if (r == 0)
		r = copy_string(engine, &run->engine, err);
	if (r == 0)
		r = copy_string(driver, &run->driver, err);
	if (r == 0)
		r = copy_string(as, &run->as, err);
	if (r == 0)
		r = copy_string(expect, &run->expect, err);
	if (r == 0)
		r = read_maps(uidmap, gidmap, &run->maps, err);
	return r < 0 ? r : read_expected(folder_fd, run, err);
}

/* One object, or an array of them; nothing at all is one with nothing in it. */
static int read_runs(int folder_fd, json_t *json, struct unr_scenario *scenario,
		     struct unr_error *err)
{
	size_t n = json_is_array(json) ? json_array_size(json) : 1;
	int r = 0;

	if (n == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -EBADMSG,
				"scenario.json, run: an array with nothing in it");
	scenario->runs = calloc(n, sizeof(*scenario->runs));
	if (scenario->runs == NULL)
		return unr_fail_memory(err);
	for (size_t i = 0; i < n && r == 0; i++)
		r = read_run(folder_fd, json_is_array(json) ? json_array_get(json, i) : json,
			     &scenario->runs[scenario->n_runs++], err);
	return r;
}

static int read_scenario(int folder_fd, struct unr_scenario *scenario, struct unr_error *err)
{
	unr_auto(unr_scenario_spec_done) struct unr_scenario_spec spec = { 0 };
	int r;

	r = read_text(folder_fd, &scenario->text, &scenario->title, err);
	if (r == 0)
		r = unr_scenario_spec_read(folder_fd, &spec, err);
	if (r == 0)
		r = copy_string(spec.image, &scenario->image, err);
	if (r == 0)
		r = copy_steps(spec.history, scenario, err);
	if (r == 0)
		r = read_runs(folder_fd, spec.run, scenario, err);
	return r;
}

int unr_scenario_load(const char *name, struct unr_scenario *ret, struct unr_error *err)
{
	unr_auto(unr_scenario_done) struct unr_scenario scenario = { 0 };
	unr_autoclose int folder_fd = -EBADF;
	int r;

	r = unr_scenario_open(name, &folder_fd, err);
	if (r == 0)
		r = copy_string(name, &scenario.name, err);
	if (r < 0)
		return r;
	r = read_scenario(folder_fd, &scenario, err);
	if (r < 0)
		return unr_fail_context(err, "scenario %s", name);
	*ret = scenario;
	scenario = (struct unr_scenario) { 0 };
	return 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct unr_scenario_item *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int add_item(struct unr_scenario_list *list, int root_fd, const char *name,
		    struct unr_error *err)
{
	unr_autoclose int folder_fd = openat(root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct unr_scenario_item *items;
	int r;

	/* Files and folders of another kind may lie beside the scenarios. */
	if (folder_fd < 0 || faccessat(folder_fd, "scenario.json", F_OK, 0) < 0)
		return 0;
	items = reallocarray(list->items, list->n_items + 1, sizeof(*items));
	if (items == NULL)
		return unr_fail_memory(err);
	list->items = items;
	items[list->n_items++] = (struct unr_scenario_item) { 0 };
	r = copy_string(name, &items[list->n_items - 1].name, err);
	if (r < 0)
		return r;
	r = read_text(folder_fd, NULL, &items[list->n_items - 1].title, err);
	return r < 0 ? unr_fail_context(err, "scenario %s", name) : 0;
}

static void close_directory(DIR **directory)
{
	if (*directory != NULL)
		(void) closedir(*directory);
}
DEFINE_UNR_CLEANUP(DIR *, close_directory);

int unr_scenario_list(struct unr_scenario_list *ret, struct unr_error *err)
{
	unr_auto(unr_scenario_list_done) struct unr_scenario_list list = { 0 };
	unr_auto(close_directory) DIR *directory = NULL;
	unr_auto(unr_text_done) struct unr_text path = { 0 };
	unr_autoclose int root_fd = -EBADF;
	const struct dirent *found;
	int r;

	r = unr_scenario_open_root(&root_fd, &path, err);
	if (r < 0)
		return r;
	directory = fdopendir(root_fd);
	if (directory == NULL)
		return unr_fail_errno(err, "read the directory of scenarios");
	(void) unr_take_fd(&root_fd); /* the stream has it now */
	while (errno = 0, (found = readdir(directory)) != NULL) {
		if (!unr_scenario_has_name_form(found->d_name))
			continue;
		r = add_item(&list, dirfd(directory), found->d_name, err);
		if (r < 0)
			return r;
	}
	if (errno != 0)
		return unr_fail_errno(err, "read the directory of scenarios");
	if (list.n_items == 0)
		return unr_fail(err, UNR_ERROR_FAILED, -ENOENT,
				"there is no scenario in %s; " UNR_SCENARIO_VARIABLE
				" can name another directory",
				unr_text_string(&path));
	qsort(list.items, list.n_items, sizeof(*list.items), compare_items);
	*ret = list;
	list = (struct unr_scenario_list) { 0 };
	return 0;
}
