/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config_fixture: configuration files, written, read and refused. In the texts a backtick stands
 * for a double quote.
 */
#ifndef TIDEGATE_TESTS_UNIT_CONFIG_FIXTURE_H
#define TIDEGATE_TESTS_UNIT_CONFIG_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "control/config.h"

#define FILE_NAME "t.json" /* in the test's directory, which is the working directory */
#define PORT_A "{`name`: `a`, `device`: `net_null0`}"
#define PORT_B "{`name`: `b`, `device`: `net_null1`}"
#define PORTS "`ports`: [" PORT_A ", " PORT_B "]"
#define AND_PORTS ",\n" PORTS "}"
#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256 X64 X64 X64 X64

/* A text that is refused with a message, which has the file's name before it. */
struct config_fixture_error {
	const char *text;
	const char *message;
};

void config_fixture_write(const char *path, const char *bytes, size_t length);
void config_fixture_write_text(const char *path, const char *text);

/* Write a text to FILE_NAME and load it; fails the test when it is refused. */
struct config *config_fixture_load(const char *text);

/* Whether a file is refused with one message; prints what it is when it is another. */
bool config_fixture_refuses(const char *path, int error, const char *message);

/* Fails the test unless each is refused with its message. */
void config_fixture_check(const struct config_fixture_error *errors, size_t count);

#endif
