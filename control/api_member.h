/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * api_member: the members of the flow API's requests with their constraints.
 *
 * Overview: one table row a member (names, patterns and limits of the public API model, version
 * 2020-11-12, and of the extensions). An action says which rows it takes; api_member_parse() checks
 * a request's params against them.
 */
#ifndef TIDEGATE_CONTROL_API_MEMBER_H
#define TIDEGATE_CONTROL_API_MEMBER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/reply.h"

enum api_member {
	MEMBER_FIREWALL_ARN,
	MEMBER_AVAILABILITY_ZONE,
	MEMBER_VPC_ENDPOINT_ASSOCIATION_ARN,
	MEMBER_VPC_ENDPOINT_ID,
	MEMBER_MINIMUM_FLOW_AGE,
	MEMBER_FLOW_FILTERS,
	MEMBER_FLOW_OPERATION_ID,
	MEMBER_FLOW_OPERATION_TYPE,
	MEMBER_MAX_RESULTS,
	MEMBER_NEXT_TOKEN,
	MEMBER_TIME_BOX,
	MEMBER_LIMIT,
	MEMBER_WINDOW,
	MEMBER_SORT_BY,
	MEMBER_TRANSIENT,
	MEMBER_MAXIMUM_FLOW_AGE,
	MEMBER_MINIMUM_BYTE_COUNT,
	MEMBER_MINIMUM_PACKET_COUNT,
	MEMBER_MINIMUM_IDLE,
	MEMBER_STATES,
	MEMBER_ACTIONS,
	MEMBER_VLANS,
	MEMBER_IP_VERSION,
	MEMBER_DENIED_BY_POLICY,
	MEMBER_CLIENT_TOKEN,
	MEMBER_DRY_RUN,
	MEMBER_MAX_FLOWS,
	MEMBER_OF_OPERATION,
	MEMBER_REJECT,
	MEMBER_SOURCE_ADDRESS,
	MEMBER_DESTINATION_ADDRESS,
	MEMBER_SOURCE_PORT,
	MEMBER_DESTINATION_PORT,
	MEMBER_PROTOCOL,
	MEMBER_TCP_FLAGS,
	MEMBER_ESTABLISHED,
	MEMBER_DIRECTION,
	MEMBER_FRAGMENT,
	MEMBER_FIREWALL_NAME,
	MEMBER_VPC_IDS,
	MEMBER_FIREWALL_POLICY_NAME,
	MEMBER_FIREWALL_POLICY_ARN,
	MEMBER_RULE_GROUP_NAME,
	MEMBER_RULE_GROUP_ARN,
	MEMBER_TYPE,
	MEMBER_ANALYZE_RULE_GROUP,
	MEMBER_SCOPE,
	MEMBER_MANAGED_TYPE,
	MEMBER_SUBSCRIPTION_STATUS,
	MEMBER_COUNT,
};

#define MEMBER_BIT(member) (UINT64_C(1) << MEMBER_##member)

/* The members that name a firewall; every flow action takes them. */
#define MEMBERS_FIREWALL                                                                           \
	(MEMBER_BIT(FIREWALL_ARN) | MEMBER_BIT(AVAILABILITY_ZONE) |                                \
		MEMBER_BIT(VPC_ENDPOINT_ASSOCIATION_ARN) | MEMBER_BIT(VPC_ENDPOINT_ID))

/* The members that ask for a page of a list. */
#define MEMBERS_PAGE (MEMBER_BIT(MAX_RESULTS) | MEMBER_BIT(NEXT_TOKEN))

/* Values borrowed from the params. */
struct api_input {
	json_t *values[MEMBER_COUNT]; /* NULL: not given */
};

/*
 * Check params (an object, or NULL for none) against the rows of mask. Returns 0, or -1 with the
 * reply an InvalidRequestException. Filters are checked for their form alone; see flow_filter.h.
 */
int api_member_parse(const char *action, uint64_t mask, json_t *params, struct api_input *input,
	struct reply *reply);

/* As requests spell it. */
const char *api_member_name(enum api_member member);

/* A string, or NULL when it is not given. */
const char *api_member_string(const struct api_input *input, enum api_member member);

/* Whether it is given, and true. */
bool api_member_boolean(const struct api_input *input, enum api_member member);

/* An integer, or its default when it is not given. */
int64_t api_member_integer(const struct api_input *input, enum api_member member);

/* A new object of the members of mask that are given, by their names; NULL without memory. */
json_t *api_member_pack(const struct api_input *input, uint64_t mask);

/*
 * Make the reply an error: "PATH PROBLEM, parameter: [VALUE], context: PATH". value may be NULL
 * (nothing given); a long one is cut. Returns -1.
 */
int api_member_fail(struct reply *reply, enum reply_error error, const char *path,
	const json_t *value, const char *problem, ...) __attribute__((format(printf, 5, 6)));

enum api_type {
	API_STRING,
	API_INTEGER,
	API_EITHER, /* an integer, the minimum or the maximum and none between */
	API_LIST,
	API_OBJECT,
	API_BOOLEAN,
};

/* A member's constraints. */
struct api_constraint {
	const char *name;
	enum api_type type;
	bool required;
	int64_t minimum; /* of an integer, of a string's characters, of a list's entries */
	int64_t maximum;
	const char *pattern;   /* POSIX extended regular expression of a string, or NULL */
	int64_t default_value; /* of an integer that is not required */
};

/* A member's row of the table. */
const struct api_constraint *api_member_constraint(enum api_member member);

/* Check one value; path names it in messages. Returns 0 or -1. */
int api_constraint_check(const struct api_constraint *constraint, const json_t *value,
	const char *path, struct reply *reply);

/* Room for any path of a member: "FlowFilters[19].DestinationAddress.AddressDefinition". */
enum { API_PATH_SIZE = 128 };

/* Write a path; one that a client made too long is cut. */
void api_member_path(char path[API_PATH_SIZE], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Check an object's members against a table of count rows; a name that is in none is an error.
 * owner says in messages what the members are of, path is the object's own, or "". Rows outside of
 * mask do not count as members. Returns 0 or -1; the values found go to values[row].
 */
int api_constraint_check_object(const struct api_constraint *table, size_t count, uint64_t mask,
	json_t *object, const char *owner, const char *path, json_t **values, struct reply *reply);

#endif
