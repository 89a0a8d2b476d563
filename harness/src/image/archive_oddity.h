/* SPDX-License-Identifier: MIT */
/*
 * What of an archive's members dockerd may end on, as it unpacks all of them.
 * Knows the kernel's namespaces of attributes and tar's types; which engine minds
 * what is run/accept.c's business.
 */
#ifndef UNR_IMAGE_ARCHIVE_ODDITY_H
#define UNR_IMAGE_ARCHIVE_ODDITY_H

#include "image/archive_walk.h"
#include "usernsrepro/attr.h"
#include "usernsrepro/image.h"

/**
 * unr_archive_note_oddity() - note what is odd in the next member
 * @name: the member's, cleaned
 *
 * Return: 0 or -ENOMEM.
 */
UNR_MUST_CHECK int unr_archive_note_oddity(struct unr_oddity *oddity,
					   const struct unr_archive_member *member,
					   const char *name);

#endif
