/* SPDX-License-Identifier: BSD-3-Clause */
/* option: the options of all commands, and what each makes of its value. */
#ifndef TIDEGATE_CONTROL_CLIENT_OPTION_H
#define TIDEGATE_CONTROL_CLIENT_OPTION_H

#include <jansson.h>
#include <stdint.h>

enum option_id {
	OPTION_SOCKET,
	OPTION_OUTPUT,
	OPTION_COLOR,
	OPTION_TIMEOUT,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_FLOW_FILTERS,
	OPTION_FLOW_OPERATION_ID,
	OPTION_FLOW_OPERATION_TYPE,
	OPTION_SORT_BY,
	OPTION_SORT,
	OPTION_LIMIT,
	OPTION_TOP,
	OPTION_WINDOW_SECONDS,
	OPTION_WINDOW,
	OPTION_MINIMUM_FLOW_AGE_IN_SECONDS,
	OPTION_MINIMUM_AGE,
	OPTION_MAXIMUM_FLOW_AGE_IN_SECONDS,
	OPTION_MAXIMUM_AGE,
	OPTION_MINIMUM_BYTE_COUNT,
	OPTION_MINIMUM_BYTES,
	OPTION_MINIMUM_PACKET_COUNT,
	OPTION_MINIMUM_PACKETS,
	OPTION_MINIMUM_IDLE_SECONDS,
	OPTION_MINIMUM_IDLE,
	OPTION_STATES,
	OPTION_ACTIONS,
	OPTION_VLANS,
	OPTION_IP_VERSION,
	OPTION_DENIED_BY_POLICY,
	OPTION_DENIED,
	OPTION_OF_OPERATION,
	OPTION_DRY_RUN,
	OPTION_MAX_FLOWS,
	OPTION_REJECT,
	OPTION_TIME_BOX_MILLISECONDS,
	OPTION_TIME_BOX,
	OPTION_CLIENT_TOKEN,
	OPTION_TRANSIENT,
	OPTION_WATCH,
	OPTION_INTERVAL,
	OPTION_RESOLVE,
	OPTION_FORMAT,
	OPTION_WAIT,
	OPTION_MAX_RESULTS,
	OPTION_NEXT_TOKEN,
	OPTION_FIREWALL_ARN,
	OPTION_AVAILABILITY_ZONE,
	OPTION_VPC_ENDPOINT_ASSOCIATION_ARN,
	OPTION_VPC_ENDPOINT_ID,
	OPTION_CLI_INPUT_JSON,
	OPTION_WORKERS,
	OPTION_TCP_FLAGS,
	OPTION_ESTABLISHED,
	OPTION_TO_CLIENT,
	OPTION_FRAGMENT,
	OPTION_ALL,
	OPTION_COUNT,
};

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_INTEGER,
	OPTION_CHOICE,	/* one of its words */
	OPTION_LIST,	/* words with commas between them */
	OPTION_NUMBERS, /* integers with commas between them */
	OPTION_FILTERS, /* one value or more, up to the next option */
};

/* A word that an option takes, and the member's value where that is another one. */
struct option_word {
	const char *word;
	const char *value;
};

struct option_spec {
	const char *name;     /* without the dashes */
	const char *argument; /* what --help calls its value; NULL for a flag */
	enum option_kind kind;
	const char *member; /* of the request; NULL: the client's own */
	const char *help;
	const char *value;		 /* of a flag's member; NULL: true */
	const struct option_word *words; /* up to one without word, or NULL; for completion too */
	json_int_t low, high;		 /* of an integer that is the client's own */
};

#define OPTION_BIT(id) (UINT64_C(1) << (id))

extern const struct option_spec option_specs[OPTION_COUNT];

/*
 * Check the text given for an option, and set its member in params if it has one. A flag's text
 * is "". Filters are not for here. Returns 0; or -errno with a message for the user (NULL when
 * memory is out). Whether a member's value is good is the server's to tell.
 */
int option_set(enum option_id id, const char *text, json_t *params, char **ret_message);

/* The integer that option_set() has found good. */
json_int_t option_integer(const char *text);

#endif
