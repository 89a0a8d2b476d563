/* SPDX-License-Identifier: MIT */
/*
 * main() for fuzz targets without libFuzzer: runs each file that is named once,
 * so that every finding stays a test with any compiler.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (16u << 20)

static int run_file(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *room = malloc(INPUT_MAX);
	uint8_t *exact = NULL;
	size_t size = 0;
	int r = -1;

	if (file != NULL && room != NULL)
		size = fread(room, 1, INPUT_MAX, file);
	/* A block of just this size lets the address sanitizer see one byte too far. */
	if (file != NULL && room != NULL && ferror(file) == 0)
		exact = malloc(size == 0 ? 1 : size);
	if (exact != NULL) {
		memcpy(exact, room, size);
		r = LLVMFuzzerTestOneInput(exact, size);
	} else {
		(void) fprintf(stderr, "%s: %s\n", path, strerror(errno));
	}
	if (file != NULL)
		(void) fclose(file);
	free(exact);
	free(room);
	return r;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		(void) fprintf(stderr, "usage: %s FILE...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (run_file(argv[i]) != 0)
			return 1;
		(void) printf("%s: ran\n", argv[i]);
	}
	return 0;
}
