/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/flow_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct member {
	struct conversation conversation;
	uint64_t first_seen;
	uint64_t captured;
};

struct flow_set {
	struct hash_secret secret;
	struct member *members;
	uint32_t count;
	uint32_t capacity;
	uint32_t *slots; /* number of a member, from 1 on; 0: free */
	uint64_t mask;	 /* slots are a power of two, more than twice the capacity */
};

static uint64_t first_slot(const struct flow_set *set, const struct conversation *conversation)
{
	return conversation_hash(&set->secret, conversation) & set->mask;
}

int flow_set_create(uint32_t capacity, struct flow_set **ret_set)
{
	struct flow_set *set = calloc(1, sizeof(*set));
	uint64_t slots = 2;
	int error;

	if (set == NULL)
		return -ENOMEM;
	while (slots <= 2 * (uint64_t)capacity)
		slots *= 2;
	set->mask = slots - 1;
	set->capacity = capacity;
	set->members = calloc((size_t)capacity + 1, sizeof(*set->members));
	set->slots = calloc(slots, sizeof(*set->slots));
	error = set->members != NULL && set->slots != NULL ? hash_secret_draw(&set->secret)
							   : -ENOMEM;
	if (error < 0) {
		flow_set_destroy(set);
		return error;
	}
	*ret_set = set;
	return 0;
}

int flow_set_add(struct flow_set *set, const struct flow_record *flow)
{
	struct member *member = &set->members[set->count];
	uint64_t slot;

	if (set->count == set->capacity)
		return -ENOSPC;
	conversation_of(flow, &member->conversation);
	member->first_seen = flow->first_seen;
	member->captured = flow->captured;
	slot = first_slot(set, &member->conversation);
	while (set->slots[slot] != 0)
		slot = (slot + 1) & set->mask;
	set->slots[slot] = ++set->count;
	return 0;
}

void flow_set_destroy(struct flow_set *set)
{
	if (set == NULL)
		return;
	free(set->slots);
	free(set->members);
	free(set);
}

/* A flow that ended makes way for the next one of its tuple in the moment that it is captured. */
static bool began_within(const struct member *member, uint64_t first_seen)
{
	return first_seen == member->first_seen ||
		(first_seen > member->first_seen && first_seen < member->captured);
}

bool flow_set_has(const struct flow_set *set, const struct flow_record *flow)
{
	struct conversation conversation;
	uint64_t slot;

	conversation_of(flow, &conversation);
	slot = first_slot(set, &conversation);
	for (; set->slots[slot] != 0; slot = (slot + 1) & set->mask) {
		const struct member *member = &set->members[set->slots[slot] - 1];

		if (began_within(member, flow->first_seen) &&
			memcmp(&member->conversation, &conversation, sizeof(conversation)) == 0)
			return true;
	}
	return false;
}
