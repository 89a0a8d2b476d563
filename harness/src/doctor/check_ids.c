/* SPDX-License-Identifier: MIT */
/* Helpers, subordinate ranges, and the three ways to write a map: see check.h. */
#include "doctor/check.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

/* What the default profile, and most engines, map. */
#define NEEDED 65536

DEFINE_UNR_CLEANUP(struct unr_idmap, unr_idmap_done);
DEFINE_UNR_CLEANUP(struct unr_map_choice, unr_map_choice_done);
DEFINE_UNR_CLEANUP(struct unr_map_helper, unr_map_helper_done);
DEFINE_UNR_CLEANUP(struct unr_subid_table, unr_subid_table_done);

/* Root writes maps itself: what only the helpers need is then no fault. */
static bool is_root(const struct unr_patient *patient)
{
	return patient->own[UNR_UID] == 0;
}

static void check_helper(const struct unr_patient *patient, enum unr_id_kind kind,
			 struct unr_check *ret)
{
	static const char *const privileges[] = {
		[UNR_HELPER_ORDINARY] = "an ordinary program",
		[UNR_HELPER_SETUID] = "setuid root",
		[UNR_HELPER_CAPABILITIES] = "with file capabilities",
	};
	unr_auto(unr_map_helper_done) struct unr_map_helper helper = { 0 };

	if (unr_map_helper_look(kind, &helper) < 0) {
		ret->found.failed = true;
		return;
	}
	if (helper.obstacle.reason[0] == '\0') {
		unr_text_printf(&ret->found, "%s, %s", helper.path, privileges[helper.privilege]);
	} else if (is_root(patient)) {
		unr_text_printf(&ret->found, "%s; root does without it", helper.obstacle.reason);
	} else {
		ret->obstacle = helper.obstacle;
		unr_check_obstacle(ret);
	}
}

void unr_check_newuidmap(const struct unr_patient *patient, struct unr_check *ret)
{
	check_helper(patient, UNR_UID, ret);
}

void unr_check_newgidmap(const struct unr_patient *patient, struct unr_check *ret)
{
	check_helper(patient, UNR_GID, ret);
}

/* The source of subordinate ids in nsswitch.conf(5): "files" where it says nothing. */
static void read_source(size_t size, char *ret)
{
	FILE *file = fopen("/etc/nsswitch.conf", "re");
	unr_autofree char *line = NULL;
	size_t room = 0;

	(void) snprintf(ret, size, "files");
	while (file != NULL && getline(&line, &room, file) >= 0) {
		const char *rest = unr_starts_with(line, "subid:");

		if (rest == NULL)
			continue;
		rest += strspn(rest, " \t");
		(void) snprintf(ret, size, "%.*s", (int) strcspn(rest, " \t\n#"), rest);
	}
	if (file != NULL)
		(void) fclose(file); /* only read from */
}

/* By name, which finds most; by number only what is granted to nothing else. */
static int find_ranges(const struct unr_patient *patient, enum unr_id_kind kind,
		       struct unr_idmap *ret, struct unr_error *err)
{
	char number[16];
	int r = 0;

	(void) snprintf(number, sizeof(number), "%" PRIu32, patient->own[UNR_UID]);
	if (patient->login[0] != '\0')
		r = unr_subid_ranges(patient->login, kind, 0, ret, err);
	if (r == 0 && ret->n_ranges == 0)
		r = unr_subid_ranges(number, kind, 0, ret, err);
	return r;
}

static void put_ranges(const struct unr_idmap *ranges, const char *source, struct unr_text *text)
{
	unr_text_count(text, unr_idmap_total(ranges));
	unr_text_puts(text, " ids");
	for (size_t i = 0; i < ranges->n_ranges && i < 3; i++)
		unr_text_printf(text, "%s %" PRIu32 "-%" PRIu64, i == 0 ? ":" : ",",
				ranges->ranges[i].outside,
				(uint64_t) ranges->ranges[i].outside + ranges->ranges[i].count - 1);
	if (ranges->n_ranges > 3)
		unr_text_puts(text, ", ...");
	unr_text_printf(text, " (%s)", source);
}

static void explain_few(const struct unr_patient *patient, enum unr_id_kind kind, uint64_t has,
			const char *source, struct unr_obstacle *ret)
{
	char number[16];

	(void) snprintf(number, sizeof(number), "%" PRIu32, patient->own[UNR_UID]);
	unr_subid_obstacle_few(ret, NULL, patient->login, kind, NEEDED, has);
	if (patient->login[0] == '\0') {
		unr_obstacle_set(ret, UNR_REMEDY_LOGIN, number,
				 "uid %s has no login name, newuidmap needs one", number);
	} else if (strcmp(source, "files") != 0) {
		ret->remedy = UNR_REMEDY_DIRECTORY;
		(void) snprintf(ret->subject, sizeof(ret->subject), "%s", source);
	}
}

static void check_ranges(const struct unr_patient *patient, enum unr_id_kind kind,
			 struct unr_check *ret)
{
	unr_auto(unr_idmap_done) struct unr_idmap ranges = { 0 };
	struct unr_error err = { 0 };
	char source[32];
	int r = find_ranges(patient, kind, &ranges, &err);

	read_source(sizeof(source), source);
	if (r < 0) {
		unr_check_error(ret, &err);
	} else if (unr_idmap_total(&ranges) >= NEEDED && patient->login[0] != '\0') {
		unr_text_printf(&ret->found, "%s has ", patient->login);
		put_ranges(&ranges, source, &ret->found);
	} else if (is_root(patient)) {
		unr_text_printf(&ret->found, "root has %s, and does without any",
				ranges.n_ranges == 0 ? "none" : "few");
	} else {
		explain_few(patient, kind, unr_idmap_total(&ranges), source, &ret->obstacle);
		unr_check_obstacle(ret);
	}
}

void unr_check_subuid(const struct unr_patient *patient, struct unr_check *ret)
{
	check_ranges(patient, UNR_UID, ret);
}

void unr_check_subgid(const struct unr_patient *patient, struct unr_check *ret)
{
	check_ranges(patient, UNR_GID, ret);
}

/* The command that gives the caller as many ids elsewhere. */
static void explain_overlap(const struct unr_patient *patient, enum unr_id_kind kind,
			    const struct unr_subid_table *table, const struct unr_subid_line *mine,
			    const struct unr_subid_line *theirs, struct unr_obstacle *ret)
{
	const char *name = unr_id_kind_name(kind);
	uint64_t count = mine->end - mine->first;
	uint32_t first = unr_subid_table_free(table, count);
	char subject[sizeof(ret->subject)];

	(void) snprintf(
		subject, sizeof(subject),
		"--del-sub%ss %" PRIu64 "-%" PRIu64 " --add-sub%ss %" PRIu32 "-%" PRIu64 " %s",
		name, mine->first, mine->end - 1, name, first, first + count - 1, patient->login);
	unr_obstacle_set(ret, UNR_REMEDY_REPLACE_SUBIDS, subject,
			 "%s: %.60s:%" PRIu64 ":%" PRIu64 " overlaps %.60s:%" PRIu64 ":%" PRIu64,
			 unr_subid_path(kind), mine->owner, mine->first, count, theirs->owner,
			 theirs->first, theirs->end - theirs->first);
}

void unr_check_overlap(const struct unr_patient *patient, struct unr_check *ret)
{
	const struct unr_subid_user user = { .login = patient->login,
					     .uid = patient->own[UNR_UID] };

	for (unsigned int i = 0; i < UNR_ID_KIND_COUNT_; i++) {
		enum unr_id_kind kind = (enum unr_id_kind) i;
		unr_auto(unr_subid_table_done) struct unr_subid_table table = { 0 };
		const struct unr_subid_line *mine, *theirs;
		struct unr_error err = { 0 };

		if (unr_subid_table_read(kind, &table, &err) < 0) {
			unr_obstacle_set(&ret->obstacle, UNR_REMEDY_READABLE, unr_subid_path(kind),
					 "%.*s", 200, err.message);
			unr_check_obstacle(ret);
			return;
		}
		if (!unr_subid_table_shared(&table, &user, &mine, &theirs))
			continue;
		explain_overlap(patient, kind, &table, mine, theirs, &ret->obstacle);
		unr_check_obstacle(ret);
		return;
	}
	unr_text_puts(&ret->found, "nobody else has ids of this user's ranges");
}

/* What is not open to somebody, and need not be. */
static bool is_not_needed(const struct unr_patient *patient, enum unr_map_method method)
{
	return method == (is_root(patient) ? UNR_MAP_NEWUIDMAP : UNR_MAP_DIRECT);
}

static void put_count(const struct unr_idmap *map, enum unr_id_kind kind, struct unr_text *text)
{
	uint64_t total = unr_idmap_total(map);

	unr_text_count(text, total);
	unr_text_printf(text, " %s%s", unr_id_kind_name(kind), total == 1 ? "" : "s");
}

/* Chosen and written, for a namespace that ends at once. */
static void check_map(const struct unr_patient *patient, enum unr_map_method method,
		      struct unr_check *ret)
{
	unr_auto(unr_map_choice_done) struct unr_map_choice choice = { 0 };
	struct unr_obstacle why = { 0 };
	struct unr_error err = { 0 };
	int r = unr_map_choose_method(method, &patient->wanted, &choice, &why, &err);

	if (r == 1 && unr_map_try(&choice, &err) == 0) {
		unr_text_puts(&ret->found, "written: ");
		put_count(&choice.maps.of[UNR_UID], UNR_UID, &ret->found);
		unr_text_puts(&ret->found, ", ");
		put_count(&choice.maps.of[UNR_GID], UNR_GID, &ret->found);
	} else if (r == 0 && is_not_needed(patient, method)) {
		unr_text_printf(&ret->found, "not for this user, who needs it not: %s", why.reason);
	} else if (r == 0) {
		ret->obstacle = why;
		unr_check_obstacle(ret);
	} else {
		unr_check_error(ret, &err);
	}
}

void unr_check_map_direct(const struct unr_patient *patient, struct unr_check *ret)
{
	check_map(patient, UNR_MAP_DIRECT, ret);
}

void unr_check_map_newuidmap(const struct unr_patient *patient, struct unr_check *ret)
{
	check_map(patient, UNR_MAP_NEWUIDMAP, ret);
}

void unr_check_map_self(const struct unr_patient *patient, struct unr_check *ret)
{
	check_map(patient, UNR_MAP_SELF, ret);
}

/* dockerd's account for --userns-remap=default; without it the profile docker has no map. */
void unr_check_dockremap(const struct unr_patient *patient, struct unr_check *ret)
{
	static const char name[] = "dockremap";

	(void) patient;
	for (unsigned int i = 0; i < UNR_ID_KIND_COUNT_; i++) {
		enum unr_id_kind kind = (enum unr_id_kind) i;
		unr_auto(unr_idmap_done) struct unr_idmap ranges = { 0 };
		struct unr_error err = { 0 };

		if (unr_subid_ranges(name, kind, 0, &ranges, &err) < 0) {
			unr_check_error(ret, &err);
			return;
		}
		if (ranges.n_ranges == 0) {
			unr_subid_obstacle_none(&ret->obstacle, name, kind);
			unr_check_obstacle(ret);
			return;
		}
		unr_text_printf(&ret->found, "%s%ss: ", i == 0 ? "" : "; ", unr_id_kind_name(kind));
		put_ranges(&ranges, unr_subid_path(kind), &ret->found);
	}
}
