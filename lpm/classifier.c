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

/* The class of a dimension that no match looks at. */
static int make_everything(struct classifier *classifier, struct sweep *sweep)
{
	const struct layout *layout = &classifier->layout;

	sweep_begin(sweep);
	if (sweep_open_list(sweep) != 0)
		return -ENOMEM;
	sweep_include(sweep);
	for (uint32_t position = 0; position < layout_positions(layout); position++)
		if (layout->matches[position] != NULL && sweep_join(sweep, position) != 0)
			return -ENOMEM;
	return sweep_base(sweep, &classifier->everything);
}

static int make_dimension(
	struct classifier *classifier, struct sweep *sweep, enum dimension dimension)
{
	const struct layout *layout = &classifier->layout;

	if (dimension > DIMENSION_DESTINATION)
		return value_class_init(&classifier->values[dimension - CLASSIFIER_ADDRESSES],
			sweep, layout, dimension);
	struct address_class *versions = classifier->addresses[dimension];
	int result = address_class_init(&versions[0], sweep, layout, dimension, 4);
	return result != 0 ? result : address_class_init(&versions[1], sweep, layout, dimension, 6);
}

/* Make the tables of every dimension that some match looks at, and the bitsets they lead to. */
static int make_tables(struct classifier *classifier)
{
	struct bitset_builder bitsets;
	struct sweep sweep;

	int result = bitset_init(&bitsets, classifier->layout.block_count);
	if (result != 0)
		return result;
	sweep_init(&sweep, &bitsets);
	result = make_everything(classifier, &sweep);
	for (uint32_t d = 0; d < DIMENSION_COUNT && result == 0; d++)
		if (classifier->layout.looks >> d & 1)
			result = make_dimension(classifier, &sweep, d);
	if (result == 0)
		result = bitset_finish(&bitsets, &classifier->bitsets);
	sweep_fini(&sweep);
	bitset_fini(&bitsets);
	return result;
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
	result = layout_init(&classifier->layout, matches, count);
	if (result == 0)
		result = make_tables(classifier);
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
	for (uint32_t i = 0; i < CLASSIFIER_VALUES; i++)
		value_class_fini(&classifier->values[i]);
	for (uint32_t i = 0; i < CLASSIFIER_ADDRESSES; i++)
		for (uint32_t j = 0; j < CLASSIFIER_VERSIONS; j++)
			address_class_fini(&classifier->addresses[i][j]);
	bitset_pool_fini(&classifier->bitsets);
	layout_fini(&classifier->layout);
	free(classifier);
}

size_t classifier_memory(const struct classifier *classifier)
{
	size_t memory = sizeof(*classifier) + layout_memory(&classifier->layout) +
		bitset_pool_memory(&classifier->bitsets);

	for (uint32_t i = 0; i < CLASSIFIER_VALUES; i++)
		memory += value_class_memory(&classifier->values[i]);
	for (uint32_t i = 0; i < CLASSIFIER_ADDRESSES; i++)
		for (uint32_t j = 0; j < CLASSIFIER_VERSIONS; j++)
			memory += address_class_memory(&classifier->addresses[i][j]);
	return memory;
}
