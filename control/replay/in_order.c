/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/replay/in_order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SIZE_MIN = 64 };

struct in_order_slot {
	struct offline_verdict verdict;
	bool decided;
};

static struct in_order_slot *slot_of(const struct in_order *queue, uint64_t number)
{
	return &queue->slots[number & (queue->size - 1)];
}

/* Make room for a number. */
static int grow(struct in_order *queue, uint64_t number)
{
	struct in_order larger = {.size = queue->size > 0 ? queue->size : SIZE_MIN};

	while (number - queue->next >= larger.size)
		larger.size *= 2;
	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return -ENOMEM;
	for (uint64_t i = queue->next; i - queue->next < queue->size; i++)
		*slot_of(&larger, i) = *slot_of(queue, i);
	free(queue->slots);
	queue->slots = larger.slots;
	queue->size = larger.size;
	return 0;
}

int in_order_put(struct in_order *queue, const struct offline_verdict *verdict)
{
	struct in_order_slot *slot;

	if (verdict->number - queue->next >= queue->size && grow(queue, verdict->number) < 0)
		return -ENOMEM;
	slot = slot_of(queue, verdict->number);
	slot->verdict = *verdict;
	slot->decided = true;
	return 0;
}

const struct offline_verdict *in_order_get(struct in_order *queue)
{
	struct in_order_slot *slot;

	if (queue->size == 0)
		return NULL;
	slot = slot_of(queue, queue->next);
	if (!slot->decided)
		return NULL;
	slot->decided = false;
	queue->next++;
	return &slot->verdict;
}

void in_order_fini(struct in_order *queue)
{
	free(queue->slots);
}
