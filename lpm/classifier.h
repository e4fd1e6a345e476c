/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * classifier: the parts of a compiled classifier.
 *
 * Overview: layout gives every match a position. For each dimension, sweep walks the values and
 * tells which positions accept them; bitset keeps each such set once, as a class; address_class
 * and service_class map the fields of a tuple to classes, three to five of them. A lookup takes the
 * first position that all of them have. For IPv4 candidates finds the first match, where it can.
 */
#ifndef TIDEGATE_LPM_CLASSIFIER_H
#define TIDEGATE_LPM_CLASSIFIER_H

#include "lpm/address_class.h"
#include "lpm/bitset.h"
#include "lpm/candidates.h"
#include "lpm/layout.h"
#include "lpm/lpm.h"
#include "lpm/service_class.h"

enum {
	CLASSIFIER_ADDRESSES = DIMENSION_DESTINATION + 1, /* dimensions that are addresses */
	CLASSIFIER_VERSIONS = 2,			  /* IPv4, IPv6 */
};

struct classifier {
	struct layout layout;
	struct bitset_pool bitsets;
	struct address_class addresses[CLASSIFIER_ADDRESSES][CLASSIFIER_VERSIONS];
	struct service_class service;
	bool takes_all; /* see classifier_takes_all() */
	struct candidates candidates;
};

#endif
