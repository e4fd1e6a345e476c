/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Overview: flows are kept in an array in the order of their first record. While records come in
 * from several workers, an open-addressing table with linear probing finds a flow by its
 * conversation: a slot has the hash, the index of the flow and the workers that it came from. The
 * hash is keyed: whoever sends the packets chooses the tuples, and cannot aim them at one slot.
 */
#include "control/merge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	FLOWS_FIRST = 64, /* flows in the first allocation */
	SLOTS_FIRST = 256,
};

struct slot {
	uint64_t workers; /* bit by worker */
	uint32_t hash;
	uint32_t flow; /* index plus one, 0: the slot is free */
};

struct merge {
	struct flow_record *flows;
	uint32_t count;
	uint32_t capacity;
	uint32_t limit;
	uint32_t asymmetric;
	struct slot *slots;  /* NULL with one worker: nothing to merge */
	uint64_t slot_count; /* a power of two, at least 4/3 of count */
	struct hash_secret secret;
};

int merge_create(uint16_t worker_count, uint32_t limit, uint64_t expected, struct merge **ret_merge)
{
	struct merge *merge = calloc(1, sizeof(*merge));
	int error;

	if (merge == NULL)
		return -ENOMEM;
	merge->limit = limit;
	if (worker_count > 1) {
		error = hash_secret_draw(&merge->secret);
		if (error < 0)
			goto fail;
		merge->slot_count = SLOTS_FIRST;
		while (merge->slot_count < 2 * (expected < limit ? expected : limit))
			merge->slot_count *= 2;
		merge->slots = calloc(merge->slot_count, sizeof(*merge->slots));
		if (merge->slots == NULL) {
			error = -ENOMEM;
			goto fail;
		}
	}
	*ret_merge = merge;
	return 0;

fail:
	free(merge);
	return error;
}

void merge_destroy(struct merge *merge)
{
	if (merge == NULL)
		return;
	free(merge->slots);
	free(merge->flows);
	free(merge);
}

static bool is_of(const struct flow_record *flow, const struct conversation *conversation)
{
	struct conversation own;

	conversation_of(flow, &own);
	return memcmp(&own, conversation, sizeof(own)) == 0;
}

/* Of two records of one conversation: whether they are seen from different ends. */
static bool is_reversed(const struct flow_record *a, const struct flow_record *b)
{
	return a->source_port != b->source_port ||
		memcmp(a->source, b->source, sizeof(a->source)) != 0;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * The one that saw the first packet knows the source, and its rule judged the conversation. A state
 * is further than another when its number is higher; packets of both directions make an established
 * flow, wherever they came in.
 */
static void join(struct flow_record *flow, const struct flow_record *record)
{
	bool older = record->first_seen < flow->first_seen, reversed = is_reversed(flow, record);
	struct flow_record joined = older ? *record : *flow;
	const struct flow_record *other = older ? flow : record;

	for (int direction = 0; direction < 2; direction++) {
		joined.packets[direction] += other->packets[direction ^ reversed];
		joined.bytes[direction] += other->bytes[direction ^ reversed];
	}
	joined.last_seen = later(flow->last_seen, record->last_seen);
	joined.captured = later(flow->captured, record->captured);
	joined.state = flow->state > record->state ? flow->state : record->state;
	if (joined.state == FLOW_NEW && joined.packets[0] != 0 && joined.packets[1] != 0)
		joined.state = FLOW_ESTABLISHED;
	*flow = joined;
}

static struct slot *free_slot(struct slot *slots, uint64_t slot_count, uint32_t hash)
{
	uint64_t mask = slot_count - 1, i = hash & mask;

	while (slots[i].flow != 0)
		i = (i + 1) & mask;
	return &slots[i];
}

/*
 * Keep at least a quarter of the slots free. Slots move in an order that begins behind a free one,
 * so that a chain that goes over the table's end is not turned round: of two flows of one
 * conversation the earlier one stays the one that is found first.
 */
static int slots_reserve(struct merge *merge)
{
	uint64_t mask = merge->slot_count - 1, begin = 0;
	struct slot *slots;

	if ((uint64_t)merge->count + 1 <= merge->slot_count / 4 * 3)
		return 0;
	slots = calloc(merge->slot_count * 2, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	while (merge->slots[begin].flow != 0)
		begin++;
	for (uint64_t i = begin; i < begin + merge->slot_count; i++) {
		const struct slot *slot = &merge->slots[i & mask];

		if (slot->flow != 0)
			*free_slot(slots, merge->slot_count * 2, slot->hash) = *slot;
	}
	free(merge->slots);
	merge->slots = slots;
	merge->slot_count *= 2;
	return 0;
}

static int append(struct merge *merge, const struct flow_record *record)
{
	if (merge->count == merge->limit)
		return -ENOSPC;
	if (merge->count == merge->capacity) {
		uint64_t capacity =
			merge->capacity == 0 ? FLOWS_FIRST : 2 * (uint64_t)merge->capacity;
		struct flow_record *flows;

		if (capacity > merge->limit)
			capacity = merge->limit;
		flows = reallocarray(merge->flows, capacity, sizeof(*flows));
		if (flows == NULL)
			return -ENOMEM;
		merge->flows = flows;
		merge->capacity = (uint32_t)capacity;
	}
	merge->flows[merge->count++] = *record;
	return 0;
}

int merge_add(struct merge *merge, uint16_t worker, const struct flow_record *record)
{
	uint64_t bit = UINT64_C(1) << worker, mask = merge->slot_count - 1;
	struct conversation conversation;
	uint32_t hash;
	int error;

	if (merge->slots == NULL)
		return append(merge, record);
	conversation_of(record, &conversation);
	hash = conversation_hash(&merge->secret, &conversation);
	for (uint64_t i = hash & mask; merge->slots[i].flow != 0; i = (i + 1) & mask) {
		struct slot *slot = &merge->slots[i];
		struct flow_record *flow = &merge->flows[slot->flow - 1];

		if (slot->hash == hash && (slot->workers & bit) == 0 &&
			is_of(flow, &conversation)) {
			join(flow, record);
			merge->asymmetric += (slot->workers & (slot->workers - 1)) == 0;
			slot->workers |= bit;
			return 0;
		}
	}
	error = slots_reserve(merge);
	if (error == 0)
		error = append(merge, record);
	if (error == 0)
		*free_slot(merge->slots, merge->slot_count, hash) =
			(struct slot){.workers = bit, .hash = hash, .flow = merge->count};
	return error;
}

void merge_clear(struct merge *merge)
{
	merge->count = 0;
	merge->asymmetric = 0;
	if (merge->slots != NULL)
		memset(merge->slots, 0, merge->slot_count * sizeof(*merge->slots));
}

void merge_keep(struct merge *merge, const struct walk_scope *scope, uint64_t start)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < merge->count; i++)
		if (walk_scope_accepts(scope, &merge->flows[i], start))
			merge->flows[kept++] = merge->flows[i];
	merge->count = kept;
}

void merge_close(struct merge *merge)
{
	struct flow_record *flows;

	free(merge->slots);
	merge->slots = NULL;
	merge->slot_count = 0;
	if (merge->count == 0)
		return;
	flows = reallocarray(merge->flows, merge->count, sizeof(*flows));
	if (flows == NULL)
		return; /* the array stays as large as it was */
	merge->flows = flows;
	merge->capacity = merge->count;
}

uint32_t merge_count(const struct merge *merge)
{
	return merge->count;
}

const struct flow_record *merge_flow(const struct merge *merge, uint32_t index)
{
	return &merge->flows[index];
}

uint32_t merge_asymmetric(const struct merge *merge)
{
	return merge->asymmetric;
}
