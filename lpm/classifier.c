/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/classifier.h"

#include <errno.h>
#include <stdlib.h>

static bool ports_valid(const struct match_port *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i].low > list[i].high)
			return false;
	return true;
}

/* Address lists are checked where they are taken in, as matches may share long ones. */
static bool match_valid(const struct match *match)
{
	return ports_valid(match->source_ports, match->source_port_count) &&
		ports_valid(match->destination_ports, match->destination_port_count) &&
		(match->flags & ~match->flag_mask) == 0;
}

static int make_addresses(struct classifier *classifier, struct sweep *sweep)
{
	for (uint32_t d = 0; d < CLASSIFIER_ADDRESSES; d++) {
		struct address_class *versions = classifier->addresses[d];
		int result = address_class_init(
			&versions[0], sweep, &classifier->layout, (enum dimension)d, 4);
		if (result == 0)
			result = address_class_init(
				&versions[1], sweep, &classifier->layout, (enum dimension)d, 6);
		if (result != 0)
			return result;
	}
	return 0;
}

/* Make the tables of every dimension, and the bitsets they lead to. */
static int make_tables(struct classifier *classifier)
{
	struct bitset_builder bitsets;
	struct sweep sweep;

	int result = bitset_init(&bitsets, classifier->layout.block_count);
	if (result != 0)
		return result;
	sweep_init(&sweep, &bitsets);
	result = make_addresses(classifier, &sweep);
	if (result == 0)
		result = service_class_init(&classifier->service, &sweep, &classifier->layout);
	if (result == 0)
		result = bitset_finish(&bitsets, &classifier->bitsets);
	sweep_fini(&sweep);
	bitset_fini(&bitsets);
	return result;
}

static bool asks_for_nothing(const struct match *match)
{
	return match->source_count == 0 && match->destination_count == 0 &&
		match->source_port_count == 0 && match->destination_port_count == 0 &&
		match->protocol_count == 0 && match->flag_mask == 0;
}

/* Make the candidates, unless there are so many addresses that it would only take time. */
static int make_candidates(struct classifier *classifier)
{
	enum { INTERVALS_MAX = 1 << 18 };
	/* As much as all the rest, of which those of the benchmark's 30,000 rules take 0.9. */
	size_t most = classifier_memory(classifier);

	for (uint32_t d = 0; d < CLASSIFIER_ADDRESSES; d++)
		if (classifier->addresses[d][0].ipv4.class_count > INTERVALS_MAX)
			return 0;
	return candidates_init(
		&classifier->candidates, &classifier->layout, &classifier->service.protocol, most);
}

int classifier_create(
	const struct match *matches, uint32_t count, struct classifier **ret_classifier)
{
	int result;

	if (count > CLASSIFIER_MATCH_MAX)
		return -E2BIG;
	for (uint32_t i = 0; i < count; i++)
		if (!match_valid(&matches[i]))
			return -EINVAL;
	struct classifier *classifier = calloc(1, sizeof(*classifier));
	if (classifier == NULL)
		return -ENOMEM;
	classifier->takes_all = count > 0 && asks_for_nothing(&matches[0]);
	result = layout_init(&classifier->layout, matches, count);
	if (result == 0)
		result = make_tables(classifier);
	if (result == 0)
		result = make_candidates(classifier);
	layout_release_matches(&classifier->layout);
	if (result != 0) {
		classifier_destroy(classifier);
		return result;
	}
	*ret_classifier = classifier;
	return 0;
}

void classifier_destroy(struct classifier *classifier)
{
	if (classifier == NULL)
		return;
	candidates_fini(&classifier->candidates);
	service_class_fini(&classifier->service);
	for (uint32_t i = 0; i < CLASSIFIER_ADDRESSES; i++)
		for (uint32_t j = 0; j < CLASSIFIER_VERSIONS; j++)
			address_class_fini(&classifier->addresses[i][j]);
	bitset_pool_fini(&classifier->bitsets);
	layout_fini(&classifier->layout);
	free(classifier);
}

bool classifier_takes_all(const struct classifier *classifier)
{
	return classifier->takes_all;
}

size_t classifier_memory(const struct classifier *classifier)
{
	size_t memory = sizeof(*classifier) + layout_memory(&classifier->layout) +
		bitset_pool_memory(&classifier->bitsets) +
		service_class_memory(&classifier->service) +
		candidates_memory(&classifier->candidates);

	for (uint32_t i = 0; i < CLASSIFIER_ADDRESSES; i++)
		for (uint32_t j = 0; j < CLASSIFIER_VERSIONS; j++)
			memory += address_class_memory(&classifier->addresses[i][j]);
	return memory;
}
