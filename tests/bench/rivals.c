/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/rivals.h"

#include <stdio.h>
#include <stdlib.h>

enum { RULES_SEED = 20261123 };

void rivals_single(void *context)
{
	struct rivals *rivals = context;

	for (uint32_t i = 0; i < RULESET_TUPLES; i++)
		rivals->results[i] =
			classifier_first(rivals->classifier, &rivals->ruleset->tuples[i]);
}

void rivals_bulk(void *context)
{
	struct rivals *rivals = context;

	for (uint32_t i = 0; i < RULESET_TUPLES; i += RIVALS_BULK)
		classifier_first_bulk(rivals->classifier, &rivals->ruleset->tuples[i], RIVALS_BULK,
			&rivals->results[i]);
}

void rivals_acl_single(void *context)
{
	struct rivals *rivals = context;

	acl_classify(rivals->acl, 1, rivals->acl_results);
}

void rivals_acl_bulk(void *context)
{
	struct rivals *rivals = context;

	acl_classify(rivals->acl, RIVALS_BULK, rivals->acl_results);
}

void rivals_build(void *context)
{
	struct rivals *rivals = context;

	classifier_destroy(rivals->classifier);
	rivals->classifier = NULL;
	if (classifier_create(
		    rivals->ruleset->matches, rivals->ruleset->count, &rivals->classifier) != 0)
		abort();
}

void rivals_acl_build(void *context)
{
	struct rivals *rivals = context;

	if (acl_build(rivals->acl) != 0)
		abort();
}

void rivals_fini(struct rivals *rivals)
{
	classifier_destroy(rivals->classifier);
	acl_destroy(rivals->acl);
	ruleset_destroy(rivals->ruleset);
}

int rivals_init(struct rivals *rivals, uint32_t rules, uint8_t version, bool with_acl)
{
	*rivals = (struct rivals){.ruleset = ruleset_create(rules, version, RULES_SEED)};
	if (rivals->ruleset == NULL ||
		classifier_create(rivals->ruleset->matches, rules, &rivals->classifier) != 0)
		goto fail;
	if (!with_acl)
		return 0;
	rivals->acl = acl_create(rivals->ruleset);
	if (rivals->acl != NULL && acl_build(rivals->acl) == 0)
		return 0;
fail:
	fprintf(stderr, "%u rules of IPv%u: not enough memory\n", rules, version);
	rivals_fini(rivals);
	return -1;
}

double rivals_agree(struct rivals *rivals)
{
	uint32_t matched = 0;

	rivals_bulk(rivals);
	rivals_acl_bulk(rivals);
	for (uint32_t i = 0; i < RULESET_TUPLES; i++) {
		if (rivals->results[i] + 1 != (int32_t)rivals->acl_results[i]) {
			fprintf(stderr, "%u rules of IPv%u, tuple %u: %d here, rte_acl %d\n",
				rivals->ruleset->count, rivals->ruleset->version, i,
				rivals->results[i], (int32_t)rivals->acl_results[i] - 1);
			return -1;
		}
		matched += rivals->results[i] >= 0;
	}
	return (double)matched / RULESET_TUPLES;
}
