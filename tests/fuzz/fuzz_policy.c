/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_policy: the documents of a policy as their files hold them.
 *
 * The input is a prefix list, a policy and up to two rule groups, in this order, with a line "---"
 * between them. The files are written into the working directory.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/property.h"

enum { LIST, POLICY, GROUPS, FILES = 4 };

static const char *const paths[FILES] = {"list.txt", "p.json", "g.json", "h.json"};
static const char separator[] = "\n---\n";

struct input {
	char *copy;
	const char *texts[FILES]; /* of the files, within copy */
	uint32_t count;
};

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "we");

	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
}

/* Cut the input into files. */
static void input_init(struct input *input, const uint8_t *data, size_t size)
{
	char *at = input->copy = malloc(size + 1), *end = at + size;

	if (!at)
		exit(EXIT_FAILURE);
	memcpy(at, data, size);
	*end = '\0';
	for (input->count = 0; input->count < FILES && at; input->count++) {
		char *next = memmem(at, (size_t)(end - at), separator, strlen(separator));
		size_t length = (size_t)((next ? next : end) - at);

		write_file(paths[input->count], at, length);
		at[length] = '\0';
		input->texts[input->count] = at;
		at = next ? next + strlen(separator) : NULL;
	}
}

static void input_fini(struct input *input)
{
	for (uint32_t i = 0; i < input->count; i++)
		unlink(paths[i]);
	free(input->copy);
}

/* Returns the document, or NULL when it was refused as it should. */
static struct policy_document *load(const struct input *input, bool skip_unsupported)
{
	const struct policy_prefix_list list = {"list", paths[LIST]};
	const struct policy_files files = {
		.policy = paths[POLICY],
		.rule_groups = &paths[GROUPS],
		.rule_group_count = input->count - GROUPS,
		.prefix_lists = &list,
		.prefix_list_count = 1,
	};
	char message[POLICY_MESSAGE_SIZE];
	struct policy_document *document = NULL;
	int result =
		policy_document_load(&files, skip_unsupported, &document, message, sizeof(message));

	if (result == 0) {
		property_accepted(document);
		return document;
	}
	property_refused(result, message, paths, input->texts, input->count);
	for (const char *at = message; *at != '\0'; at++)
		property_check(!iscntrl((unsigned char)*at), "a message is one line", message);
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.count = 0};

	input_init(&input, data, size);
	if (input.count >= GROUPS) {
		struct policy_document *whole = load(&input, false);
		struct policy_document *rest = load(&input, true);

		property_check(
			rest || !whole, "what is supported loads with the rest left out", "");
		if (whole)
			property_alike(whole, rest);
		policy_document_destroy(whole);
		policy_document_destroy(rest);
	}
	input_fini(&input);
	return 0;
}
