/* SPDX-License-Identifier: BSD-3-Clause */
/* replay: a fuzz target without the fuzzer: every file given is one input. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	enum { INPUT_MAX = 1 << 20 };
	uint8_t *data = malloc(INPUT_MAX);
	FILE *file = fopen(path, "re");
	size_t size;

	if (!file || !data) {
		perror(path);
		return EXIT_FAILURE;
	}
	size = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;

	for (int i = 1; i < argc; i++) {
		if (replay(argv[i]) != EXIT_SUCCESS)
			status = EXIT_FAILURE;
	}
	return argc > 1 ? status : EXIT_FAILURE;
}
