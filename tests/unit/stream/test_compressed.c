/* SPDX-License-Identifier: MIT */
/*
 * stream/: bzip2 and xz, and each of their faults in the engine's words.  The
 * same faults are shown to a real engine in tests/dockerd/compress_cases.py.
 */
#include "gz.h"

struct sample {
	const char *name;
	const char *hex;
	const char *content;
	const char *fault;
};

static const struct sample samples[] = {
	{ "bzip2: whole",
	  "425a6839314159265359e993fdcd000000010030002000210082b17724538509"
	  "0e993fdcd0",
	  "ab", "" },
	{ "bzip2: of nothing", "425a683917724538509000000000", "", "" },
	{ "bzip2: two streams",
	  "425a6839314159265359e993fdcd000000010030002000210082b17724538509"
	  "0e993fdcd0425a683131415926535953e72e7000000001000c002000210082b1"
	  "7724538509053e72e700",
	  "abcd", "" },
	{ "bzip2: runs",
	  "425a68393141592653590ee3fc95000004c10062003000200030cd00c8f211e9"
	  "44ae1772453850900ee3fc95",
	  "aaaabbbbbbbbbaaaaa", "" },
	{ "bzip2: magic alone", "425a68", "", "unexpected EOF" },
	{ "bzip2: cut in the block", "425a6839314159265359e993fdcd000000010030", "",
	  "unexpected EOF" },
	{ "bzip2: cut in the checksum",
	  "425a6839314159265359e993fdcd000000010030002000210082b17724538509"
	  "0e993f",
	  "ab", "unexpected EOF" },
	{ "bzip2: a byte behind",
	  "425a6839314159265359e993fdcd000000010030002000210082b17724538509"
	  "0e993fdcd042",
	  "ab", "unexpected EOF" },
	{ "bzip2: no such level",
	  "425a6830314159265359e993fdcd000000010030002000210082b17724538509"
	  "0e993fdcd0",
	  "", "bzip2 data invalid: invalid compression level" },
	{ "bzip2: another kind behind",
	  "425a6839314159265359e993fdcd000000010030002000210082b17724538509"
	  "0e993fdcd0425a5839",
	  "ab", "bzip2 data invalid: non-Huffman entropy encoding" },
	{ "bzip2: zeros behind",
	  "425a6839314159265359e993fdcd000000010030002000210082b17724538509"
	  "0e993fdcd00000",
	  "ab", "bzip2 data invalid: bad magic value in continuation file" },
	{ "bzip2: no block", "425a68396e6f74206120626c6f636b", "",
	  "bzip2 data invalid: bad magic value found" },
	{ "bzip2: block checksum",
	  "425a68393141592653596993fdcd000000010030002000210082b17724538509"
	  "0e993fdcd0",
	  "ab", "bzip2 data invalid: block checksum mismatch" },
	{ "bzip2: file checksum",
	  "425a6839314159265359e993fdcd000000010030002000210082b17724538509"
	  "0e993f5cd0",
	  "ab", "bzip2 data invalid: file checksum mismatch" },
	{ "bzip2: deprecated randomized files",
	  "425a68393141592653590000000080000040004000200020a028c5dc914e1424"
	  "00000000000000000000000000",
	  "", "bzip2 data invalid: deprecated randomized files" },
	{ "bzip2: no symbols in input",
	  "425a6839314159265359000000000000000000200020a028c5dc914e14240000"
	  "0000000000000000000000",
	  "", "bzip2 data invalid: no symbols in input" },
	{ "bzip2: invalid number of Huffman trees",
	  "425a68393141592653590000000000000040004000100020a028c5dc914e1424"
	  "00000000000000000000000000",
	  "", "bzip2 data invalid: invalid number of Huffman trees" },
	{ "bzip2: tree index too large",
	  "425a68393141592653590000000000000040004000200038280a317724538509"
	  "00000000000000000000000000",
	  "", "bzip2 data invalid: tree index too large" },
	{ "bzip2: Huffman length out of range",
	  "425a6839314159265359000000000000004000400020002062ee48a70a120000"
	  "0000000000000000000000",
	  "", "bzip2 data invalid: Huffman length out of range" },
	{ "bzip2: equal symbols in Huffman tree",
	  "425a6839314159265359000000000000004000400020002080a3177245385090"
	  "000000000000000000000000",
	  "", "bzip2 data invalid: equal symbols in Huffman tree" },
	{ "bzip2: no tree selectors given",
	  "425a6839314159265359000000000000004000400020000140518bb9229c2848"
	  "00000000000000000000000000",
	  "", "bzip2 data invalid: no tree selectors given" },
	{ "bzip2: insufficient selector indices for number of symbols",
	  "425a683931415926535900000000000000400060002000210082aaaaaaaaaaaa"
	  "aaaaaaaaaaaaa1772453850900000000000000000000000000",
	  "", "bzip2 data invalid: insufficient selector indices for number of symbols" },
	{ "bzip2: repeat count too large",
	  "425a68393141592653590000000000000040004000200020a028aaaaaaaaaa85"
	  "dc914e142400000000000000000000000000",
	  "", "bzip2 data invalid: repeat count too large" },
	{ "bzip2: repeats past end of block",
	  "425a68393141592653590000000000000040004000200020a028aaaaaaaaab17"
	  "7245385090000000000000000000000000",
	  "", "bzip2 data invalid: repeats past end of block" },
	{ "bzip2: data exceeds block size",
	  "425a683931415926535900000000000000400060002000210081004545451b17"
	  "7245385090000000000000000000000000",
	  "", "bzip2 data invalid: data exceeds block size" },
	{ "bzip2: origPtr out of bounds",
	  "425a683931415926535900000000000002c0004000200020a02862ee48a70a12"
	  "00000000000000000000000000",
	  "", "bzip2 data invalid: origPtr out of bounds" },
	{ "xz: whole",
	  "fd377a585a000004e6d6b4460200210116000000742fe5a30100016162000000"
	  "46b0840e207365bc00011a02dc2ea57e1fb6f37d010000000004595a",
	  "ab", "" },
	{ "xz: of nothing", "fd377a585a000004e6d6b446000000001cdf44211fb6f37d010000000004595a", "",
	  "" },
	{ "xz: two streams and padding",
	  "fd377a585a000004e6d6b4460200210116000000742fe5a30100016162000000"
	  "46b0840e207365bc00011a02dc2ea57e1fb6f37d010000000004595a00000000"
	  "fd377a585a0000016922de360200210116000000742fe5a30100016364000000"
	  "da8fd64500011602d06110d29042990d010000000001595a0000000000000000",
	  "abcd", "" },
	{ "xz: a check nobody knows",
	  "fd377a585a00000f6e0f66d10200210116000000742fe5a30100016162000000"
	  "6363636363636363636363636363636363636363636363636363636363636363"
	  "6363636363636363636363636363636363636363636363636363636363636363"
	  "00015202d1eb0546976f21ea01000000000f595a",
	  "ab", "exit status 2: " },
	{ "xz: magic alone", "fd377a585a00", "",
	  "exit status 1: xz: (stdin): Unexpected end of input\n" },
	{ "xz: cut in the footer",
	  "fd377a585a000004e6d6b4460200210116000000742fe5a30100016162000000"
	  "46b0840e207365bc00011a02dc2ea57e1fb6f37d01000000000459",
	  "ab", "exit status 1: xz: (stdin): Unexpected end of input\n" },
	{ "xz: header checksum",
	  "fd377a585a000004e4d6b4460200210116000000742fe5a30100016162000000"
	  "46b0840e207365bc00011a02dc2ea57e1fb6f37d010000000004595a",
	  "", "exit status 1: xz: (stdin): Compressed data is corrupt\n" },
	{ "xz: content checksum",
	  "fd377a585a000004e6d6b4460200210116000000742fe5a30100016162000000"
	  "46b0848e207365bc00011a02dc2ea57e1fb6f37d010000000004595a",
	  "ab", "exit status 1: xz: (stdin): Compressed data is corrupt\n" },
	{ "xz: bad padding",
	  "fd377a585a000004e6d6b4460200210116000000742fe5a30100016162000000"
	  "46b0840e207365bc00011a02dc2ea57e1fb6f37d010000000004595a0000",
	  "ab", "exit status 1: xz: (stdin): Compressed data is corrupt\n" },
	{ "xz: another format behind",
	  "fd377a585a000004e6d6b4460200210116000000742fe5a30100016162000000"
	  "46b0840e207365bc00011a02dc2ea57e1fb6f37d010000000004595a425a6839"
	  "314159265359e993fdcd000000010030002000210082b177245385090e993fdc"
	  "d0",
	  "ab", "exit status 1: xz: (stdin): Compressed data is corrupt\n" },
	{ "xz: reserved flags",
	  "fd377a585a000104a7e7af5f0200210116000000742fe5a30100016162000000"
	  "46b0840e207365bc00011a02dc2ea57e1fb6f37d010000000004595a",
	  "", "exit status 1: xz: (stdin): Unsupported options\n" },
};

static unsigned char nibble(char c)
{
	return (unsigned char) (c <= '9' ? c - '0' : c - 'a' + 10);
}

static void put_hex(struct unr_text *text, const char *hex)
{
	for (; hex[0] != '\0'; hex += 2)
		unr_text_append(text, &(char) { (char) (nibble(hex[0]) << 4 | nibble(hex[1])) }, 1);
}

static void sample__gives_its_content_and_its_fault(void **state)
{
	(void) state;
	for (size_t i = 0; i < UNR_COUNT(samples); i++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		print_message("%s\n", samples[i].name);
		put_hex(&bytes, samples[i].hex);
		assert_stream(&bytes, samples[i].content, samples[i].fault);
	}
}

/* Wherever it is cut, the end is told; but an engine reads what has lost its magic as a tar. */
static void sample__cut_anywhere_is_never_whole(void **state)
{
	static const struct {
		size_t row;
		size_t magic;
	} cases[] = { { 0, 3 }, { 26, 6 } };

	(void) state;
	for (size_t i = 0; i < UNR_COUNT(cases); i++) {
		unr_auto(unr_text_done) struct unr_text bytes = { 0 };

		put_hex(&bytes, samples[cases[i].row].hex);
		for (size_t cut = cases[i].magic; cut < bytes.length; cut++) {
			unr_auto(outcome_done) struct outcome outcome =
				read_stream(bytes.bytes, cut, 100);

			assert_string_not_equal(outcome.fault_text, "");
		}
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(sample__gives_its_content_and_its_fault),
	cmocka_unit_test(sample__cut_anywhere_is_never_whole),
};

UNR_TEST_MAIN("compressed", tests, NULL);
