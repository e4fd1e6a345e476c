/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow_filter: FlowFilters of a request, compiled to a classifier.
 */
#ifndef TIDEGATE_CONTROL_FLOW_FILTER_H
#define TIDEGATE_CONTROL_FLOW_FILTER_H

#include <jansson.h>

#include "control/api_member.h"
#include "control/reply.h"
#include "lpm/lpm.h"

/* The most entries of FlowFilters. */
enum { FLOW_FILTER_MAX = 20 };

struct flow_filters;

/* The members of a filter, up to one without a name; that of an Address; an entry of Protocols. */
extern const struct api_constraint flow_filter_members[];
extern const struct api_constraint flow_filter_address_definition;
extern const struct api_constraint flow_filter_protocol_string;

/*
 * Check the entries of a list of 1 to FLOW_FILTER_MAX filters. Returns 0, or -1 with the reply an
 * InvalidRequestException that names the member.
 */
int flow_filter_parse(json_t *list, struct flow_filters **ret_filters, struct reply *reply);
void flow_filter_destroy(struct flow_filters *filters);

/*
 * The prefix of an object {"AddressDefinition": text}, and the number of a protocol's text. path
 * names the value in messages. Return 0, or -1 with the reply an InvalidRequestException.
 */
int flow_filter_address(
	json_t *object, const char *path, struct prefix *ret_prefix, struct reply *reply);
int flow_filter_protocol(
	const json_t *value, const char *path, uint8_t *ret_number, struct reply *reply);

/* Returns 0 or what classifier_create() returns. */
int flow_filter_compile(const struct flow_filters *filters, struct classifier **ret_classifier);

#endif
