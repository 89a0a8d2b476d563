/* SPDX-License-Identifier: MIT */
/*
 * What a runtime makes of ids: runc's setupUser (libcontainer/init_linux.go,
 * v1.1 and v1.3).  See start.h.
 */
#include "engine/start.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "engine/engine.h"

const char *unr_start_call_name(enum unr_start_call call)
{
	static const char *const names[UNR_START_CALL_COUNT_] = {
		[UNR_SETGROUPS] = "setgroups",
		[UNR_SETGID] = "setgid",
		[UNR_SETUID] = "setuid",
	};

	return names[call];
}

static bool is_mapped(const struct unr_idmaps *maps, enum unr_id_kind kind, uint32_t id)
{
	uint32_t outside;

	return unr_idmap_to_outside(&maps->of[kind], id, &outside);
}

struct unr_start_answers unr_start_expect(const struct unr_idmaps *maps,
					  const struct unr_start_ids *ids)
{
	struct unr_start_answers answers = { 0 };

	if (ids->n_groups > NGROUPS_MAX)
		answers.errors[UNR_SETGROUPS] = EINVAL;
	for (size_t i = 0; i < ids->n_groups; i++)
		if (!is_mapped(maps, UNR_GID, ids->groups[i]))
			answers.errors[UNR_SETGROUPS] = EINVAL;
	if (!is_mapped(maps, UNR_GID, ids->gid))
		answers.errors[UNR_SETGID] = EINVAL;
	if (!is_mapped(maps, UNR_UID, ids->uid))
		answers.errors[UNR_SETUID] = EINVAL;
	return answers;
}

void unr_start_fault(const struct unr_start *start, const struct unr_idmaps *maps,
		     const struct unr_start_ids *ids, const struct unr_start_answers *answers,
		     struct unr_text *ret)
{
	const unsigned int id_of[UNR_START_CALL_COUNT_] = {
		[UNR_SETGID] = ids->gid, [UNR_SETUID] = ids->uid
	};

	if (start->checks_map && !is_mapped(maps, UNR_UID, ids->uid)) {
		unr_text_puts(ret, "cannot set uid to unmapped user in user namespace");
		return;
	}
	if (start->checks_map && !is_mapped(maps, UNR_GID, ids->gid)) {
		unr_text_puts(ret, "cannot set gid to unmapped user in user namespace");
		return;
	}
	for (int i = 0; i < UNR_START_CALL_COUNT_; i++) {
		unr_auto(unr_text_done) struct unr_text cause = { 0 };

		if (answers->errors[i] == 0)
			continue;
		if (start->libc_words)
			unr_text_puts(&cause, strerror(answers->errors[i]));
		else
			unr_go_errno(&cause, answers->errors[i]);
		ret->failed |= cause.failed;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the format comes from our own table */
#pragma GCC diagnostic ignored "-Wformat-extra-args" /* not each names the id */
		unr_text_printf(ret, start->faults[i], unr_text_string(&cause), id_of[i]);
#pragma GCC diagnostic pop
		return;
	}
}

void unr_start_message(const struct unr_start *start, const char *fault, struct unr_text *ret)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the format comes from our own table */
	unr_text_printf(ret, start->words, fault);
#pragma GCC diagnostic pop
	if (start->denies_directories && strstr(fault, "is a directory") != NULL)
		unr_text_puts(ret, ": permission denied");
}
