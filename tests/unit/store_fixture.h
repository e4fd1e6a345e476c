/* SPDX-License-Identifier: BSD-3-Clause */
/* store_fixture: a store in a directory of its own, which can be closed and opened again. */
#ifndef TIDEGATE_TESTS_UNIT_STORE_FIXTURE_H
#define TIDEGATE_TESTS_UNIT_STORE_FIXTURE_H

#include <stdbool.h>

#include "control/store.h"

struct store_fixture {
	struct event_base *base;
	struct store *store;
	struct store_limits limits;
	bool transient; /* what is begun */
	char directory[64];
	char file[96]; /* the database in it */
};

/* A fresh directory, with limits that nothing reaches; no store yet. */
void store_fixture_init(struct store_fixture *fixture);
void store_fixture_fini(struct store_fixture *fixture);

/* A test whose state is a fixture of its own. */
#define STORE_FIXTURE_TEST(name)                                                                   \
	cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)
int store_fixture_setup(void **state);
int store_fixture_teardown(void **state);

void store_fixture_open(struct store_fixture *fixture);
void store_fixture_close(struct store_fixture *fixture);

/* Number i of a result: no two are the same, and every third one has rule i % 5. */
struct flow_record store_fixture_flow(uint32_t i);

/* Begin an operation; what is returned is the caller's reference. */
struct operation *store_fixture_begin(struct store_fixture *fixture);

/* Give it flows from number first on, have it stored, and wait for that. */
void store_fixture_finish(
	struct store_fixture *fixture, struct operation *operation, uint32_t first, uint32_t count);

/* Both; the reference is the store's. */
struct operation *store_fixture_add(struct store_fixture *fixture, uint32_t first, uint32_t count);

/* Flows of a result as they are on a page, with a comma between them, or NULL when it cannot be
 * read. */
char *store_fixture_page(
	struct store_fixture *fixture, struct operation *operation, uint32_t first, uint32_t count);

/* Run the event loop until what the archive has was done. */
void store_fixture_settle(struct store_fixture *fixture);

#endif
