/* SPDX-License-Identifier: MIT */
/*
 * image.Image and what it is made of: see go_types.h; moby: image/image.go, image/rootfs.go,
 * api/types/container/config.go, of 20.10 and 26.1.
 */
#include "image/go_types.h"

#define MAYBE_NEWER(old_, newer_) .name = (old_), .newer_name = (newer_)
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}

static const struct unr_go_type text = { .kind = UNR_GO_STRING, .name = "string" };
static const struct unr_go_type truth = { .kind = UNR_GO_BOOL, .name = "bool" };
static const struct unr_go_type number = { .kind = UNR_GO_INT, .name = "int" };
static const struct unr_go_type long_number = { .kind = UNR_GO_INT, .name = "int64" };
static const struct unr_go_type duration = { .kind = UNR_GO_INT, .name = "time.Duration" };
static const struct unr_go_type date = { .kind = UNR_GO_TIME, .name = "time.Time" };
static const struct unr_go_type words = { .kind = UNR_GO_WORDS, .name = "string" };
static const struct unr_go_type nothing = { .kind = UNR_GO_EMPTY, .name = "struct {}" };
static const struct unr_go_type image_id = { .kind = UNR_GO_STRING, .name = "image.ID" };
static const struct unr_go_type diff_id = { .kind = UNR_GO_STRING, .name = "layer.DiffID" };

static const struct unr_go_type texts = { UNR_GO_LIST, .name = "[]string", .item = &text };
static const struct unr_go_type diff_ids = { UNR_GO_LIST, .name = "[]layer.DiffID",
					     .item = &diff_id };
static const struct unr_go_type labels = { UNR_GO_MAP, .name = "map[string]string", .item = &text };
static const struct unr_go_type volumes = { UNR_GO_MAP, .name = "map[string]struct {}",
					    .item = &nothing };
static const struct unr_go_type ports = { UNR_GO_MAP, .name = "nat.PortSet", .item = &nothing };

static const struct unr_go_member health_members[] = {
	{ "Test", .type = &texts },
	{ "Interval", .type = &duration },
	{ "Timeout", .type = &duration },
	{ "StartPeriod", .type = &duration },
	{ "StartInterval", .type = &duration, .newer = true },
	{ "Retries", .type = &number },
	END,
};
static const struct unr_go_type health = {
	UNR_GO_STRUCT,
	MAYBE_NEWER("container.HealthConfig", "v1.HealthcheckConfig"),
	.own = "HealthConfig",
	.newer_own = "HealthcheckConfig",
	.members = health_members,
};

static const struct unr_go_member config_members[] = {
	{ "Hostname", .type = &text },
	{ "Domainname", .type = &text },
	{ "User", .type = &text },
	{ "AttachStdin", .type = &truth },
	{ "AttachStdout", .type = &truth },
	{ "AttachStderr", .type = &truth },
	{ "ExposedPorts", .type = &ports },
	{ "Tty", .type = &truth },
	{ "OpenStdin", .type = &truth },
	{ "StdinOnce", .type = &truth },
	{ "Env", .type = &texts },
	{ "Cmd", .type = &words },
	{ "Healthcheck", .type = &health },
	{ "ArgsEscaped", .type = &truth },
	{ "Image", .type = &text },
	{ "Volumes", .type = &volumes },
	{ "WorkingDir", .type = &text },
	{ "Entrypoint", .type = &words },
	{ "NetworkDisabled", .type = &truth },
	{ "MacAddress", .type = &text },
	{ "OnBuild", .type = &texts },
	{ "Labels", .type = &labels },
	{ "StopSignal", .type = &text },
	{ "StopTimeout", .type = &number },
	{ "Shell", .type = &words },
	END,
};
static const struct unr_go_type config = {
	UNR_GO_STRUCT,
	.name = "container.Config",
	.own = "Config",
	.members = config_members,
};

static const struct unr_go_member rootfs_members[] = {
	{ "type", .type = &text },
	{ "diff_ids", .type = &diff_ids },
	END,
};
static const struct unr_go_type rootfs = {
	UNR_GO_STRUCT,
	.name = "image.RootFS",
	.own = "RootFS",
	.members = rootfs_members,
};

static const struct unr_go_member line_members[] = {
	{ "created", .type = &date },      { "author", .type = &text },
	{ "created_by", .type = &text },   { "comment", .type = &text },
	{ "empty_layer", .type = &truth }, END,
};
static const struct unr_go_type line = {
	UNR_GO_STRUCT,
	MAYBE_NEWER("image.History", "v1.History"),
	.own = "History",
	.members = line_members,
};
static const struct unr_go_type history = {
	UNR_GO_LIST,
	MAYBE_NEWER("[]image.History", "[]v1.History"),
	.item = &line,
};

static const struct unr_go_member image_members[] = {
	{ "id", .type = &text, .embedded = true },
	{ "comment", .type = &text, .embedded = true },
	{ "created", .type = &date, .embedded = true },
	{ "container", .type = &text, .embedded = true },
	{ "container_config", .type = &config, .embedded = true },
	{ "docker_version", .type = &text, .embedded = true },
	{ "author", .type = &text, .embedded = true },
	{ "config", .type = &config, .embedded = true },
	{ "architecture", .type = &text, .embedded = true },
	{ "variant", .type = &text, .embedded = true },
	{ "os", .type = &text, .embedded = true },
	{ "Size", .type = &long_number, .embedded = true },
	{ "parent", .type = &image_id },
	{ "rootfs", .type = &rootfs, .noted = true },
	{ "history", .type = &history },
	{ "os.version", .type = &text },
	{ "os.features", .type = &texts },
	END,
};
const struct unr_go_type unr_go_image = {
	UNR_GO_STRUCT,
	.name = "image.Image",
	.own = "Image",
	.members = image_members,
};
