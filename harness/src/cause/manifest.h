/* SPDX-License-Identifier: MIT */
/*
 * Files of a layer that say what packages have: hostile bytes, read with bounds,
 * in the sandboxed child only.  What they say goes to the paths that are asked
 * about; of other paths nothing is kept.
 */
#ifndef UNR_CAUSE_MANIFEST_H
#define UNR_CAUSE_MANIFEST_H

#include "base/text.h"
#include "cause/package.h"
#include "cause/paths.h"
#include "tar/tar.h"

/* Where an entry lies that may be a manifest, and what is made of it. */
struct unr_manifest {
	struct unr_paths *paths; /* borrowed, as the others */
	struct unr_packages *packages;
	struct unr_tar *tar; /* stands at the entry */
	const char *name;    /* of the entry; NUL-terminated */
	size_t folder;       /* length of its folder, 0 for the top */
	uint16_t layer;
};

/**
 * unr_manifest_read() - the entry at which a tar stands, if it is a manifest
 *
 * Return: 0, or the error of the tar's source, or -ENOMEM.  What is no manifest of its kind is none.
 */
UNR_MUST_CHECK int unr_manifest_read(struct unr_paths *paths, struct unr_packages *packages,
				     uint16_t layer, struct unr_tar *tar,
				     const struct unr_tar_entry *entry);

/* The kinds; each returns as unr_manifest_read(). */
UNR_MUST_CHECK int unr_manifest_npm(const struct unr_manifest *manifest);
UNR_MUST_CHECK int unr_manifest_composer(const struct unr_manifest *manifest);
UNR_MUST_CHECK int unr_manifest_composer_installed(const struct unr_manifest *manifest);
UNR_MUST_CHECK int unr_manifest_gemspec(const struct unr_manifest *manifest);
UNR_MUST_CHECK int unr_manifest_pip_metadata(const struct unr_manifest *manifest);
UNR_MUST_CHECK int unr_manifest_pip_record(const struct unr_manifest *manifest);
UNR_MUST_CHECK int unr_manifest_dpkg_list(const struct unr_manifest *manifest);
UNR_MUST_CHECK int unr_manifest_dpkg_status(const struct unr_manifest *manifest);
UNR_MUST_CHECK int unr_manifest_apk_installed(const struct unr_manifest *manifest);

/**
 * unr_manifest_below() - the path of a name that is told from a folder
 * @length: of the folder, at the beginning of the manifest's own name
 *
 * Return: its number; UNR_PATHS_NONE when it is not there, and when @scratch has failed.
 */
uint32_t unr_manifest_below(const struct unr_manifest *manifest, size_t length,
			    struct unr_words name, struct unr_text *scratch);

/** unr_manifest_claim() - the failing entry @path belongs to the package @number */
void unr_manifest_claim(const struct unr_manifest *manifest, uint32_t path, uint32_t number);

/** unr_manifest_folder() - what is below @path belongs to the package, by a file of this layer */
UNR_MUST_CHECK int unr_manifest_folder(const struct unr_manifest *manifest, uint32_t path,
				       enum unr_package_kind kind, struct unr_words name,
				       struct unr_words version);

/* Lines of a manifest, of any number; those that are too long are left out. */
struct unr_manifest_lines {
	struct unr_tar *tar; /* borrowed */
	size_t begin, end;
	bool at_end;
	char buffer[16384];
};

/**
 * unr_manifest_line() - the next one, without its end
 * @ret: borrowed until the next call
 *
 * Return: 1, 0 at the end, or as unr_manifest_read().
 */
UNR_MUST_CHECK int unr_manifest_line(struct unr_manifest_lines *lines, struct unr_words *ret);

/** unr_words_behind() - what follows @prefix; no bytes when it does not begin so. */
struct unr_words unr_words_behind(struct unr_words words, const char *prefix);

#endif
