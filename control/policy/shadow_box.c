/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/shadow_box.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* One list of a match, and its set. */
struct shadow_list {
	enum list_type type;
	struct list list;
	struct range_set set;
};

static int compare(const void *left, const void *right)
{
	const struct shadow_list *a = left, *b = right;
	uintptr_t first = (uintptr_t)a->list.elements, second = (uintptr_t)b->list.elements;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (first != second)
		return first < second ? -1 : 1;
	return (a->list.count > b->list.count) - (a->list.count < b->list.count);
}

/* The lists of a match in the order of the sets; all without elements are the same list, ANY. */
static void lists_of(const struct match *match, struct shadow_list lists[BOX_SETS])
{
	const void *const elements[] = {
		match->sources, match->destinations, match->source_ports, match->destination_ports};
	const uint32_t counts[] = {match->source_count, match->destination_count,
		match->source_port_count, match->destination_port_count};

	for (int i = 0; i < BOX_SETS; i++)
		lists[i] = (struct shadow_list){
			.type = i < BOX_SOURCE_PORTS ? LIST_ADDRESSES : LIST_PORTS,
			.list = {counts[i] > 0 ? (void *)(uintptr_t)elements[i] : NULL, counts[i]},
		};
}

static const struct range_set *find(
	const struct shadow_boxes *boxes, const struct shadow_list *list)
{
	const struct shadow_list *found =
		bsearch(list, boxes->lists, boxes->list_count, sizeof(*boxes->lists), compare);

	return &found->set;
}

/* Sort the lists, drop the repeated ones, and make their sets. */
static int make_sets(struct shadow_boxes *boxes, uint32_t count)
{
	qsort(boxes->lists, count, sizeof(*boxes->lists), compare);
	for (uint32_t i = 0; i < count; i++) {
		struct shadow_list *last = &boxes->lists[boxes->list_count];

		if (boxes->list_count > 0 && compare(last - 1, &boxes->lists[i]) == 0)
			continue;
		*last = boxes->lists[i];
		if (range_set_init(&last->set, last->type, &last->list) < 0)
			return -ENOMEM;
		boxes->list_count++;
	}
	return 0;
}

static void set_protocols(struct shadow_box *box, const struct match *match)
{
	for (uint32_t i = 0; i < match->protocol_count; i++)
		box->protocols[match->protocols[i] / 64] |= UINT64_C(1) << match->protocols[i] % 64;
	if (match->protocol_count == 0)
		memset(box->protocols, 0xff, sizeof(box->protocols));
	/* With flags only TCP matches. */
	for (int i = 0; i < 4 && match->flag_mask != 0; i++)
		box->protocols[i] &= i == 0 ? UINT64_C(1) << IPPROTO_TCP : 0;
}

int shadow_boxes_init(struct shadow_boxes *boxes, uint32_t count,
	const struct match *(*match_at)(const void *rules, uint32_t index), const void *rules)
{
	*boxes = (struct shadow_boxes){.count = count};
	boxes->boxes = calloc((size_t)count + 1, sizeof(*boxes->boxes));
	boxes->lists = calloc((size_t)count * BOX_SETS + 1, sizeof(*boxes->lists));
	if (!boxes->boxes || !boxes->lists)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		lists_of(match_at(rules, i), &boxes->lists[i * BOX_SETS]);
	if (make_sets(boxes, count * BOX_SETS) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		const struct match *match = match_at(rules, i);
		struct shadow_box *box = &boxes->boxes[i];
		struct shadow_list lists[BOX_SETS];

		lists_of(match, lists);
		for (int j = 0; j < BOX_SETS; j++)
			box->sets[j] = find(boxes, &lists[j]);
		box->flags = match->flags;
		box->flag_mask = match->flag_mask;
		set_protocols(box, match);
	}
	return 0;
}

void shadow_boxes_fini(struct shadow_boxes *boxes)
{
	for (uint32_t i = 0; i < boxes->list_count; i++)
		range_set_fini(&boxes->lists[i].set);
	free(boxes->lists);
	free(boxes->boxes);
}

static bool set_covers(const struct range_set *outer, const struct range_set *inner)
{
	return outer == inner || range_set_covers(outer, inner);
}

/* Whether addresses and ports do; crossed: outer's source with inner's destination. */
static bool ends_cover(const struct shadow_box *outer, const struct shadow_box *inner, bool crossed)
{
	/* Crossing exchanges the two ends, which are neighbours in the enum. */
	for (unsigned int i = 0; i < BOX_SETS; i++) {
		if (!set_covers(outer->sets[i], inner->sets[crossed ? i ^ 1 : i]))
			return false;
	}
	return true;
}

/* The rest: protocols, TCP flags and flow. */
static bool kind_covers(const struct shadow_box *outer, const struct shadow_box *inner)
{
	static const uint8_t dimensions[] = {
		RULE_TO_SERVER | RULE_TO_CLIENT, RULE_ESTABLISHED | RULE_NOT_ESTABLISHED};

	for (int i = 0; i < 4; i++) {
		if (inner->protocols[i] & ~outer->protocols[i])
			return false;
	}
	for (int i = 0; i < 2; i++) {
		uint8_t bits = outer->flow & dimensions[i];

		if (bits != 0 && bits != (inner->flow & dimensions[i]))
			return false;
	}
	return (outer->flag_mask & ~inner->flag_mask) == 0 &&
		(inner->flags & outer->flag_mask) == outer->flags;
}

bool shadow_box_covers(const struct shadow_box *a, const struct shadow_box *b)
{
	if (!kind_covers(a, b))
		return false;
	/* A rule of both directions covers either by either of its own; one of a single direction
	 * covers one of both only if it holds the two. */
	if (a->both)
		return ends_cover(a, b, false) || ends_cover(a, b, true);
	return ends_cover(a, b, false) && (!b->both || ends_cover(a, b, true));
}
