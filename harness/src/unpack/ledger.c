/* SPDX-License-Identifier: MIT */
/* Notes from layer to layer: see ledger.h. */
#include "unpack/ledger.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

int unr_ledger_open(struct unr_ledger *ret)
{
	struct unr_ledger ledger = UNR_LEDGER_NONE;

	ledger.directories_fd = memfd_create("directories", MFD_CLOEXEC);
	ledger.attributes_fd = memfd_create("attributes", MFD_CLOEXEC);
	if (ledger.directories_fd < 0 || ledger.attributes_fd < 0) {
		int r = -errno;

		unr_ledger_done(&ledger);
		return r;
	}
	*ret = ledger;
	return 0;
}

void unr_ledger_done(struct unr_ledger *ledger)
{
	unr_close(&ledger->directories_fd);
	unr_close(&ledger->attributes_fd);
}

/* What all kinds of records begin with. */
struct head {
	uint64_t inode;
	uint64_t order;
};

static int by_head(const void *a, const void *b)
{
	const struct head *left = a, *right = b;

	if (left->inode != right->inode)
		return left->inode < right->inode ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

/* All records of a file, sorted, in memory of their own; how many, or -errno. */
static ssize_t read_records(int fd, size_t size, void **ret)
{
	unr_autofree char *records = NULL;
	struct stat st;
	ssize_t got;
	size_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	records = malloc((size_t) st.st_size + 1);
	if (records == NULL)
		return -ENOMEM;
	got = unr_pread_full(fd, records, (size_t) st.st_size, 0);
	if (got < 0)
		return got;
	n = (size_t) got / size;
	for (size_t i = 0; i < n; i++) {
		const uint64_t order = i;

		memcpy(records + i * size + offsetof(struct head, order), &order, sizeof(order));
	}
	qsort(records, n, size, by_head);
	*ret = unr_take_ptr(records);
	return (ssize_t) n;
}

int unr_ledger_note_directory(const struct unr_ledger *ledger, ino_t inode, bool foreign)
{
	const struct unr_ledger_directory record = { .inode = inode, .foreign = foreign };

	return unr_write_full(ledger->directories_fd, &record, sizeof(record));
}

/* Of several records for a directory the last one counts. */
static size_t keep_last(struct unr_ledger_directory *records, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && records[i + 1].inode == records[i].inode)
			continue;
		if (records[i].foreign != 0)
			records[kept++] = records[i];
	}
	return kept;
}

ssize_t unr_ledger_foreign(const struct unr_ledger *ledger, struct unr_ledger_directory **ret)
{
	void *records = NULL;
	ssize_t n = read_records(ledger->directories_fd, sizeof(**ret), &records);

	if (n < 0)
		return n;
	*ret = records;
	return (ssize_t) keep_last(*ret, (size_t) n);
}

int unr_ledger_note_attribute(const struct unr_ledger *ledger, ino_t inode, const char *name,
			      const void *value, size_t length)
{
	struct unr_ledger_attribute record = { .inode = inode };

	(void) strncpy(record.name, name, sizeof(record.name) - 1);
	if (length <= sizeof(record.value)) {
		memcpy(record.value, value, length);
		record.length = (uint32_t) length;
	}
	return unr_write_full(ledger->attributes_fd, &record, sizeof(record));
}

ssize_t unr_ledger_attributes(const struct unr_ledger *ledger, struct unr_ledger_attribute **ret)
{
	void *records = NULL;
	ssize_t n = read_records(ledger->attributes_fd, sizeof(**ret), &records);

	if (n >= 0)
		*ret = records;
	return n;
}
