/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/store_fixture.h"

#include <dirent.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/page.h"
#include "tests/unit/check.h"

void store_fixture_init(struct store_fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->limits = (struct store_limits){
		.age = UINT64_C(1000000000), .count = 1000, .memory = 1 << 30, .size = 1 << 30};
	fixture->base = event_base_new();
	assert_non_null(fixture->base);
	strcpy(fixture->directory, "/tmp/store_fixture.XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->file, sizeof(fixture->file), "%s/operations.db", fixture->directory);
}

/* A directory in it is empty, as far as tests make one. */
void store_fixture_fini(struct store_fixture *fixture)
{
	DIR *directory = opendir(fixture->directory);
	const struct dirent *entry;

	store_fixture_close(fixture);
	event_base_free(fixture->base);
	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(directory), entry->d_name,
						 entry->d_type == DT_DIR ? AT_REMOVEDIR : 0),
				0);
	closedir(directory);
	assert_int_equal(rmdir(fixture->directory), 0);
}

int store_fixture_setup(void **state)
{
	static struct store_fixture fixture;

	store_fixture_init(&fixture);
	*state = &fixture;
	return 0;
}

int store_fixture_teardown(void **state)
{
	store_fixture_fini(*state);
	return 0;
}

void store_fixture_open(struct store_fixture *fixture)
{
	assert_int_equal(
		store_create(fixture->base, fixture->directory, &fixture->limits, &fixture->store),
		0);
}

void store_fixture_close(struct store_fixture *fixture)
{
	store_destroy(fixture->store);
	fixture->store = NULL;
}

struct flow_record store_fixture_flow(uint32_t i)
{
	return (struct flow_record){
		.source = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i},
		.destination = {192, 0, 2, 1},
		.source_port = (uint16_t)(1024 + i % 60000),
		.destination_port = 443,
		.version = 4,
		.protocol = 6,
		.state = FLOW_ESTABLISHED,
		.packets = {10 + i, 20 + i},
		.bytes = {1000 * (uint64_t)i, 2000 * (uint64_t)i},
		.window_packets = 3 + (uint64_t)i,
		.window_bytes = 300 + (uint64_t)i,
		.first_seen = 5000 * NANOSECONDS + i,
		.last_seen = 5100 * NANOSECONDS + 7 * (uint64_t)i,
		.captured = 5200 * NANOSECONDS + 11 * (uint64_t)i,
		.rule_kind = RULE_STATEFUL,
		.rule = i % 3 == 0 ? i % 5 : RULE_NONE,
	};
}

static struct rule_names *names_of_rules(void)
{
	const struct policy_rule rules[] = {{.msg = "zero"}, {.msg = "o\"ne"}, {.msg = "two"},
		{.msg = "three"}, {.msg = "four"}};
	const struct policy_document document = {.rules.stateful_count = 5, .stateful = rules};
	struct rule_names *names;

	assert_int_equal(rule_names_create(&document, &names), 0);
	return names;
}

struct operation *store_fixture_begin(struct store_fixture *fixture)
{
	struct operation_request request = {.kind = WALK_CAPTURE,
		.limit = UINT32_MAX - 1,
		.transient = fixture->transient,
		.client_token = "token-1",
		.text = strdup("{\"FlowFilters\":[{}]}"),
		.params = strdup("{\"a\":1}")};
	struct operation *operation;

	assert_int_equal(operation_create(&request, 1, 0, &operation), 0);
	store_add(fixture->store, operation);
	return operation;
}

static void on_done(struct operation *operation, void *context)
{
	assert_int_not_equal(operation->status, OPERATION_IN_PROGRESS);
	assert_null(operation->flows);
	*(bool *)context = true;
}

void store_fixture_finish(
	struct store_fixture *fixture, struct operation *operation, uint32_t first, uint32_t count)
{
	const struct walk_close close = {.walked = 300, .positions = 300, .slices = 3};
	struct rule_names *names = names_of_rules();
	bool done = false;

	for (uint32_t i = 0; i < count; i++) {
		struct flow_record flow = store_fixture_flow(first + i);

		operation_take(operation, 0, &flow, names);
	}
	rule_names_unref(names);
	operation_close_worker(operation, 0, &close);
	operation_finish(operation, false);
	store_finish(fixture->store, operation, on_done, &done);
	assert_int_equal(operation->status, OPERATION_IN_PROGRESS);
	while (!done)
		assert_int_equal(event_base_loop(fixture->base, EVLOOP_ONCE), 0);
}

struct operation *store_fixture_add(struct store_fixture *fixture, uint32_t first, uint32_t count)
{
	struct operation *operation = store_fixture_begin(fixture);

	store_fixture_finish(fixture, operation, first, count);
	operation_unref(operation);
	return operation;
}

char *store_fixture_page(
	struct store_fixture *fixture, struct operation *operation, uint32_t first, uint32_t count)
{
	struct evbuffer *output = evbuffer_new();
	struct page *page;
	char *text = NULL;
	int more = page_create(fixture->store, operation, first, count, &page);

	if (more == 0) {
		do
			more = page_write(page, output);
		while (more > 0);
		page_destroy(page);
	}
	if (more == 0) {
		size_t size = evbuffer_get_length(output);

		text = calloc(1, size + 1);
		assert_non_null(text);
		assert_int_equal(evbuffer_remove(output, text, size), size);
	}
	evbuffer_free(output);
	return text;
}

static int ignore(const struct flow_record *flow, void *context)
{
	(void)flow;
	(void)context;
	return 0;
}

static void on_visited(int error, void *context)
{
	(void)error;
	*(bool *)context = true;
}

void store_fixture_settle(struct store_fixture *fixture)
{
	struct operation *nothing = calloc(1, sizeof(*nothing));
	bool done = false;

	assert_non_null(nothing);
	nothing->references = 1;
	assert_int_equal(store_visit(fixture->store, nothing, ignore, on_visited, &done), 0);
	while (!done)
		assert_int_equal(event_base_loop(fixture->base, EVLOOP_ONCE), 0);
	operation_unref(nothing);
}
