/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/rig.h"

#include <string.h>

#include <rte_malloc.h>

#include "dataplane/pipeline.h"
#include "tests/unit/check.h"

struct policy *rig_policy(const struct match *matches, const enum action *actions, uint32_t count,
	enum action default_action, uint16_t worker_count)
{
	struct stateful_rule stateful[16];
	struct policy_rules rules = {
		.stateful = stateful,
		.stateful_count = count,
		.stateless_default = {STATELESS_FORWARD, METRIC_NONE},
		.stateless_fragment_default = {STATELESS_FORWARD, METRIC_NONE},
		.stateful_default = default_action == ACTION_DROP ? DEFAULT_DROP_STRICT : 0,
	};
	struct policy *policy;

	assert_true(count <= RTE_DIM(stateful));
	for (uint32_t i = 0; i < count; i++)
		stateful[i] = (struct stateful_rule){
			.match = matches[i],
			.flow = RULE_TO_SERVER,
			.action = actions[i] == ACTION_ALLOW ? STATEFUL_PASS : STATEFUL_DROP,
		};
	assert_int_equal(policy_create(&rules, worker_count, &policy), 0);
	return policy;
}

void rig_init(struct rig *rig, uint32_t capacity, const struct match *matches,
	const enum action *actions, uint32_t count, enum action default_action)
{
	static const uint32_t defaults[TIMEOUT_COUNT] = {
#define TIMEOUT_DEFAULT(symbol, key, seconds, help) seconds,
		TIMEOUTS(TIMEOUT_DEFAULT)
#undef TIMEOUT_DEFAULT
	};

	memset(rig, 0, sizeof(*rig));
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		rig->timeouts[i] = defaults[i] * SECOND;
	rig->peers[0] = 1;
	rig->policy = rig_policy(matches, actions, count, default_action, 1);
	rig->pool = rte_pktmbuf_pool_create(
		"rig", 8191, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	assert_non_null(rig->pool);
	rig->worker = rte_zmalloc("rig", sizeof(*rig->worker), RTE_CACHE_LINE_SIZE);
	assert_non_null(rig->worker);
	rig->worker->policy = rig->policy;
	rig->worker->timeouts = rig->timeouts;
	rig->worker->peers = rig->peers;
	rig->worker->pool = rig->pool;
	rig->worker->port_count = 2;
	rig->worker->worker_count = 1;
	rig->worker->pass_non_ip = true;
	rig->worker->tcp_unchecked = true;
	assert_int_equal(worker_init(rig->worker, "rig", capacity, SOCKET_ID_ANY), 0);
}

void rig_fini(struct rig *rig)
{
	/* Every buffer came back: nothing the pipeline was given is lost. */
	assert_int_equal(rte_mempool_in_use_count(rig->pool), 0);
	worker_fini(rig->worker);
	rte_free(rig->worker);
	rte_mempool_free(rig->pool);
	policy_destroy(rig->policy);
}

struct rte_mbuf *rig_mbuf(
	struct rig *rig, const uint8_t *bytes, uint16_t length, uint16_t port, uint16_t segment)
{
	struct rte_mbuf *head = NULL;
	uint16_t offset = 0;

	do {
		uint16_t piece = segment > 0 ? RTE_MIN(segment, length - offset) : length;
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(rig->pool);

		assert_non_null(mbuf);
		memcpy(rte_pktmbuf_append(mbuf, piece), bytes + offset, piece);
		if (head == NULL)
			head = mbuf;
		else
			assert_int_equal(rte_pktmbuf_chain(head, mbuf), 0);
		offset += piece;
	} while (offset < length);
	head->port = port;
	return head;
}

enum drop_reason rig_packet(struct rig *rig, const uint8_t *bytes, uint16_t length, uint64_t now)
{
	struct rte_mbuf *mbuf = rig_mbuf(rig, bytes, length, 0, 0), *sent[SENT_MAX];
	uint16_t count = pipeline_burst(rig->worker, &mbuf, 1, now, sent);

	if (rig->worker->burst.reasons[0] == DROP_NONE) {
		assert_int_equal(count, 1);
		assert_int_equal(sent[0]->port, 1);
	}
	rte_pktmbuf_free_bulk(sent, count);
	return rig->worker->burst.reasons[0];
}

enum drop_reason rig_send(struct rig *rig, const struct frame_spec *spec, uint64_t now)
{
	uint8_t frame[FRAME_SIZE];
	uint32_t l3;

	return rig_packet(rig, frame, frame_build(spec, frame, &l3), now);
}
