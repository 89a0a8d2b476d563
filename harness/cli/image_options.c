/* SPDX-License-Identifier: MIT */
/* Which image, under which map: see image_options.h. */
#include "image_options.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static char *list_profiles(void)
{
	return unr_run_names("profiles");
}

static char *list_engines(void)
{
	return unr_run_names("engines");
}

static char *list_drivers(void)
{
	return unr_run_names("drivers");
}

static int apply_map(void *options, enum unr_id_kind kind, const char *value, struct unr_error *err)
{
	struct cli_image_options *c = options;
	struct unr_id_range range = { 0 };
	int r = unr_id_range_parse(value, &range, err);

	if (r < 0)
		return unr_fail_context(err, "--%smap", unr_id_kind_name(kind));
	return unr_idmap_add(&c->run.maps.of[kind], range) < 0 ? unr_fail_memory(err) : 0;
}

static int apply_uidmap(void *options, const char *value, struct unr_error *err)
{
	return apply_map(options, UNR_UID, value, err);
}

static int apply_gidmap(void *options, const char *value, struct unr_error *err)
{
	return apply_map(options, UNR_GID, value, err);
}

static int apply_group_add(void *options, const char *value, struct unr_error *err)
{
	struct unr_run_options *run = &((struct cli_image_options *) options)->run;
	const char **groups = reallocarray(run->groups, run->n_groups + 1, sizeof(*groups));

	if (groups == NULL)
		return unr_fail_memory(err);
	run->groups = groups;
	groups[run->n_groups++] = value;
	return 0;
}

static int apply_progress(void *options, const char *value, struct unr_error *err)
{
	int style = cli_progress_style(value);

	if (style < 0)
		return cli_fail_choice("progress", value, cli_progress_names, err);
	((struct cli_image_options *) options)->progress.style = (enum cli_progress_style) style;
	return 0;
}

static int apply_tls_verify(void *options, const char *value, struct unr_error *err)
{
	bool verify = strcmp(value, "true") == 0;

	if (!verify && strcmp(value, "false") != 0)
		return unr_fail(err, UNR_ERROR_USAGE, -EINVAL,
				"--tls-verify '%s' is neither true nor false", value);
	((struct cli_image_options *) options)->run.tls_insecure = !verify;
	return 0;
}

#define STRING(field) .kind = CLI_OPTION_STRING, .offset = offsetof(struct cli_image_options, field)
#define FLAG(field) .kind = CLI_OPTION_FLAG, .offset = offsetof(struct cli_image_options, field)

const struct cli_option cli_image_options[] = {
	{ "profile", "NAME", "named set of map, engine and driver", list_profiles, "",
	  STRING(run.profile) },
	{ "uidmap", "I:O:N",
	  "a range of the uid map, INSIDE:OUTSIDE:COUNT, in place of the profile's; repeatable",
	  .apply = apply_uidmap },
	{ "gidmap", "I:O:N", "the same for gids", .fallback = "the uid map",
	  .apply = apply_gidmap },
	{ "userns-remap", "USER[:GROUP]",
	  "the ranges of that user in /etc/subuid and /etc/subgid, as dockerd's option of this "
	  "name takes them",
	  STRING(run.userns_remap) },
	{ "engine", "NAME", "whose rules and words", list_engines, "the profile's",
	  STRING(run.engine) },
	{ "driver", "NAME", "storage driver of the engine", list_drivers, "the profile's",
	  STRING(run.driver) },
	{ "user", "USER", "who the container's process is to be, as 'docker run' takes it", NULL,
	  "the image's USER", STRING(run.user) },
	{ "group-add", "GROUP", "one more group of it, by name or number; repeatable",
	  .apply = apply_group_add },
	{ "tls-verify", "true|false",
	  "check the certificate of a registry; false also allows plain HTTP", NULL, "true",
	  .apply = apply_tls_verify },
	{ "cache", "DIR", "keep the blobs of a registry in DIR, and take them from there",
	  STRING(run.cache) },
	{ "platform", "OS/ARCH[/VARIANT]", "which image of an index with several", NULL,
	  "this host's", STRING(run.platform) },
	{ "no-verify", NULL, "do not compare layers with diffIDs, blobs with digests",
	  FLAG(run.no_verify) },
	{ "progress", "STYLE", "what standard error shows meanwhile", cli_progress_names, "",
	  .apply = apply_progress },
	{ .name = NULL },
};
