/* SPDX-License-Identifier: MIT */
/* base/records: tracks that take turns, in memory and in the file, and a file that fails. */
#include "unr_test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/records.h"

static int open_memory(const char **ret_where)
{
	*ret_where = "memory";
	return memfd_create("records", MFD_CLOEXEC);
}

static int open_full(const char **ret_where)
{
	*ret_where = "/dev/full";
	return open("/dev/full", O_RDWR | O_CLOEXEC);
}

static int open_none(const char **ret_where)
{
	*ret_where = "nowhere";
	return -EROFS;
}

/* The bytes of record @i on @track: their number and content follow from both. */
static size_t make_record(uint32_t track, size_t i, char *ret)
{
	size_t length = (i * 7 + track * 31) % 1000;

	memset(ret, (int) ('a' + (i + track) % 26), length);
	return length;
}

static void assert_track(const struct unr_records *records, uint32_t track, size_t n)
{
	unr_auto(unr_records_reader_done) struct unr_records_reader reader =
		unr_records_start(records, track);
	char expected[1000];
	const char *got = NULL;
	size_t length = 0;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(unr_records_read(&reader, &got, &length), 1);
		assert_int_equal(length, make_record(track, i, expected));
		assert_memory_equal(got, expected, length);
	}
	assert_int_equal(unr_records_read(&reader, &got, &length), 0);
	assert_int_equal(unr_records_read(&reader, &got, &length), 0);
}

/* Appends records 0 to @n - 1 to each of @n_tracks tracks in turn. */
static void fill(struct unr_records *records, uint32_t n_tracks, size_t n)
{
	char record[1000];

	for (size_t i = 0; i < n; i++)
		for (uint32_t track = 0; track < n_tracks; track++)
			assert_int_equal(unr_records_append(records, track, record,
							    make_record(track, i, record)),
					 0);
}

static void read__few_stay_in_memory(void **state)
{
	struct unr_records records = UNR_RECORDS(open_none);

	(void) state;
	assert_track(&records, 0, 0);
	fill(&records, 3, 100);
	for (uint32_t track = 0; track < 3; track++)
		assert_track(&records, track, 100);
	assert_track(&records, 3, 0);
	assert_true(records.fd < 0);
	unr_records_done(&records);
}

/* Ten times what memory may hold, on tracks that take turns. */
static void read__many_come_back_from_the_file(void **state)
{
	struct unr_records records = UNR_RECORDS(open_memory);
	struct stat st;

	(void) state;
	fill(&records, 7, 3000);
	assert_int_equal(fstat(records.fd, &st), 0);
	assert_true(st.st_size > 9 * UNR_RECORDS_BOUND);
	assert_true(records.buffered <= UNR_RECORDS_BOUND);
	for (int pass = 0; pass < 2; pass++)
		for (uint32_t track = 0; track < 7; track++)
			assert_track(&records, track, 3000);
	unr_records_done(&records);
	assert_int_equal(records.n_tracks, 0);
	assert_true(records.fd < 0);
}

static void append__goes_on_after_reading(void **state)
{
	struct unr_records records = UNR_RECORDS(open_memory);
	char record[1000];

	(void) state;
	for (size_t i = 0; i < 5000; i++) {
		assert_int_equal(unr_records_append(&records, 2, record, make_record(2, i, record)),
				 0);
		if (i % 1000 == 0)
			assert_track(&records, 2, i + 1);
	}
	assert_track(&records, 1, 0);
	assert_track(&records, 2, 5000);
	unr_records_done(&records);
}

/* Longer than what is read at once, and than the bound. */
static void record__may_be_long(void **state)
{
	static const size_t lengths[] = { 5, 3 * UNR_RECORDS_BOUND, 0, 200000, 7 };
	struct unr_records records = UNR_RECORDS(open_memory);
	unr_auto(unr_records_reader_done) struct unr_records_reader reader = { 0 };
	unr_autofree char *record = calloc(1, 3 * UNR_RECORDS_BOUND);
	const char *got = NULL;
	size_t length = 0;

	(void) state;
	assert_non_null(record);
	for (size_t i = 0; i < UNR_COUNT(lengths); i++) {
		memset(record, (int) ('a' + i), lengths[i]);
		assert_int_equal(unr_records_append(&records, 0, record, lengths[i]), 0);
	}
	reader = unr_records_start(&records, 0);
	for (size_t i = 0; i < UNR_COUNT(lengths); i++) {
		assert_int_equal(unr_records_read(&reader, &got, &length), 1);
		assert_int_equal(length, lengths[i]);
		for (size_t k = 0; k < length; k += 4999)
			assert_int_equal(got[k], 'a' + i);
	}
	assert_int_equal(unr_records_read(&reader, &got, &length), 0);
	unr_records_done(&records);
}

/* Appends until something is wrong. */
static int append_much(struct unr_records *records)
{
	char record[1000] = "";
	int r = 0;

	for (size_t i = 0; i < 2000 && r == 0; i++)
		r = unr_records_append(records, 0, record, sizeof(record));
	return r;
}

static void append__tells_what_is_wrong_with_the_file(void **state)
{
	struct unr_records full = UNR_RECORDS(open_full), none = UNR_RECORDS(open_none);

	(void) state;
	assert_int_equal(append_much(&full), -ENOSPC);
	assert_string_equal(full.where, "/dev/full");
	unr_records_done(&full);
	assert_int_equal(append_much(&none), -EROFS);
	assert_string_equal(none.where, "nowhere");
	unr_records_done(&none);
}

static void read__tells_that_the_file_was_cut(void **state)
{
	struct unr_records records = UNR_RECORDS(open_memory);
	unr_auto(unr_records_reader_done) struct unr_records_reader reader = { 0 };
	const char *got = NULL;
	size_t length = 0;
	int r;

	(void) state;
	assert_int_equal(append_much(&records), 0);
	assert_int_equal(ftruncate(records.fd, UNR_RECORDS_BOUND / 2), 0);
	reader = unr_records_start(&records, 0);
	do {
		r = unr_records_read(&reader, &got, &length);
	} while (r > 0);
	assert_int_equal(r, -EIO);
	unr_records_done(&records);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(read__few_stay_in_memory),
	cmocka_unit_test(read__many_come_back_from_the_file),
	cmocka_unit_test(append__goes_on_after_reading),
	cmocka_unit_test(record__may_be_long),
	cmocka_unit_test(append__tells_what_is_wrong_with_the_file),
	cmocka_unit_test(read__tells_that_the_file_was_cut),
};

UNR_TEST_MAIN("records", tests, NULL);
