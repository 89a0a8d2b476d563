/* SPDX-License-Identifier: MIT */
/*
 * The owner of an entry, twice: the engine's arithmetic on the header's numbers,
 * and the real lchown with them.  Both answers go into the finding.  A rootless
 * engine does no arithmetic: there the kernel's answer is the engine's.
 */
#include <errno.h>
#include <string.h>

#include "sys/sys.h"
#include "unpack/internal.h"

/* The layer's stop at this entry's owner. */
static int stop_for_owner(struct unpack *u, char *text, bool has_id, enum unr_id_kind kind)
{
	struct unr_stop *stop = &u->result->stop;
	int r;

	if (text == NULL)
		return unr_fail_memory(u->err);
	unr_text_clear(&u->text);
	unr_text_puts(&u->text, text);
	r = keep_stop(u, UNR_STOP_CHILD);
	if (r < 0 || !has_id)
		return r;
	stop->has_id = true;
	stop->id = kind == UNR_UID ? u->entry->uid : u->entry->gid;
	stop->id_kind = kind;
	return 0;
}

static void note_highest(uint32_t *highest, int64_t id)
{
	if (id > *highest && id < UNR_ID_NONE)
		*highest = (uint32_t) id;
}

int rule_owner(struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;
	unr_autofree char *text = NULL;
	enum unr_id_kind kind;

	note_highest(&u->result->highest[UNR_UID], e->uid);
	note_highest(&u->result->highest[UNR_GID], e->gid);
	if (u->options->engine->rootless != NULL) {
		u->ruling = (struct unr_ruling) { 0 };
		return 0;
	}
	u->ruling = unr_engine_rule(u->options->maps, e->uid, e->gid);
	u->refused = u->ruling.uid_unmapped || u->ruling.gid_unmapped;
	if (!u->refused)
		return 0;
	u->result->failures++;
	if (u->result->stop.kind != UNR_STOP_NONE)
		return 0;
	/* The engine's sentence: uid before gid, the first that has no place. */
	kind = u->ruling.uid_unmapped ? UNR_UID : UNR_GID;
	text = unr_engine_id_text(u->options->engine, kind == UNR_UID ? e->uid : e->gid);
	return stop_for_owner(u, text, true, kind);
}

/* chown(2) sees the low 32 bits, and all of them set is "leave as it is". */
static bool has_no_place(const struct unpack *u, enum unr_id_kind kind, int64_t id)
{
	uint32_t outside;

	return (uint32_t) id != UNR_ID_NONE &&
	       !unr_idmap_to_outside(&u->options->maps->of[kind], (uint32_t) id, &outside);
}

/* The kernel has refused it, and with it a rootless engine ends, in its own words. */
static int refuse_owner(struct unpack *u, const char *path, int error)
{
	const struct unr_tar_entry *e = u->entry;
	const struct unr_refusal refusal = {
		.call = is_whiteout(u) ? "chown" : "lchown",
		.path = path,
		.uid = e->uid,
		.gid = e->gid,
		.error = -error,
	};
	unr_autofree char *text = NULL;

	u->refused = true;
	u->result->failures++;
	u->ruling.uid_unmapped = error == -EINVAL && has_no_place(u, UNR_UID, e->uid);
	u->ruling.gid_unmapped = error == -EINVAL && has_no_place(u, UNR_GID, e->gid);
	if (u->result->stop.kind != UNR_STOP_NONE)
		return 0;
	text = unr_engine_owner_text(u->options->engine, &refusal);
	return stop_for_owner(u, text, u->ruling.uid_unmapped || u->ruling.gid_unmapped,
			      u->ruling.uid_unmapped ? UNR_UID : UNR_GID);
}

/* The engine's words for an lchown that the kernel refused it; the ids are the host's. */
static int fail_lchown(struct unpack *u, const char *path, int error)
{
	const struct unr_idmaps *maps = u->options->maps;
	uint32_t uid = 0, gid = 0;
	int r = fail_op(u, "lchown", path, error);
	unr_auto(unr_text_done) struct unr_text cause = u->text;

	u->text = (struct unr_text) { 0 };
	if (r != STEP_FAILED)
		return r;
	if (u->options->engine->tells_lchown) {
		(void) unr_idmap_to_outside(&maps->of[UNR_UID], u->ruling.uid, &uid);
		(void) unr_idmap_to_outside(&maps->of[UNR_GID], u->ruling.gid, &gid);
		unr_text_puts(&u->text, "failed to Lchown ");
		unr_go_quote(&u->text, shown_path(u, path), strlen(shown_path(u, path)));
		unr_text_printf(&u->text, " for UID %u, GID %u: ", uid, gid);
	}
	unr_text_puts(&u->text, unr_text_string(&cause));
	return u->text.failed ? unr_fail_memory(u->err) : STEP_FAILED;
}

/*
 * Go hands its 64-bit int to the system call, of which the kernel keeps 32 bits:
 * 4294967295 and -1 leave the owner as it is, 4294967296 is 0.
 */
int apply_owner(struct unpack *u, const char *path)
{
	const struct place place = place_of(u, path);
	int r = unr_sys_lchownat(place.at, place.path, (uid_t) u->entry->uid,
				 (gid_t) u->entry->gid);

	u->call = UNR_CALL_LCHOWN;
	u->call_error = -r;
	u->result->chowns++;
	if (r == 0)
		return 0;
	u->result->refused++;
	if (is_own_trouble(-r))
		return own_trouble(u, "lchown", r);
	if (u->options->engine->rootless != NULL)
		return refuse_owner(u, path, r);
	if (u->refused || r != -EINVAL)
		return u->refused || r == -EPERM ? 0 : fail_lchown(u, path, r);
	/*
	 * The engine has a place for it and the namespace has not: the id that
	 * counts as mapped already, or a map that is narrower here.  The tree
	 * follows the engine as far as the map allows.
	 */
	(void) !unr_sys_lchownat(place.at, place.path, u->ruling.uid, u->ruling.gid);
	return 0;
}

static enum unr_entry_type finding_type(const struct unpack *u)
{
	static const struct {
		char flag;
		enum unr_entry_type type;
	} types[] = {
		{ '0', UNR_ENTRY_FILE }, { '1', UNR_ENTRY_HARDLINK }, { '2', UNR_ENTRY_SYMLINK },
		{ '3', UNR_ENTRY_CHAR }, { '4', UNR_ENTRY_BLOCK },    { '5', UNR_ENTRY_DIRECTORY },
		{ '6', UNR_ENTRY_FIFO },
	};

	if (is_whiteout(u))
		return UNR_ENTRY_WHITEOUT;
	for (size_t i = 0; i < UNR_COUNT(types); i++)
		if (types[i].flag == u->entry->type)
			return types[i].type;
	return UNR_ENTRY_OTHER;
}

int report_owner(struct unpack *u)
{
	const struct unr_tar_entry *e = u->entry;
	bool is_link = e->type == '1' || e->type == '2';
	/* The texts outlive the call; the receiver copies what it keeps. */
	struct unr_finding finding = {
		.layer = u->options->layer,
		.entry = e->position,
		.type = finding_type(u),
		.mode = (uint32_t) (e->mode & 07777),
		.size = e->type == '0' ? (uint64_t) e->size : 0,
		.mtime = e->mtime.seconds,
		.uid = e->uid,
		.gid = e->gid,
		.header_uid = e->header_uid,
		.header_gid = e->header_gid,
		.uid_unmapped = u->ruling.uid_unmapped,
		.gid_unmapped = u->ruling.gid_unmapped,
		.engine_refused = u->refused,
		.call = u->call,
		.error = u->call_error,
		.path = u->name.bytes,
		.path_length = u->name.length,
	};
	unr_autofree char *link = NULL;
	int r;

	if (!u->refused && u->call_error == 0)
		return 0;
	if (is_link) {
		link = strndup(e->link, e->link_length);
		if (link == NULL)
			return unr_fail_memory(u->err);
		finding.link = link;
		finding.link_length = strlen(link);
	}
	r = u->options->found(u->options->context, &finding);
	return r < 0 ? unr_fail(u->err, UNR_ERROR_FAILED, r, "cannot hand on a finding: %s",
				strerror(-r)) :
		       0;
}
