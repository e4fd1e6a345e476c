/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records of several workers to flows: fixed cases, then random records against a reference that
 * looks at all records of a conversation at once, in no table.
 */
#include "control/merge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/check.h"

enum { LIMIT = 1000000 };

/* 192.0.2.SOURCE:SPORT to 192.0.2.DESTINATION:DPORT */
static struct flow_record record_of(
	uint8_t source, uint16_t source_port, uint8_t destination, uint16_t destination_port)
{
	return (struct flow_record){
		.source = {192, 0, 2, source},
		.destination = {192, 0, 2, destination},
		.source_port = source_port,
		.destination_port = destination_port,
		.version = 4,
		.protocol = 6,
		.state = FLOW_NEW,
		.first_seen = 1000,
		.last_seen = 2000,
		.captured = 3000,
		.packets = {1, 0},
		.bytes = {40, 0},
		.rule = RULE_NONE,
	};
}

static struct merge *create(uint16_t workers, uint32_t limit)
{
	struct merge *merge;

	assert_int_equal(merge_create(workers, limit, 0, &merge), 0);
	return merge;
}

/* The client's direction came to worker 1, the server's, which began later, to worker 0. */
static void test_two_halves(void **state)
{
	struct flow_record client = record_of(1, 5000, 2, 80), server = record_of(2, 80, 1, 5000);
	const struct flow_record *flow;
	struct merge *merge = create(2, LIMIT);

	(void)state;
	client.packets[0] = 10;
	client.bytes[0] = 1000;
	client.rule = 7;
	server.packets[0] = 20;
	server.bytes[0] = 30000;
	server.first_seen = 1500;
	server.last_seen = 2500;
	server.captured = 3500;
	server.rule = 8;
	server.action = ACTION_DROP;
	assert_int_equal(merge_add(merge, 0, &server), 0);
	assert_int_equal(merge_add(merge, 1, &client), 0);
	merge_close(merge);
	assert_int_equal(merge_count(merge), 1);
	flow = merge_flow(merge, 0);
	assert_memory_equal(flow->source, client.source, 16);
	assert_int_equal(flow->source_port, 5000);
	assert_int_equal(flow->destination_port, 80);
	assert_int_equal(flow->packets[0], 10);
	assert_int_equal(flow->packets[1], 20);
	assert_int_equal(flow->bytes[0], 1000);
	assert_int_equal(flow->bytes[1], 30000);
	assert_int_equal(flow->first_seen, 1000);
	assert_int_equal(flow->last_seen, 2500);
	assert_int_equal(flow->captured, 3500);
	assert_int_equal(flow->state, FLOW_ESTABLISHED);
	assert_int_equal(flow->rule, 7);
	assert_int_equal(flow->action, ACTION_ALLOW);
	merge_destroy(merge);
}

/* What differs in any one of these is another conversation. */
static void test_different(void **state)
{
	struct flow_record records[9];
	struct merge *merge = create(16, LIMIT);
	const uint16_t count = sizeof(records) / sizeof(records[0]);

	(void)state;
	for (uint16_t i = 0; i < count; i++)
		records[i] = record_of(1, 5000, 2, 80);
	records[1].source[15] = 1;
	records[2].destination[3] = 3;
	records[3].source_port = 5001;
	records[4].destination_port = 81;
	records[5].vlan_inner = 100;
	records[6].vlan_outer = 100;
	records[7].version = 6;
	records[8].protocol = 17;
	for (uint16_t i = 0; i < count; i++)
		assert_int_equal(merge_add(merge, i, &records[i]), 0);
	merge_close(merge);
	assert_int_equal(merge_count(merge), count);
	for (uint16_t i = 0; i < count; i++)
		assert_memory_equal(merge_flow(merge, i), &records[i], sizeof(records[i]));
	merge_destroy(merge);
}

/* Two records of one worker are two flows of the same tuple, one after the other. */
static void test_same_worker(void **state)
{
	struct flow_record record = record_of(1, 5000, 2, 80);

	(void)state;
	for (uint16_t workers = 1; workers <= 2; workers++) {
		struct merge *merge = create(workers, LIMIT);

		assert_int_equal(merge_add(merge, 0, &record), 0);
		assert_int_equal(merge_add(merge, 0, &record), 0);
		merge_close(merge);
		assert_int_equal(merge_count(merge), 2);
		merge_destroy(merge);
	}
}

/* The limit is for flows: a record that completes a flow is taken when there is no room for
 * another. */
static void test_limit(void **state)
{
	struct flow_record first = record_of(1, 1, 2, 2), second = record_of(3, 3, 4, 4),
			   reverse = record_of(2, 2, 1, 1);
	struct merge *merge = create(2, 1);

	(void)state;
	assert_int_equal(merge_add(merge, 0, &first), 0);
	assert_int_equal(merge_add(merge, 0, &second), -ENOSPC);
	assert_int_equal(merge_add(merge, 1, &reverse), 0);
	merge_close(merge);
	assert_int_equal(merge_count(merge), 1);
	assert_int_equal(merge_flow(merge, 0)->packets[1], 1);
	merge_destroy(merge);
}

/* ---- random records ---- */

enum { RECORDS = 3000, WORKERS = 5 };

struct input {
	struct flow_record record;
	uint16_t worker;
	int group; /* the flow that the reference puts it in */
};

static bool equal_ends(const struct flow_record *a, const struct flow_record *b)
{
	return memcmp(a->source, b->source, 16) == 0 &&
		memcmp(a->destination, b->destination, 16) == 0 &&
		a->source_port == b->source_port && a->destination_port == b->destination_port;
}

static struct flow_record turned(const struct flow_record *record)
{
	struct flow_record other = *record;

	memcpy(other.source, record->destination, 16);
	memcpy(other.destination, record->source, 16);
	other.source_port = record->destination_port;
	other.destination_port = record->source_port;
	for (int direction = 0; direction < 2; direction++) {
		other.packets[direction] = record->packets[1 - direction];
		other.bytes[direction] = record->bytes[1 - direction];
	}
	return other;
}

/* Put each record into the first group of its conversation that has none of its worker. */
static int group(struct input *inputs, int count)
{
	int groups = 0;

	for (int i = 0; i < count; i++) {
		const struct flow_record other = turned(&inputs[i].record);
		bool taken[RECORDS] = {false};

		inputs[i].group = -1;
		for (int j = 0; j < i; j++)
			if (inputs[j].worker == inputs[i].worker)
				taken[inputs[j].group] = true;
		for (int j = 0; j < i && inputs[i].group < 0; j++) {
			const struct flow_record *earlier = &inputs[j].record;

			if (taken[inputs[j].group] ||
				earlier->vlan_inner != inputs[i].record.vlan_inner ||
				earlier->protocol != inputs[i].record.protocol)
				continue;
			if (equal_ends(earlier, &inputs[i].record) || equal_ends(earlier, &other))
				inputs[i].group = inputs[j].group;
		}
		if (inputs[i].group < 0)
			inputs[i].group = groups++;
	}
	return groups;
}

/* The flow of one group, from the oldest record of it. */
static struct flow_record reference(const struct input *inputs, int count, int number)
{
	struct flow_record flow = {.first_seen = UINT64_MAX};
	uint64_t packets[2] = {0}, bytes[2] = {0};

	for (int i = 0; i < count; i++)
		if (inputs[i].group == number && inputs[i].record.first_seen < flow.first_seen)
			flow = inputs[i].record;
	for (int i = 0; i < count; i++) {
		const struct flow_record *record = &inputs[i].record, other = turned(record);

		if (inputs[i].group != number)
			continue;
		if (!equal_ends(&flow, record))
			record = &other;
		for (int direction = 0; direction < 2; direction++) {
			packets[direction] += record->packets[direction];
			bytes[direction] += record->bytes[direction];
		}
		if (record->last_seen > flow.last_seen)
			flow.last_seen = record->last_seen;
		if (record->captured > flow.captured)
			flow.captured = record->captured;
		if (record->state > flow.state)
			flow.state = record->state;
	}
	memcpy(flow.packets, packets, sizeof(packets));
	memcpy(flow.bytes, bytes, sizeof(bytes));
	if (flow.state == FLOW_NEW && packets[0] > 0 && packets[1] > 0)
		flow.state = FLOW_ESTABLISHED;
	return flow;
}

static unsigned int below(unsigned int bound)
{
	return (unsigned int)random() % bound;
}

static void draw(struct input *input)
{
	struct flow_record *record = &input->record;

	memset(input, 0, sizeof(*input));
	*record = record_of(
		(uint8_t)below(6), (uint16_t)below(6), (uint8_t)below(6), (uint16_t)below(6));
	/* no conversation of an endpoint with itself: it has no directions */
	if (memcmp(record->source, record->destination, 16) == 0)
		record->destination[3] = 99;
	record->vlan_inner = (uint16_t)below(2);
	record->protocol = below(2) ? 6 : 17;
	record->first_seen = random();
	record->last_seen = record->first_seen + below(1000);
	record->captured = record->last_seen + below(1000);
	record->state = (uint8_t)(FLOW_NEW + below(3));
	record->packets[0] = 1 + below(1000);
	record->packets[1] = record->state == FLOW_NEW ? 0 : below(2) * below(1000);
	record->bytes[0] = 40 + below(100000);
	record->bytes[1] = 40 * record->packets[1];
	record->rule = below(100);
	record->action = below(2) ? ACTION_ALLOW : ACTION_DROP;
	input->worker = (uint16_t)below(WORKERS);
}

static void test_random(void **state)
{
	static struct input inputs[RECORDS];
	unsigned int seed = (unsigned int)time(NULL);
	struct merge *merge = create(WORKERS, LIMIT);
	int groups;

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < RECORDS; i++) {
		draw(&inputs[i]);
		assert_int_equal(merge_add(merge, inputs[i].worker, &inputs[i].record), 0);
	}
	merge_close(merge);
	groups = group(inputs, RECORDS);
	assert_int_equal(merge_count(merge), groups);
	assert_in_range(groups, 1, RECORDS - 1); /* some merged */
	for (int i = 0; i < groups; i++) {
		struct flow_record expected = reference(inputs, RECORDS, i);

		assert_memory_equal(merge_flow(merge, (uint32_t)i), &expected, sizeof(expected));
	}
	merge_destroy(merge);
}

/* More conversations than the table has slots at first, each in two halves. */
static void test_growth(void **state)
{
	enum { COUNT = 100000 };
	struct merge *merge = create(2, LIMIT);

	(void)state;
	for (uint32_t half = 0; half < 2; half++) {
		for (uint32_t i = 0; i < COUNT; i++) {
			struct flow_record record = record_of(1, 0, 2, 80);

			memcpy(record.source, &i, sizeof(i));
			record.packets[0] = i;
			if (half == 1)
				record = turned(&record);
			assert_int_equal(merge_add(merge, (uint16_t)half, &record), 0);
		}
	}
	merge_close(merge);
	assert_int_equal(merge_count(merge), COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(merge_flow(merge, i)->packets[0], 2 * i);
	merge_destroy(merge);
}

/* By what each order goes; of the record's members none has another's numbers. */
static uint64_t rank_of(const struct flow_record *record, enum operation_sort sort)
{
	const uint64_t ranks[] = {
		[SORT_BYTES] = record->bytes[0] + record->bytes[1],
		[SORT_PACKETS] = record->packets[0] + record->packets[1],
		[SORT_AGE] = record->captured - record->first_seen,
		[SORT_WINDOW_BYTES] = record->window_bytes,
		[SORT_WINDOW_PACKETS] = record->window_packets,
	};

	return ranks[sort];
}

/* Each flow is behind as many as have a higher rank, or the same one and came before it. */
static void check_order(const struct merge *merge, enum operation_sort sort, uint32_t limit)
{
	uint32_t total = merge_count(merge), count, *order;

	assert_int_equal(merge_sort(merge, sort, limit, &order, &count), 0);
	assert_int_equal(count, total < limit ? total : limit);
	for (uint32_t i = 0; i < total; i++) {
		uint64_t rank = rank_of(merge_flow(merge, i), sort);
		uint32_t place = 0;

		for (uint32_t j = 0; j < total; j++) {
			uint64_t other = rank_of(merge_flow(merge, j), sort);

			place += other > rank || (other == rank && j < i);
		}
		if (place < count)
			assert_int_equal(order[place], i);
	}
	free(order);
}

static void test_sort(void **state)
{
	enum { FLOWS = 200 };
	static const uint32_t limits[] = {1, 2, 3, 7, 100, FLOWS - 1, FLOWS, FLOWS + 1, LIMIT};
	unsigned int seed = (unsigned int)time(NULL);
	struct merge *merge = create(1, LIMIT);
	uint32_t count, *order;

	(void)state;
	print_message("seed %u\n", seed);
	for (int i = 0; i < FLOWS; i++) {
		struct flow_record record = record_of(1, (uint16_t)i, 2, 80);

		record.bytes[0] = (uint64_t)(rand_r(&seed) % 50);
		record.bytes[1] = (uint64_t)(rand_r(&seed) % 50);
		record.packets[0] = (uint64_t)(rand_r(&seed) % 1000) << 40;
		record.packets[1] = (uint64_t)(rand_r(&seed) % 3);
		record.captured = (uint64_t)rand_r(&seed) + 1000;
		record.window_bytes = (uint64_t)(rand_r(&seed) % 20);
		record.window_packets = (uint64_t)(rand_r(&seed) % 2);
		assert_int_equal(merge_add(merge, 0, &record), 0);
	}
	merge_close(merge);
	for (enum operation_sort sort = SORT_BYTES; sort <= SORT_WINDOW_PACKETS; sort++)
		for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
			check_order(merge, sort, limits[i]);
	assert_int_equal(merge_sort(merge, SORT_NONE, 7, &order, &count), 0);
	assert_null(order);
	assert_int_equal(count, 7);
	merge_destroy(merge);
}

static void test_sort_of_nothing(void **state)
{
	struct merge *merge = create(1, LIMIT);
	uint32_t count, *order;

	(void)state;
	merge_close(merge);
	assert_int_equal(merge_sort(merge, SORT_AGE, 10, &order, &count), 0);
	assert_null(order);
	assert_int_equal(count, 0);
	merge_destroy(merge);
}

/* A conversation of three workers is one that more than one has seen; two flows of a worker are
 * not. */
static void test_asymmetric(void **state)
{
	struct flow_record record = record_of(1, 1, 2, 2), other = record_of(1, 3, 2, 4);
	struct merge *merge = create(3, LIMIT);

	(void)state;
	for (uint16_t worker = 0; worker < 3; worker++)
		assert_int_equal(merge_add(merge, worker, &record), 0);
	assert_int_equal(merge_add(merge, 0, &other), 0);
	assert_int_equal(merge_add(merge, 0, &other), 0);
	assert_int_equal(merge_count(merge), 3);
	assert_int_equal(merge_asymmetric(merge), 1);
	merge_destroy(merge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_halves),
		cmocka_unit_test(test_different),
		cmocka_unit_test(test_same_worker),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_sort_of_nothing),
		cmocka_unit_test(test_asymmetric),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
