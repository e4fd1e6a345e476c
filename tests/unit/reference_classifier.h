/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reference_classifier: what lpm.h says of a match, done in the plainest way, for the classifier
 * to be compared with. It walks the list and compares field by field, address bit by address bit.
 */
#ifndef TIDEGATE_TESTS_UNIT_REFERENCE_CLASSIFIER_H
#define TIDEGATE_TESTS_UNIT_REFERENCE_CLASSIFIER_H

#include "lpm/lpm.h"

/* The index of the first of count matches that accepts the tuple, or -1. */
int32_t reference_classifier_first(
	const struct match *matches, uint32_t count, const struct tuple *tuple);

/* The same of those behind index after. */
int32_t reference_classifier_next(
	const struct match *matches, uint32_t count, const struct tuple *tuple, int32_t after);

#endif
