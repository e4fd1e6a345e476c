/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shadow: rules that are never reached, because one earlier rule that decides accepts every packet
 * that they accept.
 *
 * What is listed is certain. Not found are rules that several earlier ones cover only together,
 * rules that accept no packet at all (addresses of different IP versions, say), stateful rules that
 * no packet reaches because of the stateless ones, and rules of direction ANY of which different
 * earlier rules cover the two directions.
 */
#ifndef TIDEGATE_CONTROL_POLICY_SHADOW_H
#define TIDEGATE_CONTROL_POLICY_SHADOW_H

#include "control/policy/policy_document.h"

/* Indices into the document's rules of the same kind. */
struct shadow {
	bool stateful;
	uint32_t rule; /* of a rule with several TCPFlags: the first of its neighbours */
	uint32_t by;
};

/*
 * List the shadowed rules, stateless ones first, in their order. Each with the first that covers
 * it. Returns 0 with a malloc'ed array (NULL when there are none), or -ENOMEM.
 */
int shadow_find(
	const struct policy_document *document, struct shadow **ret_shadows, uint32_t *ret_count);

#endif
