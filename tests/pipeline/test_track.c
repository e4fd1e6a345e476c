/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP and SCTP connections through pipeline_burst(), with all that is checked: what is dropped
 * under which reason, what counts for the flow, and what the stream exception policy makes of the
 * rest. In bursts of 1, 3 and 32.
 */
#include <string.h>

#include "dataplane/pipeline.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { PACKETS_MAX = 12, CAPACITY = 64 };

struct track_packet {
	struct frame_spec frame;
	enum drop_reason reason; /* or DROP_NONE */
	unsigned answers;
	uint32_t second;
};

struct track_case {
	const char *name;
	uint8_t stream_exception; /* enum stream_exception */
	uint8_t stateless;	  /* enum stateless_action of all packets */
	struct track_packet packets[PACKETS_MAX];
	uint32_t flows;
	/* Of the only flow. */
	uint8_t state;
	bool midstream;
	uint64_t counts[2];
};

#define ENDS                                                                                       \
	.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 6, .source_port = 1000,       \
	.destination_port = 80
#define BACK                                                                                       \
	.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 6, .source_port = 80,         \
	.destination_port = 1000
#define SEGMENT(flags, number, acknowledged) .tcp_flags = flags, .seq = number, .ack = acknowledged

#define OPEN                                                                                       \
	{{ENDS, SEGMENT(SYN, 100, 0)}, DROP_NONE},                                                 \
		{{BACK, SEGMENT(SYN | ACK, 300, 101)}, DROP_NONE},                                 \
	{                                                                                          \
		{ENDS, SEGMENT(ACK, 101, 301)}, DROP_NONE                                          \
	}
#define STAMPED_TIME_WAIT                                                                          \
	{{ENDS, SEGMENT(SYN, 100, 0), .tcp_stamp = 10}, DROP_NONE},                                \
		{{BACK, SEGMENT(SYN | ACK, 300, 101), .tcp_stamp = 7}, DROP_NONE},                 \
		{{ENDS, SEGMENT(FIN | ACK, 101, 301), .tcp_stamp = 11}, DROP_NONE},                \
		{{BACK, SEGMENT(FIN | ACK, 301, 102), .tcp_stamp = 8}, DROP_NONE},                 \
	{                                                                                          \
		{ENDS, SEGMENT(ACK, 102, 302), .tcp_stamp = 12}, DROP_NONE                         \
	}
#define FORWARD .stateless = STATELESS_FORWARD

static const struct track_case cases[] = {
	{"what is not the connection's is dropped and does not count", FORWARD,
		.packets = {OPEN,
			{{ENDS, SEGMENT(ACK, 101 + 65536, 301), .payload = 1}, DROP_TCP_WINDOW},
			{{BACK, SEGMENT(RST, 300, 0)}, DROP_TCP_RST},
			{{BACK, SEGMENT(SYN | ACK, 999, 5)}, DROP_TCP_STATE},
			{{ENDS, SEGMENT(SYN | FIN, 101, 0)}, DROP_TCP_FLAGS},
			{{ENDS, SEGMENT(ACK, 101, 301), .payload = 10}, DROP_NONE}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {3, 1}},
	{"an exact RST ends it, a SYN begins another flow", FORWARD,
		.packets = {OPEN, {{BACK, SEGMENT(RST, 301, 0)}, DROP_NONE},
			{{ENDS, SEGMENT(SYN, 5000, 0)}, DROP_NONE}},
		.flows = 1, .state = FLOW_NEW, .counts = {1, 0}},
	{"a late copy of its own SYN begins none", FORWARD,
		.packets = {OPEN, {{BACK, SEGMENT(RST, 301, 0)}, DROP_NONE},
			{{ENDS, SEGMENT(SYN, 100, 0)}, DROP_NONE}},
		.flows = 1, .state = FLOW_CLOSED, .counts = {3, 2}},
	{"a window that the options scale", FORWARD,
		.packets = {{{ENDS, SEGMENT(SYN, 100, 0), .tcp_scale = 1}, DROP_NONE},
			{{BACK, SEGMENT(SYN | ACK, 300, 101), .tcp_scale = 3, .window = 100},
				DROP_NONE},
			{{ENDS, SEGMENT(ACK, 101, 301)}, DROP_NONE},
			{{BACK, SEGMENT(ACK, 301, 101), .window = 100}, DROP_NONE},
			{{ENDS, SEGMENT(ACK, 101, 301), .payload = 401}, DROP_TCP_WINDOW},
			{{ENDS, SEGMENT(ACK, 101, 301), .payload = 400}, DROP_NONE}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {3, 2}},
	{"midstream, dropped: no flow", FORWARD,
		.packets = {{{ENDS, SEGMENT(ACK, 101, 301)}, DROP_MIDSTREAM},
			{{BACK, SEGMENT(SYN | ACK, 300, 101)}, DROP_MIDSTREAM},
			{{ENDS, SEGMENT(RST, 101, 0)}, DROP_MIDSTREAM}}},
	{"midstream, picked up", .stream_exception = STREAM_CONTINUE, FORWARD,
		.packets = {{{ENDS, SEGMENT(ACK, 101, 301), .payload = 5}, DROP_NONE},
			{{BACK, SEGMENT(ACK, 301, 106)}, DROP_NONE},
			{{BACK, SEGMENT(RST, 5, 0)}, DROP_TCP_RST}},
		.flows = 1, .state = FLOW_ESTABLISHED, .midstream = true, .counts = {1, 1}},
	{"midstream, rejected: a RST to both ends, but not for a RST",
		.stream_exception = STREAM_REJECT, FORWARD,
		.packets = {{{ENDS, SEGMENT(ACK, 101, 301)}, DROP_MIDSTREAM_REJECT, 2},
			{{ENDS, SEGMENT(RST, 101, 0)}, DROP_MIDSTREAM_REJECT}}},
	{"what makes no sense is not picked up", .stream_exception = STREAM_CONTINUE, FORWARD,
		.packets = {{{ENDS, SEGMENT(SYN | RST, 1, 0)}, DROP_TCP_FLAGS},
			{{ENDS, SEGMENT(FIN, 1, 0)}, DROP_TCP_FLAGS},
			{{ENDS, SEGMENT(0, 1, 0)}, DROP_TCP_FLAGS}}},
	{"what the stateless rules pass is passed, whatever it is", .stateless = STATELESS_PASS,
		.packets = {{{ENDS, SEGMENT(ACK, 101, 301)}, DROP_NONE},
			{{ENDS, SEGMENT(SYN | FIN, 1, 0)}, DROP_NONE},
			{{BACK, SEGMENT(RST, 5, 0)}, DROP_NONE},
			{{ENDS, SEGMENT(ACK, 102, 301)}, DROP_NONE}},
		.flows = 1, .state = FLOW_NEW, .midstream = true, .counts = {3, 1}},
	{"timeouts by state: SYN 120 s, SYN-ACK 60 s, closed 10 s", FORWARD,
		.packets = {{{ENDS, SEGMENT(SYN, 100, 0)}, DROP_NONE},
			{{BACK, SEGMENT(SYN | ACK, 300, 101)}, DROP_NONE, .second = 120},
			{{ENDS, SEGMENT(ACK, 101, 301)}, DROP_NONE, .second = 180},
			{{ENDS, SEGMENT(ACK, 101, 301)}, DROP_NONE, .second = 530},
			{{ENDS, SEGMENT(FIN | ACK, 101, 301)}, DROP_NONE, .second = 880},
			{{BACK, SEGMENT(FIN | ACK, 301, 102)}, DROP_NONE, .second = 1000},
			{{ENDS, SEGMENT(ACK, 102, 302)}, DROP_NONE, .second = 1120},
			{{ENDS, SEGMENT(ACK, 102, 302)}, DROP_NONE, .second = 1240},
			{{ENDS, SEGMENT(ACK, 102, 302)}, DROP_MIDSTREAM, .second = 1361}},
		.flows = 1, .state = FLOW_CLOSED, .counts = {6, 2}},
	{"a handshake that is not completed is over after 60 s", FORWARD,
		.packets = {{{ENDS, SEGMENT(SYN, 100, 0)}, DROP_NONE},
			{{BACK, SEGMENT(SYN | ACK, 300, 101)}, DROP_NONE},
			{{ENDS, SEGMENT(ACK, 101, 301)}, DROP_MIDSTREAM, .second = 61}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {1, 1}},
	/* VPP's timeouts are set short there, and its sequence numbers are all 0. */
	{"VPP test_acl_plugin_conns.py tcp_established: past the handshake's timeout, then idle",
		FORWARD,
		.packets = {OPEN, {{BACK, SEGMENT(ACK, 301, 101)}, DROP_NONE, .second = 61},
			{{BACK, SEGMENT(ACK, 301, 101)}, DROP_NONE, .second = 411},
			{{BACK, SEGMENT(ACK, 301, 101)}, DROP_MIDSTREAM, .second = 762}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {2, 3}},
	{"VPP test_acl_plugin_conns.py tcp_transient_teardown: one FIN shortens it", FORWARD,
		.packets = {OPEN, {{BACK, SEGMENT(ACK, 301, 101)}, DROP_NONE, .second = 61},
			{{BACK, SEGMENT(FIN | ACK, 301, 101)}, DROP_NONE, .second = 61},
			{{BACK, SEGMENT(ACK, 302, 101)}, DROP_MIDSTREAM, .second = 182}},
		.flows = 1, .state = FLOW_CLOSING, .counts = {2, 3}},
	{"RFC 6191: a later timestamp makes it another flow", FORWARD,
		.packets = {STAMPED_TIME_WAIT,
			{{ENDS, SEGMENT(SYN, 50, 0), .tcp_stamp = 13}, DROP_NONE}},
		.flows = 1, .state = FLOW_NEW, .counts = {1, 0}},
	{"RFC 6191: an earlier one does not, whatever the number", FORWARD,
		.packets = {STAMPED_TIME_WAIT,
			{{ENDS, SEGMENT(SYN, 900, 0), .tcp_stamp = 11}, DROP_NONE}},
		.flows = 1, .state = FLOW_CLOSED, .counts = {4, 2}},
	{"a connection whose segments come in fragments is not held to a window", FORWARD,
		.packets = {OPEN,
			{{ENDS, SEGMENT(ACK, 101, 301), .payload = 44, .more_fragments = true,
				 .fragment_id = 7},
				DROP_NONE},
			{{ENDS, .payload = 1000, .fragment_offset = 64, .fragment_id = 7},
				DROP_NONE},
			{{BACK, SEGMENT(ACK, 301, 1145)}, DROP_NONE},
			{{ENDS, SEGMENT(ACK, 1145, 301), .payload = 9}, DROP_NONE}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {5, 2}},
};

#define SCTP .source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 132, .source_port = 9
#define SCTP_BACK                                                                                  \
	.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 132, .destination_port = 9
#define PACKET(number, size, ...) .tag = number, .chunks = {__VA_ARGS__}, .chunks_length = size
/* The tag 10 is for side 0, 20 for side 1. */
#define SCTP_OPEN                                                                                  \
	{{SCTP, PACKET(0, 20, 1, 0, 0, 20, 0, 0, 0, 10)}, DROP_NONE},                              \
		{{SCTP_BACK, PACKET(10, 20, 2, 0, 0, 20, 0, 0, 0, 20)}, DROP_NONE},                \
		{{SCTP, PACKET(20, 8, 10, 0, 0, 8, 'c')}, DROP_NONE},                              \
	{                                                                                          \
		{SCTP_BACK, PACKET(10, 4, 11, 0, 0, 4)}, DROP_NONE                                 \
	}
#define DATA(number) PACKET(number, 20, 0, 3, 0, 20)

/* RFC 9260; timeouts are those of Linux, net/netfilter/nf_conntrack_proto_sctp.c. */
static const struct track_case sctp_cases[] = {
	{"what is not the association's is dropped and does not count", FORWARD,
		.packets = {SCTP_OPEN, {{SCTP, DATA(21)}, DROP_SCTP_TAG},
			{{SCTP, DATA(0)}, DROP_SCTP_TAG},
			{{SCTP_BACK, PACKET(20, 4, 6, 0, 0, 4)}, DROP_SCTP_TAG},
			{{SCTP_BACK, PACKET(10, 4, 6, 1, 0, 4)}, DROP_SCTP_TAG},
			{{SCTP, PACKET(20, 4, 6, 0, 0, 5)}, DROP_SCTP_CHUNK},
			{{SCTP, PACKET(20, 0, 0)}, DROP_SCTP_CHUNK}, {{SCTP, DATA(20)}, DROP_NONE}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {3, 2}},
	{"an INIT that is not answered", FORWARD,
		.packets = {{{SCTP, PACKET(0, 20, 1, 0, 0, 20, 0, 0, 0, 10)}, DROP_NONE},
			{{SCTP, PACKET(0, 20, 1, 0, 0, 20, 0, 0, 0, 10)}, DROP_NONE}},
		.flows = 1, .state = FLOW_NEW, .counts = {2, 0}},
	{"what is no first packet: no flow", FORWARD,
		.packets = {{{SCTP, DATA(20)}, DROP_MIDSTREAM},
			{{SCTP, PACKET(10, 20, 2, 0, 0, 20, 0, 0, 0, 20)}, DROP_MIDSTREAM},
			{{SCTP, PACKET(20, 8, 10, 0, 0, 8, 'c')}, DROP_MIDSTREAM},
			{{SCTP, PACKET(20, 4, 6, 0, 0, 4)}, DROP_MIDSTREAM},
			{{SCTP, PACKET(20, 4, 8, 0, 0, 4)}, DROP_MIDSTREAM},
			{{SCTP, PACKET(7, 20, 1, 0, 0, 20, 0, 0, 0, 10)}, DROP_SCTP_TAG},
			{{SCTP, PACKET(0, 8, 4, 0, 0, 8, 0, 1, 0, 4)}, DROP_SCTP_TAG},
			{{SCTP, PACKET(0, 24, 1, 0, 0, 20, 0, 0, 0, 10, [20] = 3, 0, 0, 4)},
				DROP_SCTP_CHUNK}}},
	{"a HEARTBEAT on another path", FORWARD,
		.packets = {{{SCTP, PACKET(20, 8, 4, 0, 0, 8, 0, 1, 0, 4)}, DROP_NONE},
			{{SCTP_BACK, PACKET(10, 8, 5, 0, 0, 8, 0, 1, 0, 4)}, DROP_NONE,
				.second = 30},
			{{SCTP, DATA(20)}, DROP_NONE, .second = 240},
			{{SCTP, DATA(21)}, DROP_SCTP_TAG, .second = 240}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {2, 1}},
	{"picked up midstream, but for what makes no sense", .stream_exception = STREAM_CONTINUE,
		FORWARD,
		.packets = {{{SCTP, DATA(0)}, DROP_SCTP_TAG},
			{{SCTP, PACKET(20, 4, 0, 0, 0, 3)}, DROP_SCTP_CHUNK},
			{{SCTP, DATA(20)}, DROP_NONE}, {{SCTP_BACK, DATA(10)}, DROP_NONE},
			{{SCTP_BACK, DATA(11)}, DROP_SCTP_TAG}},
		.flows = 1, .state = FLOW_ESTABLISHED, .midstream = true, .counts = {1, 1}},
	{"midstream, rejected: an ICMP error", .stream_exception = STREAM_REJECT, FORWARD,
		.packets = {{{SCTP, DATA(20)}, DROP_MIDSTREAM_REJECT, 1}}},
	{"what the stateless rules pass is passed, whatever it is", .stateless = STATELESS_PASS,
		.packets = {{{SCTP, DATA(0)}, DROP_NONE}, {{SCTP, PACKET(1, 0, 0)}, DROP_NONE},
			{{SCTP_BACK, DATA(10)}, DROP_NONE}},
		.flows = 1, .state = FLOW_NEW, .midstream = true, .counts = {2, 1}},
	{"timeouts by state: 3 s, 210 s, 3 s, 10 s", FORWARD,
		.packets = {{{SCTP, PACKET(0, 20, 1, 0, 0, 20, 0, 0, 0, 10)}, DROP_NONE},
			{{SCTP_BACK, PACKET(10, 20, 2, 0, 0, 20, 0, 0, 0, 20)}, DROP_NONE,
				.second = 3},
			{{SCTP, PACKET(20, 8, 10, 0, 0, 8, 'c')}, DROP_NONE, .second = 6},
			{{SCTP_BACK, PACKET(10, 4, 11, 0, 0, 4)}, DROP_NONE, .second = 9},
			{{SCTP, PACKET(20, 8, 7, 0, 0, 8)}, DROP_NONE, .second = 219},
			{{SCTP_BACK, PACKET(10, 4, 8, 0, 0, 4)}, DROP_NONE, .second = 222},
			{{SCTP, PACKET(20, 4, 14, 0, 0, 4)}, DROP_NONE, .second = 225},
			{{SCTP_BACK, PACKET(10, 4, 8, 0, 0, 4)}, DROP_NONE, .second = 235},
			{{SCTP_BACK, PACKET(10, 4, 8, 0, 0, 4)}, DROP_MIDSTREAM, .second = 246}},
		.flows = 1, .state = FLOW_CLOSED, .counts = {4, 4}},
	{"a handshake that is not completed is over after 3 s", FORWARD,
		.packets = {{{SCTP, PACKET(0, 20, 1, 0, 0, 20, 0, 0, 0, 10)}, DROP_NONE},
			{{SCTP_BACK, PACKET(10, 20, 2, 0, 0, 20, 0, 0, 0, 20)}, DROP_NONE},
			{{SCTP, PACKET(20, 8, 10, 0, 0, 8, 'c')}, DROP_MIDSTREAM, .second = 4}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {1, 1}},
	{"nor may its COOKIE ACK take longer", FORWARD,
		.packets = {{{SCTP, PACKET(0, 20, 1, 0, 0, 20, 0, 0, 0, 10)}, DROP_NONE},
			{{SCTP_BACK, PACKET(10, 20, 2, 0, 0, 20, 0, 0, 0, 20)}, DROP_NONE},
			{{SCTP, PACKET(20, 8, 10, 0, 0, 8, 'c')}, DROP_NONE},
			{{SCTP_BACK, PACKET(10, 4, 11, 0, 0, 4)}, DROP_MIDSTREAM, .second = 4}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {2, 1}},
	{"a shutdown that is not completed is over after 3 s", FORWARD,
		.packets = {SCTP_OPEN, {{SCTP, PACKET(20, 8, 7, 0, 0, 8)}, DROP_NONE},
			{{SCTP_BACK, PACKET(10, 4, 8, 0, 0, 4)}, DROP_MIDSTREAM, .second = 4}},
		.flows = 1, .state = FLOW_CLOSING, .counts = {3, 2}},
	{"an ABORT ends it, an INIT of any side begins another flow", FORWARD,
		.packets = {SCTP_OPEN, {{SCTP_BACK, PACKET(10, 4, 6, 0, 0, 4)}, DROP_NONE},
			{{SCTP, DATA(20)}, DROP_NONE},
			{{SCTP_BACK, PACKET(0, 20, 1, 0, 0, 20, 0, 0, 0, 30)}, DROP_NONE},
			{{SCTP, DATA(20)}, DROP_SCTP_TAG}},
		.flows = 1, .state = FLOW_NEW, .counts = {1, 0}},
	{"fragments go by the first one's tag", FORWARD,
		.packets = {SCTP_OPEN,
			{{SCTP, PACKET(20, 20, 0, 3, 1, 0), .more_fragments = true,
				 .fragment_id = 7},
				DROP_NONE},
			{{SCTP, .payload = 100, .fragment_offset = 32, .fragment_id = 7},
				DROP_NONE},
			{{SCTP, PACKET(21, 20, 0, 3, 1, 0), .more_fragments = true,
				 .fragment_id = 8},
				DROP_SCTP_TAG},
			{{SCTP, .payload = 100, .fragment_offset = 32, .fragment_id = 8},
				DROP_SCTP_TAG}},
		.flows = 1, .state = FLOW_ESTABLISHED, .counts = {4, 2}},
};

static void check_flow(const struct rig *rig, const struct track_case *one)
{
	const struct flow_table *table = &rig->worker->tables[0];

	assert_int_equal(table->count, one->flows);
	for (uint32_t position = 0; position < table->positions; position++) {
		const struct flow *flow = &table->flows[position];

		if (flow->state == FLOW_FREE)
			continue;
		assert_int_equal(flow->state, one->state);
		assert_int_equal(flow->midstream, one->midstream);
		assert_memory_equal(flow->packets, one->counts, sizeof(one->counts));
	}
}

static unsigned packet_count(const struct track_case *one)
{
	unsigned count = 0;

	while (count < PACKETS_MAX && one->packets[count].frame.source != NULL)
		count++;
	return count;
}

/* One burst from packet begin on, of packets that come at the same time; returns its end. */
static unsigned run_burst(
	struct rig *rig, const struct track_case *one, unsigned begin, unsigned size)
{
	struct rte_mbuf *mbufs[BURST_MAX], *sent[SENT_MAX];
	uint32_t second = one->packets[begin].second, l3;
	unsigned count = 0, expected = 0;
	uint8_t frame[FRAME_SIZE];
	uint16_t result;

	while (begin + count < packet_count(one) && count < size &&
		one->packets[begin + count].second == second) {
		uint16_t length = frame_build(&one->packets[begin + count].frame, frame, &l3);

		mbufs[count++] = rig_mbuf(rig, frame, length, 0, 0);
	}
	result = pipeline_burst(rig->worker, mbufs, count, second * SECOND, sent);
	for (unsigned i = 0; i < count; i++) {
		const struct track_packet *packet = &one->packets[begin + i];

		if (rig->worker->burst.reasons[i] != packet->reason)
			fail_msg("%s: packet %u: reason %u, not %u", one->name, begin + i,
				rig->worker->burst.reasons[i], packet->reason);
		expected += packet->reason == DROP_NONE ? 1 : packet->answers;
	}
	assert_int_equal(result, expected);
	rte_pktmbuf_free_bulk(sent, result);
	return begin + count;
}

static void run_case(const struct track_case *one, unsigned size)
{
	struct policy_rules rules = {
		.stateless_default = {one->stateless, METRIC_NONE},
		.stateless_fragment_default = {one->stateless, METRIC_NONE},
		.stream_exception = one->stream_exception,
	};
	struct policy *policy;
	struct rig rig;

	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	rig.peers[1] = 0;
	rig.worker->tcp_unchecked = false;
	assert_int_equal(policy_create(&rules, 1, &policy), 0);
	rig.worker->policy = policy;
	for (unsigned begin = 0; begin < packet_count(one);)
		begin = run_burst(&rig, one, begin, size);
	check_flow(&rig, one);
	policy_destroy(policy);
	rig_fini(&rig);
}

static void test_cases(void **state)
{
	static const unsigned sizes[] = {1, 3, 32};

	(void)state;
	for (unsigned j = 0; j < RTE_DIM(sizes); j++) {
		for (unsigned i = 0; i < RTE_DIM(cases); i++)
			run_case(&cases[i], sizes[j]);
		for (unsigned i = 0; i < RTE_DIM(sctp_cases); i++)
			run_case(&sctp_cases[i], sizes[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
