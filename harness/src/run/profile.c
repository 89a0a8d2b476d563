/* SPDX-License-Identifier: MIT */
/* The profile table and how a map comes about: see profile.h. */
#include "run/profile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "run/rootless.h"
#include "usernsrepro/subid.h"

static int add_both(struct unr_idmaps *maps, struct unr_id_range uids, struct unr_id_range gids,
		    struct unr_error *err)
{
	if (unr_idmap_add(&maps->of[UNR_UID], uids) < 0 ||
	    unr_idmap_add(&maps->of[UNR_GID], gids) < 0)
		return unr_fail_memory(err);
	return 0;
}

/* What Azure App Service's hosts have, and dockerd's own default. */
static int appservice_maps(struct unr_idmaps *ret, struct unr_error *err)
{
	const struct unr_id_range range = { .inside = 0, .outside = 100000, .count = 65536 };

	return add_both(ret, range, range, err);
}

static int single_maps(struct unr_idmaps *ret, struct unr_error *err)
{
	return add_both(ret, (struct unr_id_range) { 0, geteuid(), 1 },
			(struct unr_id_range) { 0, getegid(), 1 }, err);
}

/* The ranges of @owner laid end to end from inside 0, as dockerd does. */
static int ranges_of(const char *owner, enum unr_id_kind kind, struct unr_idmaps *ret,
		     struct unr_error *err)
{
	int r = unr_subid_ranges(owner, kind, 0, &ret->of[kind], err);
	struct unr_obstacle obstacle;

	if (r < 0 || ret->of[kind].n_ranges > 0)
		return r;
	unr_subid_obstacle_none(&obstacle, owner, kind);
	return unr_obstacle_fail(&obstacle, -ENOENT, err);
}

static int remap_ranges(const char *user, const char *group, struct unr_idmaps *ret,
			struct unr_error *err)
{
	int r = ranges_of(user, UNR_UID, ret, err);

	return r < 0 ? r : ranges_of(group, UNR_GID, ret, err);
}

/* dockerd's --userns-remap=default uses this account. */
static int docker_maps(struct unr_idmaps *ret, struct unr_error *err)
{
	return remap_ranges("dockremap", "dockremap", ret, err);
}

#define CHANGE_DOCKER                                                                              \
	"root of the docker host changes /etc/subuid and /etc/subgid and restarts dockerd, which " \
	"then begins with an empty store."
#define CHANGE_ROOTLESS                                                                            \
	"root of the host changes /etc/subuid and /etc/subgid; then restart the engine (podman: "  \
	"podman system migrate)."

static const struct unr_profile PROFILES[] = {
	{ "appservice", "0..65535 onto 100000.., docker-20.10.9", "docker-20.10.9", "overlay2",
	  appservice_maps, "App Service's range cannot be changed.", true },
	{ "docker", "the ranges of this host's dockremap, docker-20.10", "docker-20.10", "overlay2",
	  docker_maps, CHANGE_DOCKER, false },
	{ "rootless",
	  "inside 0 is the caller, from 1 on the caller's ranges; rootless docker-20.10",
	  "docker-rootless-20.10", "overlay2", unr_rootless_maps, CHANGE_ROOTLESS, false },
	{ "single", "inside 0 is the caller, nothing else; docker-20.10", "docker-20.10",
	  "overlay2", single_maps,
	  "root of the host gives the caller ranges in /etc/subuid and /etc/subgid.", false },
};

const struct unr_profile *unr_profile_find(const char *name)
{
	for (size_t i = 0; i < UNR_COUNT(PROFILES); i++)
		if (name == NULL || strcmp(PROFILES[i].name, name) == 0)
			return &PROFILES[i];
	return NULL;
}

void unr_profile_list(struct unr_text *text)
{
	for (size_t i = 0; i < UNR_COUNT(PROFILES); i++)
		unr_text_printf(text, "%s%s", i == 0 ? "" : ", ", PROFILES[i].name);
}

/* USER[:GROUP]; the group defaults to one of the user's name, as dockerd has it. */
static int remap_option_maps(const char *text, struct unr_idmaps *ret, struct unr_error *err)
{
	unr_autofree char *user = strdup(text);
	char *group;

	if (user == NULL)
		return unr_fail_memory(err);
	group = strchr(user, ':');
	if (group != NULL)
		*group++ = '\0';
	if (*user == '\0' || (group != NULL && *group == '\0'))
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"--userns-remap '%s': USER[:GROUP] is wanted", text);
	if (strcmp(user, "default") == 0)
		return docker_maps(ret, err);
	return remap_ranges(user, group == NULL ? user : group, ret, err);
}

/* --uidmap and --gidmap; the gid map defaults to the uid map. */
static int given_maps(const struct unr_idmaps *given, struct unr_idmaps *ret, struct unr_error *err)
{
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		const struct unr_idmap *map = &given->of[kind];

		if (kind == UNR_GID && map->n_ranges == 0)
			map = &given->of[UNR_UID];
		if (unr_idmap_copy(map, &ret->of[kind]) < 0)
			return unr_fail_memory(err);
	}
	return 0;
}

static int check(const struct unr_idmaps *maps, struct unr_error *err)
{
	for (int kind = 0; kind < UNR_ID_KIND_COUNT_; kind++) {
		uint32_t outside;
		int r = unr_idmap_check(&maps->of[kind], (enum unr_id_kind) kind, err);

		if (r < 0)
			return r;
		if (!unr_idmap_to_outside(&maps->of[kind], 0, &outside))
			return unr_fail(
				err, UNR_ERROR_USAGE, -EINVAL,
				"the %s map has no place for inside 0, which every engine needs: "
				"begin it with 0:OUTSIDE:COUNT",
				unr_id_kind_name((enum unr_id_kind) kind));
	}
	return 0;
}

int unr_profile_maps(const struct unr_profile *profile, const struct unr_run_options *options,
		     struct unr_idmaps *ret, struct unr_error *err)
{
	struct unr_idmaps maps = { 0 };
	bool uids = options->maps.of[UNR_UID].n_ranges > 0;
	bool gids = options->maps.of[UNR_GID].n_ranges > 0;
	int r;

	if ((uids || gids) && options->userns_remap != NULL)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"--userns-remap and --uidmap or --gidmap exclude each other");
	if (gids && !uids)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL, "--gidmap needs --uidmap beside it");
	if (uids)
		r = given_maps(&options->maps, &maps, err);
	else if (options->userns_remap != NULL)
		r = remap_option_maps(options->userns_remap, &maps, err);
	else
		r = profile->maps(&maps, err);
	if (r == 0)
		r = check(&maps, err);
	if (r < 0) {
		unr_idmaps_done(&maps);
		return r;
	}
	*ret = maps;
	return 0;
}
