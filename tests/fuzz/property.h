/* SPDX-License-Identifier: BSD-3-Clause */
/* property: what holds of every policy, whatever it was read from. What does not is told on the
 * standard error, and the process ends by abort(). */
#ifndef TIDEGATE_TESTS_FUZZ_PROPERTY_H
#define TIDEGATE_TESTS_FUZZ_PROPERTY_H

#include <stdbool.h>
#include <stddef.h>

#include "control/policy/policy_document.h"

void property_check(bool holds, const char *what, const char *message);

/*
 * A document was refused: -EINVAL, and the message is "FILE:LINE: …", of one of count files and a
 * line that it has, and not cut off. Of a file without any prefix the line is left out.
 */
void property_refused(int result, const char *message, const char *const *paths,
	const char *const *texts, size_t count);

/* A document was accepted: its rules compile, and each shadowed one comes behind what covers it. */
void property_accepted(const struct policy_document *document);

/* Two documents have the same number of rules of each kind. */
void property_alike(const struct policy_document *one, const struct policy_document *other);

#endif
