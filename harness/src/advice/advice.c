/* SPDX-License-Identifier: MIT */
/* Which advice, and the commands in it: see advice.h. */
#include "advice/advice.h"

#include <inttypes.h>
#include <string.h>

#include "advice/edit.h"
#include "advice/survey.h"
#include "image/step.h"

/* Where an account's number often begins that is nobody's yet; then what any map may have. */
static const uint32_t LOW_IDS[] = { 10001, 1001, 0 };

#define ROOT_BASE "advised-base"

static const struct {
	const char *words, *scenario;
} KINDS[UNR_ADVICE_KIND_COUNT_] = {
	[UNR_ADVICE_NONE] = { "", NULL },
	[UNR_ADVICE_LOW_ID] = { "Take a number that is in the map:", "advised-low-id" },
	[UNR_ADVICE_TAR] = { "Let tar give the files to root, not to their owner in the archive:",
			     "advised-no-same-owner" },
	[UNR_ADVICE_SAME_RUN] = { "In the same RUN (a chown in a later RUN leaves this layer as it "
				  "is):",
				  "advised-same-run" },
	[UNR_ADVICE_COPY] = { "Let the copy belong to root (with its --from, which the history leaves out):",
			      "advised-copy-chown" },
	[UNR_ADVICE_ADD] = { "Unpack with tar, which can leave the owners out (ADD --chown does "
			     "not):",
			     "advised-add-unpacked" },
	[UNR_ADVICE_USER] = { "Let the container run as somebody who is in the map:",
			      "advised-user" },
	[UNR_ADVICE_BASE] = { "", ROOT_BASE },
};

void unr_advice_done(struct unr_advice *advice)
{
	unr_text_done(&advice->diff);
}

const char *unr_advice_words(enum unr_advice_kind kind)
{
	return KINDS[kind].words;
}

#define INHERITED                                                                                  \
	"This layer seems to come with the image that FROM names: no step of yours changes it. "   \
	"That image has to be built again, or another one be taken."

const char *unr_advice_inherited_words(enum unr_advice_kind kind)
{
	return kind == UNR_ADVICE_BASE ? INHERITED : INHERITED " In its Dockerfile:";
}

const char *unr_advice_scenario(const struct unr_advice *advice)
{
	return advice->inherited && advice->kind != UNR_ADVICE_NONE ? ROOT_BASE :
								      KINDS[advice->kind].scenario;
}

static void get_step(const struct unr_result *result, size_t layer, struct unr_text *ret)
{
	const char *created_by = result->image.layers[layer].created_by;

	unr_text_clear(ret);
	unr_step_append(ret, created_by == NULL ? "" : created_by);
}

/* In a step of the image? */
static bool is_used(const struct unr_result *result, uint32_t number)
{
	unr_auto(unr_text_done) struct unr_text step = { 0 };
	bool used = false;

	for (size_t i = 0; i < result->image.n_layers && !used; i++) {
		get_step(result, i, &step);
		used = unr_edit_has_number(unr_text_string(&step), number);
	}
	return used;
}

static bool is_mapped(const struct unr_result *result, uint32_t id)
{
	return unr_result_is_mapped(result, UNR_UID, id) &&
	       unr_result_is_mapped(result, UNR_GID, id);
}

/* A low id that is in both maps and in no step, from @after on. */
static uint32_t find_low_id(const struct unr_result *result, uint32_t after)
{
	for (size_t i = 0; i < UNR_COUNT(LOW_IDS); i++)
		for (uint32_t id = LOW_IDS[i]; id > 0 && id < LOW_IDS[i] + 100; id++)
			if (id > after && is_mapped(result, id) && !is_used(result, id))
				return id;
	return 0;
}

/* Numbers that a step has from a build argument, or from the image's environment. */
static bool edit_variables(const struct unr_result *result, size_t layer,
			   const struct unr_text *step, struct unr_edit_id *ids, size_t n,
			   struct unr_text *diff)
{
	const char *created_by = result->image.layers[layer].created_by;
	unr_auto(unr_text_done) struct unr_text arguments = { 0 };
	const char *text = unr_text_string(step);
	bool any;

	unr_step_append_arguments(&arguments, created_by == NULL ? "" : created_by);
	diff->failed |= arguments.failed;
	any = unr_edit_variables(text, "ARG", unr_text_string(&arguments), ids, n, diff);
	for (size_t i = 0; i < result->image.n_env; i++)
		any |= unr_edit_variables(text, "ENV", result->image.env[i], ids, n, diff);
	return any;
}

static bool all_found(const struct unr_edit_id *ids, size_t n)
{
	size_t found = 0;

	while (found < n && ids[found].found && ids[found].to != 0)
		found++;
	return found == n;
}

/* An account that is known by its number must be found by it, and files may be made as USER. */
static void edit_user(const struct unr_result *result, struct unr_edit_id *ids, size_t n,
		      struct unr_text *diff)
{
	unr_auto(unr_text_done) struct unr_text step = { 0 };

	if (result->image.user == NULL)
		return;
	unr_text_printf(&step, "USER %s", result->image.user);
	diff->failed |= step.failed;
	(void) unr_edit_ids(unr_text_string(&step), ids, n, diff);
}

/* Other numbers in the steps up to @last, where all of @ids stand in them. */
static bool advise_low_ids(const struct unr_result *result, size_t last, bool of_start,
			   struct unr_edit_id *ids, size_t n, struct unr_advice *ret)
{
	unr_auto(unr_text_done) struct unr_text step = { 0 };
	bool any, inherited = false;
	uint32_t low = 0;

	for (size_t i = 0; i < n; i++)
		ids[i].to = low = find_low_id(result, low);
	for (size_t layer = 0; layer <= last && n > 0; layer++) {
		get_step(result, layer, &step);
		ret->diff.failed |= step.failed;
		any = edit_variables(result, layer, &step, ids, n, &ret->diff);
		any |= unr_edit_ids(unr_text_string(&step), ids, n, &ret->diff);
		inherited |= any && result->image.layers[layer].inherited;
	}
	/* Of a start USER alone is no number in a step. */
	if (of_start && !all_found(ids, n))
		n = 0;
	edit_user(result, ids, n, &ret->diff);
	if (n == 0 || !all_found(ids, n)) {
		unr_text_clear(&ret->diff);
		return false;
	}
	ret->kind = UNR_ADVICE_LOW_ID;
	ret->inherited = inherited;
	return true;
}

static void add_edit_id(struct unr_edit_id *ids, size_t *n, uint32_t id)
{
	for (size_t i = 0; i < *n; i++)
		if (ids[i].from == id)
			return;
	ids[(*n)++] = (struct unr_edit_id) { .from = id };
}

static void append_paths(struct unr_text *out, const struct unr_survey_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		unr_text_printf(out, " /%s", paths->list[i]);
}

/* Which entries find is to find: what is not root's, or what has one of few ids. */
static void append_test(struct unr_text *out, const struct unr_layer_survey *survey, bool modules)
{
	static const char *const tests[] = { [UNR_UID] = "user", [UNR_GID] = "group" };
	bool several = survey->ids[UNR_UID].n + survey->ids[UNR_GID].n > 1;
	const char *join = "";

	if (modules)
		several = survey->failing[UNR_UID] && survey->failing[UNR_GID];
	unr_text_puts(out, several ? " \\(" : "");
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const struct unr_survey_ids *ids = &survey->ids[kind];

		for (size_t i = 0; i < ids->n; i++) {
			unr_text_printf(out, "%s", join);
			if (modules)
				unr_text_printf(out, " ! -%s root", tests[kind]);
			else
				unr_text_printf(out, " -%s %" PRIu32, tests[kind], ids->list[i]);
			join = " -o";
			if (modules)
				break;
		}
	}
	unr_text_puts(out, several ? " \\)" : "");
}

/* chown for the entries themselves, what find finds, or a whole folder; nothing for the root. */
static void make_chown(const struct unr_layer_survey *survey, struct unr_text *ret)
{
	bool modules = survey->modules == survey->n;
	bool few = !survey->ids[UNR_UID].too_many && !survey->ids[UNR_GID].too_many;
	bool at_root = survey->folders.n == 1 && *survey->folders.list[0] == '\0';
	const char *owner =
		survey->failing[UNR_UID] && survey->failing[UNR_GID] ? "root:root" : "root";
	const char *chown = survey->failing[UNR_UID] ? "chown" : "chgrp";

	if (survey->entries.n > 0 && !modules) {
		unr_text_printf(ret, "%s -h %s", chown, owner);
		append_paths(ret, &survey->entries);
	} else if ((few && !at_root) || modules) {
		unr_text_puts(ret, "find");
		append_paths(ret, &survey->folders);
		append_test(ret, survey, modules);
		unr_text_printf(ret, " -exec %s -h %s {} +", chown, owner);
	} else if (few) {
		unr_text_puts(ret, "find / -xdev");
		append_test(ret, survey, false);
		unr_text_printf(ret, " -exec %s -h %s {} +", chown, owner);
	} else if (!at_root) {
		unr_text_printf(ret, "%s -hR %s", chown, owner);
		append_paths(ret, &survey->folders);
	}
}

static bool advise_chown(const char *step, const struct unr_layer_survey *survey,
			 struct unr_text *diff)
{
	unr_auto(unr_text_done) struct unr_text command = { 0 };

	make_chown(survey, &command);
	diff->failed |= command.failed;
	return command.length > 0 && unr_edit_append(step, command.bytes, diff);
}

/* The first that can be made with certainty. */
static void advise_step(const char *step, const struct unr_layer_survey *survey,
			struct unr_advice *ret)
{
	struct unr_text *diff = &ret->diff;

	if (survey->packaged == 0 && unr_edit_tar(step, diff))
		ret->kind = UNR_ADVICE_TAR;
	else if (advise_chown(step, survey, diff))
		ret->kind = UNR_ADVICE_SAME_RUN;
	else if (unr_edit_add(step, diff))
		ret->kind = UNR_ADVICE_ADD;
	else if (unr_edit_copy(step, diff))
		ret->kind = UNR_ADVICE_COPY;
}

int unr_advice_for_layer(const struct unr_result *result, uint32_t layer, struct unr_advice *ret,
			 struct unr_error *err)
{
	unr_auto(unr_layer_survey_done) struct unr_layer_survey survey = { .n = 0 };
	unr_auto(unr_text_done) struct unr_text step = { 0 };
	struct unr_edit_id ids[UNR_ID_KIND_COUNT_ * UNR_SURVEY_MAX] = { { 0 } };
	size_t n = 0;
	bool few = true;
	int r = unr_layer_survey_make(result, layer, &survey, err);

	*ret = (struct unr_advice) { .inherited = result->image.layers[layer].inherited };
	if (r < 0 || survey.n == 0)
		return r;
	if (ret->inherited)
		ret->kind = UNR_ADVICE_BASE;
	/* A mark has no owner that a step could set. */
	if (survey.impossible || survey.whiteouts > 0)
		return 0;
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		few &= !survey.ids[kind].too_many;
		for (size_t i = 0; i < survey.ids[kind].n; i++)
			add_edit_id(ids, &n, survey.ids[kind].list[i]);
	}
	get_step(result, layer, &step);
	if (!few || !advise_low_ids(result, layer, false, ids, n, ret))
		advise_step(unr_text_string(&step), &survey, ret);
	return ret->diff.failed || step.failed ? unr_fail_memory(err) : 0;
}

/*
 * What can stay stays: whoever it is where only a group fails, the group where only the user does.
 * Behind a group that is named nobody is asked for others (docker run --user).
 */
static void put_user(const struct unr_result *result, uint32_t low, struct unr_text *diff)
{
	const struct unr_runtime *runtime = &result->runtime;
	const char *user = runtime->user;
	size_t name = strcspn(user, ":");
	bool gid = unr_result_is_mapped(result, UNR_GID, runtime->gid);

	unr_text_printf(diff, "- USER %s\n+ USER ", user);
	if (name > 0 && unr_result_is_mapped(result, UNR_UID, runtime->uid))
		unr_text_printf(diff, "%.*s:%" PRIu32 "\n", (int) name, user,
				gid ? runtime->gid : low);
	else if (gid && user[name] != '\0')
		unr_text_printf(diff, "%" PRIu32 "%s\n", low, user + name);
	else
		unr_text_printf(diff, "%" PRIu32 "\n", low);
}

int unr_advice_for_start(const struct unr_result *result, struct unr_advice *ret,
			 struct unr_error *err)
{
	const struct unr_runtime *runtime = &result->runtime;
	struct unr_edit_id ids[UNR_SURVEY_MAX] = { { 0 } };
	uint32_t low;
	size_t n = 0;

	*ret = (struct unr_advice) { .inherited = false };
	/* What the caller asked for is in no Dockerfile. */
	if (!runtime->resolved || runtime->ok || result->image.user == NULL ||
	    strcmp(result->image.user, runtime->user) != 0 || *runtime->user == '\0')
		return 0;
	if (!unr_result_is_mapped(result, UNR_UID, runtime->uid))
		add_edit_id(ids, &n, runtime->uid);
	if (!unr_result_is_mapped(result, UNR_GID, runtime->gid))
		add_edit_id(ids, &n, runtime->gid);
	/* Nor which of the groups it asked for. */
	for (size_t i = 0; !result->groups_added && i < runtime->n_groups && n < UNR_COUNT(ids);
	     i++)
		if (!unr_result_is_mapped(result, UNR_GID, runtime->groups[i]))
			add_edit_id(ids, &n, runtime->groups[i]);
	low = find_low_id(result, 0);
	if (!advise_low_ids(result, result->image.n_layers - 1, true, ids, n, ret) && n > 0 &&
	    low > 0) {
		ret->kind = UNR_ADVICE_USER;
		put_user(result, low, &ret->diff);
	}
	return ret->diff.failed ? unr_fail_memory(err) : 0;
}
