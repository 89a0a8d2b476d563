/* SPDX-License-Identifier: MIT */
/*
 * unr-floor FOLDER ENTRIES LAYER...
 *
 * Does what a verdict on these layers cannot do without, and nothing else: each
 * is read and digested, and as many files as they have entries are made and
 * given an owner, in a tmpfs over FOLDER.  No names are parsed, nothing is looked
 * up, nothing is told.  How long that takes is below what any verdict with
 * digests and real owners can take on the machine (bench.py, row "floor").
 *
 * The layers are independent, so each has a process, and an equal share of the
 * entries.  Needs root.  A tool of the benchmark; it is not installed.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* As in a node_modules: a directory for so many files. */
enum { FILES_OF_FOLDER = 10, PIECE = 1 << 20, OWNERS = 65536 };

/* The directory number @i, empty and open. */
static int next_folder(unsigned long i)
{
	char name[32];
	int fd;

	(void) snprintf(name, sizeof(name), "%lu", i);
	if (mkdir(name, 0755) < 0)
		err(1, "mkdir");
	fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		err(1, "open");
	return fd;
}

/* A call makes a file and another one gives it away: fewer there cannot be. */
static void make_files(unsigned long n)
{
	int folder = -1;

	for (unsigned long i = 0; i < n; i++) {
		uid_t owner = (uid_t) (i % OWNERS);
		char name[32];

		if (i % FILES_OF_FOLDER == 0) {
			if (folder >= 0)
				(void) close(folder);
			folder = next_folder(i);
			continue;
		}
		(void) snprintf(name, sizeof(name), "file-%lu", i);
		if (mknodat(folder, name, S_IFREG | 0644, 0) < 0)
			err(1, "mknodat");
		if (fchownat(folder, name, owner, owner, AT_SYMLINK_NOFOLLOW) < 0)
			err(1, "fchownat");
	}
	if (folder >= 0)
		(void) close(folder);
}

static void digest(const char *path)
{
	unsigned char *piece = malloc(PIECE), sum[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		err(1, "%s", path);
	if (piece == NULL || context == NULL || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
		errx(1, "cannot make a digest");
	while ((n = read(fd, piece, PIECE)) > 0)
		if (!EVP_DigestUpdate(context, piece, (size_t) n))
			errx(1, "cannot go on with a digest");
	if (n < 0 || !EVP_DigestFinal_ex(context, sum, NULL))
		err(1, "%s", path);
	(void) close(fd);
	EVP_MD_CTX_free(context);
	free(piece);
}

/* One layer: its bytes, its entries, and what it takes to let go of them. */
static void do_layer(const char *folder, const char *layer, unsigned long entries)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("floor", folder, "tmpfs", 0, NULL) < 0 || chdir(folder) < 0)
		err(1, "cannot mount a tmpfs over %s", folder);
	make_files(entries);
	digest(layer);
	if (chdir("/") < 0 || umount(folder) < 0)
		err(1, "cannot unmount %s", folder);
}

int main(int argc, char **argv)
{
	unsigned long layers = argc > 3 ? (unsigned long) argc - 3 : 0, entries;
	int status, result = 0;
	char *end;

	if (layers == 0)
		errx(2, "usage: unr-floor FOLDER ENTRIES LAYER...");
	errno = 0;
	entries = strtoul(argv[2], &end, 10);
	if (errno != 0 || *end != '\0' || end == argv[2])
		errx(2, "not a number of entries: %s", argv[2]);
	for (unsigned long i = 0; i < layers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0) {
			do_layer(argv[1], argv[3 + i], entries / layers);
			return 0;
		}
	}
	while (wait(&status) > 0)
		if (status != 0)
			result = 1;
	return result;
}
