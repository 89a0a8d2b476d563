/* SPDX-License-Identifier: MIT */
/* Ids at fault: see fault.h. */
#include "report/fault.h"

#include <inttypes.h>
#include <stdio.h>

/* Refused although both ids are in the map: then both are worth knowing. */
struct unr_fault unr_fault_of(const struct unr_finding *finding)
{
	bool has_uid = finding->uid_unmapped || !finding->gid_unmapped;
	bool has_gid = finding->gid_unmapped || !finding->uid_unmapped;

	return (struct unr_fault) { .has_uid = has_uid,
				    .has_gid = has_gid,
				    .uid = has_uid ? finding->uid : 0,
				    .gid = has_gid ? finding->gid : 0 };
}

bool unr_fault_same(const struct unr_fault *a, const struct unr_fault *b)
{
	return a->has_uid == b->has_uid && a->has_gid == b->has_gid && a->uid == b->uid &&
	       a->gid == b->gid;
}

void unr_fault_format(const struct unr_fault *fault, char ret[UNR_FAULT_TEXT])
{
	if (!fault->has_gid)
		(void) snprintf(ret, UNR_FAULT_TEXT, "uid %" PRId64, fault->uid);
	else if (!fault->has_uid)
		(void) snprintf(ret, UNR_FAULT_TEXT, "gid %" PRId64, fault->gid);
	else
		(void) snprintf(ret, UNR_FAULT_TEXT, "uid %" PRId64 ", gid %" PRId64, fault->uid,
				fault->gid);
}
