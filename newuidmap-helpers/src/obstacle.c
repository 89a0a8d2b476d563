/* SPDX-License-Identifier: MIT */
/* The table of remedies: see obstacle.h.  "{}" stands for the subject. */
#include "usernsrepro/obstacle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* By distribution; one that has none of its own takes OTHER's. */
static const char *const remedies[UNR_REMEDY_COUNT_][UNR_DISTRIBUTION_COUNT_] = {
	[UNR_REMEDY_NONE] = { "" },
	[UNR_REMEDY_SYSCTL] = { "sysctl -w {}" },
	[UNR_REMEDY_KERNEL] = { "boot a kernel with {}" },
	[UNR_REMEDY_CONTAINER] = { "start the surrounding container with {}, or run this outside "
				   "of it" },
	[UNR_REMEDY_OUTSIDE] = { "run this outside of {}" },
	[UNR_REMEDY_SELINUX] = { "ausearch -m avc -ts recent | audit2allow -M userns-repro && "
				 "semodule -i userns-repro.pp" },
	[UNR_REMEDY_SUSPECTS] = { "look at the seccomp profile of a surrounding container, at "
				  "security modules, and at 'journalctl -k'" },
	[UNR_REMEDY_PROC_MOUNT] = { "mount -t proc proc /proc" },
	[UNR_REMEDY_PROC_WRITABLE] = { "mount -o remount,rw /proc" },
	[UNR_REMEDY_MODULE] = { "modprobe {}" },
	[UNR_REMEDY_HELPERS] = { "install the package that has newuidmap and newgidmap: uidmap, "
				 "shadow or shadow-utils",
				 [UNR_DISTRIBUTION_DEBIAN] = "apt-get install uidmap",
				 [UNR_DISTRIBUTION_FEDORA] = "dnf install shadow-utils",
				 [UNR_DISTRIBUTION_SUSE] = "zypper install shadow",
				 [UNR_DISTRIBUTION_ARCH] = "pacman -S shadow",
				 [UNR_DISTRIBUTION_ALPINE] = "apk add shadow-subids" },
	/* As the packages have them: Debian, SUSE and Alpine setuid, Fedora and Arch by setcap(8). */
	[UNR_REMEDY_HELPER_SETUID] = { "chown root:root {} && chmod 4755 {}",
				       [UNR_DISTRIBUTION_FEDORA] = "setcap cap_setuid=ep {}",
				       [UNR_DISTRIBUTION_ARCH] = "setcap cap_setuid=ep {}" },
	[UNR_REMEDY_HELPER_SETGID] = { "chown root:root {} && chmod 4755 {}",
				       [UNR_DISTRIBUTION_FEDORA] = "setcap cap_setgid=ep {}",
				       [UNR_DISTRIBUTION_ARCH] = "setcap cap_setgid=ep {}" },
	[UNR_REMEDY_REMOUNT_SUID] = { "mount -o remount,suid \"$(findmnt -no TARGET -T {})\"" },
	[UNR_REMEDY_NEW_PRIVILEGES] = { "start it without no_new_privs (docker: without "
					"--security-opt no-new-privileges; Kubernetes: "
					"allowPrivilegeEscalation: true; systemd: "
					"NoNewPrivileges=no)" },
	[UNR_REMEDY_ACCOUNT] = { "useradd --system {}", [UNR_DISTRIBUTION_ALPINE] =
								"adduser -S -D -H {}" },
	[UNR_REMEDY_LOGIN] = { "useradd --uid {} NAME", [UNR_DISTRIBUTION_ALPINE] =
								"adduser -D -u {} NAME" },
	[UNR_REMEDY_READABLE] = { "chmod a+r {}" },
	[UNR_REMEDY_ADD_SUBUIDS] = { "usermod --add-subuids {}",
				     [UNR_DISTRIBUTION_ALPINE] =
					     "apk add shadow && usermod --add-subuids {}" },
	[UNR_REMEDY_ADD_SUBGIDS] = { "usermod --add-subgids {}",
				     [UNR_DISTRIBUTION_ALPINE] =
					     "apk add shadow && usermod --add-subgids {}" },
	[UNR_REMEDY_REPLACE_SUBIDS] = { "usermod {}", [UNR_DISTRIBUTION_ALPINE] =
							      "apk add shadow && usermod {}" },
	[UNR_REMEDY_DIRECTORY] = { "have them granted by the server behind '{}' in "
				   "/etc/nsswitch.conf" },
	[UNR_REMEDY_ROOT_IS_NO_USER] = { "run it as the user of the engine, or give that user's "
					 "ids: --uidmap 0:UID:1 --uidmap 1:START:COUNT" },
};

void unr_obstacle_set(struct unr_obstacle *ret, enum unr_remedy remedy, const char *subject,
		      const char *fmt, ...)
{
	va_list args;

	ret->remedy = remedy;
	(void) snprintf(ret->subject, sizeof(ret->subject), "%s", subject);
	va_start(args, fmt);
	(void) vsnprintf(ret->reason, sizeof(ret->reason), fmt, args);
	va_end(args);
}

static void put_remedy(const struct unr_obstacle *obstacle, enum unr_distribution distribution,
		       struct unr_text *text)
{
	const char *const *row = remedies[obstacle->remedy];
	const char *rest =
		row[distribution] != NULL ? row[distribution] : row[UNR_DISTRIBUTION_OTHER];
	const char *place;

	while ((place = strstr(rest, "{}")) != NULL) {
		unr_text_append(text, rest, (size_t) (place - rest));
		unr_text_puts(text, obstacle->subject);
		rest = place + strlen("{}");
	}
	unr_text_puts(text, rest);
}

char *unr_obstacle_remedy(const struct unr_obstacle *obstacle, enum unr_distribution distribution)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	put_remedy(obstacle, distribution, &text);
	return unr_text_take(&text);
}

void unr_obstacle_text(const struct unr_obstacle *obstacle, enum unr_distribution distribution,
		       size_t size, char *ret)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	unr_text_puts(&text, obstacle->reason);
	if (obstacle->remedy != UNR_REMEDY_NONE)
		unr_text_puts(&text, ": ");
	put_remedy(obstacle, distribution, &text);
	(void) snprintf(ret, size, "%s", unr_text_string(&text));
}

int unr_obstacle_fail(const struct unr_obstacle *obstacle, int code, struct unr_error *err)
{
	size_t remedy = strlen(obstacle->reason) + strlen(": ");
	char text[sizeof(err->message)];

	unr_obstacle_text(obstacle, unr_distribution_here(), sizeof(text), text);
	(void) unr_fail(err, UNR_ERROR_CANNOT_RUN, code, "%s", text);
	if (err != NULL && remedy < strlen(text))
		err->remedy = (unsigned int) remedy;
	return code;
}
