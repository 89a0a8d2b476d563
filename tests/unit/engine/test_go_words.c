/* SPDX-License-Identifier: MIT */
/* engine/message: errors and quoted strings in Go's words. */
#include "unr_test.h"

#include "engine/engine.h"

/* All of them, as go1.19 has them for linux/amd64. */
static const struct {
	int error;
	const char *text;
} ERRNOS[] = {
	{ 1, "operation not permitted" },
	{ 2, "no such file or directory" },
	{ 3, "no such process" },
	{ 4, "interrupted system call" },
	{ 5, "input/output error" },
	{ 6, "no such device or address" },
	{ 7, "argument list too long" },
	{ 8, "exec format error" },
	{ 9, "bad file descriptor" },
	{ 10, "no child processes" },
	{ 11, "resource temporarily unavailable" },
	{ 12, "cannot allocate memory" },
	{ 13, "permission denied" },
	{ 14, "bad address" },
	{ 15, "block device required" },
	{ 16, "device or resource busy" },
	{ 17, "file exists" },
	{ 18, "invalid cross-device link" },
	{ 19, "no such device" },
	{ 20, "not a directory" },
	{ 21, "is a directory" },
	{ 22, "invalid argument" },
	{ 23, "too many open files in system" },
	{ 24, "too many open files" },
	{ 25, "inappropriate ioctl for device" },
	{ 26, "text file busy" },
	{ 27, "file too large" },
	{ 28, "no space left on device" },
	{ 29, "illegal seek" },
	{ 30, "read-only file system" },
	{ 31, "too many links" },
	{ 32, "broken pipe" },
	{ 33, "numerical argument out of domain" },
	{ 34, "numerical result out of range" },
	{ 35, "resource deadlock avoided" },
	{ 36, "file name too long" },
	{ 37, "no locks available" },
	{ 38, "function not implemented" },
	{ 39, "directory not empty" },
	{ 40, "too many levels of symbolic links" },
	{ 41, "errno 41" },
	{ 42, "no message of desired type" },
	{ 43, "identifier removed" },
	{ 44, "channel number out of range" },
	{ 45, "level 2 not synchronized" },
	{ 46, "level 3 halted" },
	{ 47, "level 3 reset" },
	{ 48, "link number out of range" },
	{ 49, "protocol driver not attached" },
	{ 50, "no CSI structure available" },
	{ 51, "level 2 halted" },
	{ 52, "invalid exchange" },
	{ 53, "invalid request descriptor" },
	{ 54, "exchange full" },
	{ 55, "no anode" },
	{ 56, "invalid request code" },
	{ 57, "invalid slot" },
	{ 58, "errno 58" },
	{ 59, "bad font file format" },
	{ 60, "device not a stream" },
	{ 61, "no data available" },
	{ 62, "timer expired" },
	{ 63, "out of streams resources" },
	{ 64, "machine is not on the network" },
	{ 65, "package not installed" },
	{ 66, "object is remote" },
	{ 67, "link has been severed" },
	{ 68, "advertise error" },
	{ 69, "srmount error" },
	{ 70, "communication error on send" },
	{ 71, "protocol error" },
	{ 72, "multihop attempted" },
	{ 73, "RFS specific error" },
	{ 74, "bad message" },
	{ 75, "value too large for defined data type" },
	{ 76, "name not unique on network" },
	{ 77, "file descriptor in bad state" },
	{ 78, "remote address changed" },
	{ 79, "can not access a needed shared library" },
	{ 80, "accessing a corrupted shared library" },
	{ 81, ".lib section in a.out corrupted" },
	{ 82, "attempting to link in too many shared libraries" },
	{ 83, "cannot exec a shared library directly" },
	{ 84, "invalid or incomplete multibyte or wide character" },
	{ 85, "interrupted system call should be restarted" },
	{ 86, "streams pipe error" },
	{ 87, "too many users" },
	{ 88, "socket operation on non-socket" },
	{ 89, "destination address required" },
	{ 90, "message too long" },
	{ 91, "protocol wrong type for socket" },
	{ 92, "protocol not available" },
	{ 93, "protocol not supported" },
	{ 94, "socket type not supported" },
	{ 95, "operation not supported" },
	{ 96, "protocol family not supported" },
	{ 97, "address family not supported by protocol" },
	{ 98, "address already in use" },
	{ 99, "cannot assign requested address" },
	{ 100, "network is down" },
	{ 101, "network is unreachable" },
	{ 102, "network dropped connection on reset" },
	{ 103, "software caused connection abort" },
	{ 104, "connection reset by peer" },
	{ 105, "no buffer space available" },
	{ 106, "transport endpoint is already connected" },
	{ 107, "transport endpoint is not connected" },
	{ 108, "cannot send after transport endpoint shutdown" },
	{ 109, "too many references: cannot splice" },
	{ 110, "connection timed out" },
	{ 111, "connection refused" },
	{ 112, "host is down" },
	{ 113, "no route to host" },
	{ 114, "operation already in progress" },
	{ 115, "operation now in progress" },
	{ 116, "stale NFS file handle" },
	{ 117, "structure needs cleaning" },
	{ 118, "not a XENIX named type file" },
	{ 119, "no XENIX semaphores available" },
	{ 120, "is a named type file" },
	{ 121, "remote I/O error" },
	{ 122, "disk quota exceeded" },
	{ 123, "no medium found" },
	{ 124, "wrong medium type" },
	{ 125, "operation canceled" },
	{ 126, "required key not available" },
	{ 127, "key has expired" },
	{ 128, "key has been revoked" },
	{ 129, "key was rejected by service" },
	{ 130, "owner died" },
	{ 131, "state not recoverable" },
	{ 132, "operation not possible due to RF-kill" },
	{ 133, "errno 133" },
	{ 512, "errno 512" },
	{ 524, "errno 524" },
	{ 4095, "errno 4095" },
};

static void errno__is_gos_text(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(ERRNOS); i++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };

		unr_go_errno(&text, ERRNOS[i].error);
		assert_string_equal(unr_text_string(&text), ERRNOS[i].text);
	}
}

static void errno__is_appended(void **state)
{
	unr_auto(unr_text_done) struct unr_text text = { 0 };

	(void) state;
	unr_text_puts(&text, "open /f: ");
	unr_go_errno(&text, 20);
	unr_text_puts(&text, ".");
	assert_string_equal(unr_text_string(&text), "open /f: not a directory.");
}

static void quote__is_gos_q(void **state)
{
	static const struct {
		const char *string;
		size_t length;
		const char *quoted;
	} cases[] = {
		{ "", 0, "\"\"" },
		{ "/a", 2, "\"/a\"" },
		{ "a b", 3, "\"a b\"" },
		{ "\a\b\f\n\r\t\v", 7, "\"\\a\\b\\f\\n\\r\\t\\v\"" },
		{ "\"\\", 2, "\"\\\"\\\\\"" },
		{ "'<&>%s", 6, "\"'<&>%s\"" },
		{ "\0\x01\x1f\x7f", 4, "\"\\x00\\x01\\x1f\\x7f\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9,
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "\xff", 1, "\"\\xff\"" },
		{ "a\xc3", 2, "\"a\\xc3\"" },
		{ "\xe2\x82", 2, "\"\\xe2\\x82\"" },
		{ "\xed\xa0\x80", 3, "\"\\xed\\xa0\\x80\"" },
		{ "\xc2\x80\xc2\x9f\xc2\xa0", 6, "\"\\u0080\\u009f\\u00a0\"" },
		{ "\xc2\xa1", 2, "\"\xc2\xa1\"" },
		/* Neither letter nor sign: what only guides, is private, or no character yet. */
		{ "\xc2\xad\xcd\xb8\xe2\x80\xa8\xef\xbb\xbf", 10,
		  "\"\\u00ad\\u0378\\u2028\\ufeff\"" },
		{ "\xee\x80\x80\xf3\xa0\x80\x81\xf4\x8f\xbf\xbf", 11,
		  "\"\\ue000\\U000e0001\\U0010ffff\"" },
		{ "\xf0\x90\x95\xb0", 4, "\"\\U00010570\"" }, /* of Unicode 14 */
		{ "\xef\xbf\xbd", 3, "\"\xef\xbf\xbd\"" },
	};

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text text = { 0 };

		unr_go_quote(&text, cases[i].string, cases[i].length);
		assert_string_equal(unr_text_string(&text), cases[i].quoted);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(errno__is_gos_text),
	cmocka_unit_test(errno__is_appended),
	cmocka_unit_test(quote__is_gos_q),
};

UNR_TEST_MAIN("go_words", tests, NULL);
