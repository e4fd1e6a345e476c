/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control_fixture: the flow API behind rpc.h as the daemon sets it up, without a socket. Firewall
 * and zone are FIXTURE_ARN and "zone-a"; rule 0 is called "web \"in\"".
 */
#ifndef TIDEGATE_TESTS_UNIT_CONTROL_FIXTURE_H
#define TIDEGATE_TESTS_UNIT_CONTROL_FIXTURE_H

#include <jansson.h>

#include "control/flow_api.h"

#define FIXTURE_ARN "arn:aws:network-firewall:test:000000000000:firewall/unit"

struct event_base;

struct control_fixture {
	struct event_base *base;
	struct config *config;
	char path[40];		     /* of the configuration file */
	char directory[40];	     /* of stored operations */
	struct dataplane *dataplane; /* NULL without */
	struct publisher *publisher; /* likewise */
	struct flow_api api;
};

/* With a dataplane of two ports without traffic and one worker, which is not started. Once a
 * process. */
void control_fixture_init_dataplane(struct control_fixture *fixture);
void control_fixture_fini(struct control_fixture *fixture);

/* The same for a group of tests, whose state is the fixture; and without a dataplane, for tests
 * that neither start an operation nor ask for the status. */
int control_fixture_setup_dataplane(void **state);
int control_fixture_setup(void **state);
int control_fixture_teardown(void **state);

/* The whole answer to one line, as text without its newline; free() it. */
char *control_fixture_exchange(
	const struct control_fixture *fixture, const char *line, size_t length);

/* The answer to one request with id 1. Fails the test when it is not one JSON-RPC answer to it. */
json_t *control_fixture_call(
	const struct control_fixture *fixture, const char *method, const char *params);

/* The text at result.MEMBER; fails the test when there is none. */
const char *control_fixture_text(const json_t *answer, const char *member);

/* Policy of GetStatus. */
json_t *control_fixture_policy(const struct control_fixture *fixture);

/* Another text of the configuration file. */
void control_fixture_write(const struct control_fixture *fixture, const char *text);

void control_fixture_begin_reload(const struct control_fixture *fixture);

/* Run the event loop until no reload is in progress; returns the policy then. */
json_t *control_fixture_wait_reload(const struct control_fixture *fixture);

/* All three, with this text. */
json_t *control_fixture_reload(const struct control_fixture *fixture, const char *text);

/*
 * The answer to params is an InvalidRequestException "PROBLEM, parameter: […], context: MEMBER",
 * where problem begins with the member.
 */
void control_fixture_refused(const json_t *answer, const char *params, const char *problem);

#endif
