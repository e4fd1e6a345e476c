/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/config_fixture.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void config_fixture_write(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* A copy with backticks made double quotes. */
static char *quote(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *at = copy; (at = strchr(at, '`'));)
		*at = '"';
	return copy;
}

void config_fixture_write_text(const char *path, const char *text)
{
	char *quoted = quote(text);

	config_fixture_write(path, quoted, strlen(quoted));
	free(quoted);
}

bool config_fixture_refuses(const char *path, int error, const char *message)
{
	struct config *config = NULL;
	char *expected = quote(message);
	char actual[CONFIG_MESSAGE_SIZE] = "none";
	int ret = config_load(path, NULL, &config, actual, sizeof(actual));
	bool same = ret == error && !config && strcmp(actual, expected) == 0;

	if (!same)
		print_error("%d %s\n  expected %d %s\n", ret, actual, error, expected);
	config_destroy(config);
	free(expected);
	return same;
}

struct config *config_fixture_load(const char *text)
{
	struct config *config = NULL;
	char message[CONFIG_MESSAGE_SIZE] = "";

	config_fixture_write_text(FILE_NAME, text);
	if (config_load(FILE_NAME, NULL, &config, message, sizeof(message)) != 0)
		fail_msg("%s", message);
	return config;
}

void config_fixture_check(const struct config_fixture_error *errors, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		char message[CONFIG_MESSAGE_SIZE];

		snprintf(message, sizeof(message), "%s%s", FILE_NAME, errors[i].message);
		config_fixture_write_text(FILE_NAME, errors[i].text);
		wrong += !config_fixture_refuses(FILE_NAME, -EINVAL, message);
	}
	assert_int_equal(wrong, 0);
}
