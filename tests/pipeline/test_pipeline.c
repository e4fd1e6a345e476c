/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of packets through pipeline_burst(): each case is run in bursts of 1, 3 and 32, in one
 * buffer a frame and in chains of 7-byte pieces, and must give the same reasons every time.
 */
#include <stdio.h>
#include <string.h>

#include "dataplane/expire.h"
#include "dataplane/pipeline.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { PACKETS_MAX = 12, CAPACITY = 64 };

struct packet_case {
	struct frame_spec frame;
	bool dropped; /* else sent on, unchanged */
	enum drop_reason reason;
	uint32_t second; /* when it comes */
	uint8_t port;
};

/* What one flow has at the end; packets in it 0: not looked at. */
struct flow_case {
	uint8_t state; /* enum flow_state */
	uint64_t packets[2];
	uint64_t bytes[2];
};

struct pipeline_case {
	const char *name;
	const struct match *matches;
	const enum action *actions;
	uint32_t rule_count;
	enum action default_action;
	bool drop_non_ip;
	unsigned packet_count;
	struct packet_case packets[PACKETS_MAX];
	uint32_t flows[2];     /* entries left: IPv4, IPv6 */
	struct flow_case flow; /* the only flow, when it is the only one */
};

#define DROPPED(drop_reason) .dropped = true, .reason = drop_reason

static const struct match_port telnet[] = {{23, 23, false}};
static const uint8_t only_tcp[] = {6};
static const struct match rules[] = {
	{.destination_ports = telnet,
		.destination_port_count = 1,
		.protocols = only_tcp,
		.protocol_count = 1},
	{.protocols = only_tcp, .protocol_count = 1},
};
static const enum action rule_actions[] = {ACTION_DROP, ACTION_ALLOW};

static const struct pipeline_case cases[] = {
	{"a UDP conversation is one flow with both directions", .packet_count = 3,
		.packets = {{{UDP4, .payload = 10}}, {{UDP4_BACK, .payload = 100}, .port = 1},
			{{UDP4}}},
		.flows = {1, 0}, .flow = {FLOW_ESTABLISHED, {2, 1}, {28 + 10 + 28, 128}}},
	{"padding of a short frame is not counted", .packet_count = 1,
		.packets = {{{UDP4, .payload = 1, .padding = 17}}}, .flows = {1, 0},
		.flow = {FLOW_NEW, {1, 0}, {29, 0}}},
	{"packets of one side only never make a flow established", .packet_count = 3,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4, .tcp_flags = ACK}},
			{{TCP4, .tcp_flags = ACK}}},
		.flows = {1, 0}, .flow = {FLOW_NEW, {3, 0}, {120, 0}}},
	{"one FIN half-closes", .packet_count = 4,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = SYN | ACK}},
			{{TCP4, .tcp_flags = FIN | ACK}},
			{{TCP4_BACK, .tcp_flags = ACK, .payload = 5}}},
		.flows = {1, 0}, .flow = {FLOW_CLOSING, {2, 2}, {80, 85}}},
	{"both FINs close", .packet_count = 5,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = SYN | ACK}},
			{{TCP4, .tcp_flags = FIN | ACK}}, {{TCP4_BACK, .tcp_flags = FIN | ACK}},
			{{TCP4, .tcp_flags = ACK}}},
		.flows = {1, 0}, .flow = {FLOW_CLOSED, {3, 2}, {120, 80}}},
	{"a RST closes", .packet_count = 2,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = RST | ACK}}},
		.flows = {1, 0}, .flow = {FLOW_CLOSED, {1, 1}, {40, 40}}},
	{"a SYN on a closed flow begins another, from either side", .packet_count = 4,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = RST | ACK}},
			{{TCP4_BACK, .tcp_flags = SYN}}, {{TCP4, .tcp_flags = SYN | ACK}}},
		.flows = {1, 0}, .flow = {FLOW_ESTABLISHED, {1, 1}, {40, 40}}},
	{"a flow idle for its timeout is still there, a moment later it is a new one",
		.packet_count = 3,
		.packets = {{{UDP4}}, {{UDP4}, .second = 30}, {{UDP4_BACK}, .second = 61}},
		.flows = {1, 0}, .flow = {FLOW_NEW, {1, 0}, {28, 0}}},
	{"the same tuple in another VLAN, or on two tags, is another flow", .packet_count = 5,
		.packets = {{{UDP4}}, {{UDP4, .vlans = {5}}}, {{UDP4, .vlans = {6}}},
			{{UDP4, .vlans = {6, 5}, .vlan_types = {0x88a8}}},
			{{UDP4_BACK, .vlans = {0xa005}}}},
		.flows = {4, 0}},
	{"a priority tag is no VLAN", .packet_count = 2,
		.packets = {{{UDP4}}, {{UDP4, .vlans = {0xe000}}}}, .flows = {1, 0},
		.flow = {FLOW_NEW, {2, 0}, {56, 0}}},
	{"two ends that are alike in all are one direction", .packet_count = 2,
		.packets = {{{.source = "::1", .destination = "::1", .protocol = 58}},
			{{.source = "::1", .destination = "::1", .protocol = 58}}},
		.flows = {0, 1}, .flow = {FLOW_NEW, {2, 0}, {96, 0}}},
	{"IPv4 options", .packet_count = 1, .packets = {{{UDP4, .ipv4_options = 40}}},
		.flows = {1, 0}, .flow = {FLOW_NEW, {1, 0}, {68, 0}}},
	{"IPv6, its bytes are 40 + payload length, extension headers within", .packet_count = 2,
		.packets = {{{UDP6, .payload = 3}},
			{{UDP6, .extensions = {0, 60, 43, 60}, .extension_count = 4}}},
		.flows = {0, 1}, .flow = {FLOW_NEW, {2, 0}, {51 + 80, 0}}},
	{"8 IPv6 extension headers are looked through, 9 are too many", .packet_count = 2,
		.packets = {{{UDP6, .extensions = {0, 60, 60, 60, 60, 60, 60, 60},
				    .extension_count = 8}},
			{{UDP6, .extensions = {0, 60, 60, 60, 60, 60, 60, 60, 60},
				 .extension_count = 9},
				DROPPED(DROP_IPV6_EXTENSION_COUNT)}},
		.flows = {0, 1}},
	{"an atomic fragment is a whole packet", .packet_count = 2,
		.packets = {{{UDP6}}, {{UDP6, .fragment_header = true, .fragment_id = 7}}},
		.flows = {0, 1}, .flow = {FLOW_NEW, {2, 0}, {48 + 56, 0}}},
	{"protocols without ports are flows by addresses", .packet_count = 4,
		.packets = {{{.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 47}},
			{{.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 47}},
			{{.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 50}},
			{{.source = "10.0.0.1",
				.destination = "10.0.0.2",
				.protocol = 132,
				.source_port = 1,
				.destination_port = 2}}},
		.flows = {3, 0}},
	{"later fragments belong to the flow of the first", .packet_count = 4,
		.packets = {{{UDP4, .payload = 16, .fragment_id = 9, .more_fragments = true,
				    .udp_length_delta = 40}},
			{{UDP4, .payload = 40, .fragment_id = 9, .fragment_offset = 24}},
			{{UDP6, .payload = 16, .fragment_header = true, .fragment_id = 9,
				.more_fragments = true}},
			{{UDP6, .payload = 40, .fragment_header = true, .fragment_id = 9,
				.fragment_offset = 24}}},
		.flows = {1, 1}},
	{"not IP passes", .packet_count = 2,
		.packets = {{{.ethertype = 0x0806, .payload = 46}},
			{{.ethertype = 0x88cc, .payload = 46}}}},
	{"not IP is dropped when it is to be", .drop_non_ip = true, .packet_count = 2,
		.packets = {{{.ethertype = 0x0806, .payload = 46}, DROPPED(DROP_NON_IP)}, {{UDP4}}},
		.flows = {1, 0}},
	{"frames cut in their link layer", .packet_count = 3,
		.packets = {{{UDP4, .cut = 13}, DROPPED(DROP_ETHERNET_TRUNCATED)},
			{{UDP4, .vlans = {5}, .cut = 17}, DROPPED(DROP_ETHERNET_TRUNCATED)},
			{{UDP4, .vlans = {5, 6}, .cut = 21}, DROPPED(DROP_ETHERNET_TRUNCATED)}}},
	{"three VLAN tags", .packet_count = 1,
		.packets = {{{UDP4, .vlans = {5, 6, 7}}, DROPPED(DROP_VLAN_DEPTH)}}},
	{"malformed IPv4", .packet_count = 7,
		.packets = {{{UDP4, .cut = 14}, DROPPED(DROP_IPV4_TRUNCATED)},
			{{UDP4, .cut = 33}, DROPPED(DROP_IPV4_TRUNCATED)},
			{{UDP4, .ip_version = 6}, DROPPED(DROP_IPV4_VERSION)},
			{{UDP4, .ihl = 4}, DROPPED(DROP_IPV4_HEADER_LENGTH)},
			{{UDP4, .ihl = 15}, DROPPED(DROP_IPV4_TOTAL_LENGTH)},
			{{UDP4, .total_length_delta = 1}, DROPPED(DROP_IPV4_TOTAL_LENGTH)},
			{{UDP4, .total_length_delta = -9}, DROPPED(DROP_IPV4_TOTAL_LENGTH)}}},
	{"malformed IPv6", .packet_count = 5,
		.packets = {{{UDP6, .cut = 14}, DROPPED(DROP_IPV6_TRUNCATED)},
			{{UDP6, .cut = 53}, DROPPED(DROP_IPV6_TRUNCATED)},
			{{UDP6, .ip_version = 4}, DROPPED(DROP_IPV6_VERSION)},
			{{UDP6, .total_length_delta = 1}, DROPPED(DROP_IPV6_PAYLOAD_LENGTH)},
			{{UDP6, .extensions = {0}, .extension_count = 1, .total_length_delta = -9},
				DROPPED(DROP_IPV6_EXTENSION_TRUNCATED)}}},
	{"malformed TCP", .packet_count = 4,
		.packets = {{{TCP4, .total_length_delta = -1}, DROPPED(DROP_TCP_TRUNCATED)},
			{{TCP4, .tcp_words = 4}, DROPPED(DROP_TCP_DATA_OFFSET)},
			{{TCP4, .tcp_words = 6}, DROPPED(DROP_TCP_DATA_OFFSET)},
			{{TCP4, .tcp_words = 6, .padding = 20}, DROPPED(DROP_TCP_DATA_OFFSET)}}},
	{"malformed UDP", .packet_count = 4,
		.packets = {{{UDP4, .total_length_delta = -1}, DROPPED(DROP_UDP_TRUNCATED)},
			{{UDP4, .udp_length_delta = -1}, DROPPED(DROP_UDP_LENGTH)},
			{{UDP4, .udp_length_delta = 1}, DROPPED(DROP_UDP_LENGTH)},
			{{UDP4, .payload = 9, .udp_length_delta = -9}}},
		.flows = {1, 0}},
	{"transport headers cut short", .packet_count = 3,
		.packets = {{{.source = "10.0.0.1",
				     .destination = "10.0.0.2",
				     .protocol = 132,
				     .total_length_delta = -1},
				    DROPPED(DROP_SCTP_TRUNCATED)},
			{{.source = "10.0.0.1",
				 .destination = "10.0.0.2",
				 .protocol = 1,
				 .total_length_delta = -1},
				DROPPED(DROP_ICMP_TRUNCATED)},
			{{.source = "2001:db8::1",
				 .destination = "2001:db8::2",
				 .protocol = 58,
				 .total_length_delta = -5},
				DROPPED(DROP_ICMPV6_TRUNCATED)}}},
	{"the first rule that matches decides, for all packets of the flow, from either side",
		.matches = rules, .actions = rule_actions, .rule_count = 2,
		.default_action = ACTION_DROP, .packet_count = 7,
		.packets = {{{.source = "10.0.0.1",
				     .destination = "10.0.0.2",
				     .protocol = 6,
				     .source_port = 1,
				     .destination_port = 23,
				     .tcp_flags = SYN},
				    DROPPED(DROP_RULE)},
			{{.source = "10.0.0.2",
				.destination = "10.0.0.1",
				.protocol = 6,
				.source_port = 23,
				.destination_port = 1,
				.tcp_flags = SYN}},
			{{.source = "10.0.0.1",
				.destination = "10.0.0.2",
				.protocol = 6,
				.source_port = 1,
				.destination_port = 23,
				.tcp_flags = SYN | ACK}},
			{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = SYN | ACK}},
			{{UDP4}, DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {3, 0}},
};

/* The frames of a case, and what they are to come to. */
struct built {
	uint8_t bytes[PACKETS_MAX][FRAME_SIZE];
	uint16_t lengths[PACKETS_MAX];
};

static void check_sent(struct rte_mbuf *mbuf, const struct built *built, unsigned i,
	const struct pipeline_case *one)
{
	uint8_t copy[FRAME_SIZE];

	assert_int_equal(mbuf->port, !one->packets[i].port);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), built->lengths[i]);
	assert_memory_equal(rte_pktmbuf_read(mbuf, 0, built->lengths[i], copy), built->bytes[i],
		built->lengths[i]);
	rte_pktmbuf_free(mbuf);
}

/* One burst from packet begin on: up to size packets that come at the same time. Returns its end.
 */
static unsigned run_burst(struct rig *rig, const struct pipeline_case *one,
	const struct built *built, unsigned begin, unsigned size, uint16_t segment)
{
	struct rte_mbuf *mbufs[BURST_MAX], *sent[SENT_MAX];
	uint32_t second = one->packets[begin].second;
	unsigned count = 0, passed = 0;
	uint16_t result;

	while (begin + count < one->packet_count && count < size &&
		one->packets[begin + count].second == second) {
		mbufs[count] = rig_mbuf(rig, built->bytes[begin + count],
			built->lengths[begin + count], one->packets[begin + count].port, segment);
		count++;
	}
	result = pipeline_burst(rig->worker, mbufs, count, second * SECOND, sent);
	for (unsigned i = 0; i < count; i++) {
		const struct packet_case *packet = &one->packets[begin + i];
		enum drop_reason expected = packet->dropped ? packet->reason : DROP_NONE;

		if (rig->worker->burst.reasons[i] != expected)
			fail_msg("%s: packet %u: reason %u, not %u", one->name, begin + i,
				rig->worker->burst.reasons[i], expected);
		if (expected == DROP_NONE)
			check_sent(sent[passed++], built, begin + i, one);
	}
	assert_int_equal(result, passed);
	return begin + count;
}

static void check_flow(struct rig *rig, const struct pipeline_case *one)
{
	const struct flow_table *table = &rig->worker->tables[one->flows[0] == 1 ? 0 : 1];

	for (uint32_t position = 0; position < table->positions; position++) {
		const struct flow *flow = &table->flows[position];

		if (flow->state == FLOW_FREE)
			continue;
		assert_int_equal(flow->state, one->flow.state);
		assert_memory_equal(flow->packets, one->flow.packets, sizeof(flow->packets));
		assert_memory_equal(flow->bytes, one->flow.bytes, sizeof(flow->bytes));
	}
}

static void check_drops(struct rig *rig, const struct pipeline_case *one)
{
	uint64_t drops[2][DROP_COUNT] = {0};

	for (unsigned i = 0; i < one->packet_count; i++)
		if (one->packets[i].dropped)
			drops[one->packets[i].port][one->packets[i].reason]++;
	for (unsigned port = 0; port < 2; port++)
		assert_memory_equal(
			rig->worker->port_stats[port].drops, drops[port], sizeof(drops[port]));
}

static void run_case(const struct pipeline_case *one, unsigned burst, uint16_t segment)
{
	static struct built built;
	struct rig rig;

	rig_init(&rig, CAPACITY, one->matches, one->actions, one->rule_count, one->default_action);
	rig.peers[1] = 0;
	rig.worker->pass_non_ip = !one->drop_non_ip;
	for (unsigned i = 0; i < one->packet_count; i++) {
		uint32_t l3;

		built.lengths[i] = frame_build(&one->packets[i].frame, built.bytes[i], &l3);
	}
	for (unsigned i = 0; i < one->packet_count;)
		i = run_burst(&rig, one, &built, i, burst, segment);
	assert_int_equal(rig.worker->tables[0].count, one->flows[0]);
	assert_int_equal(rig.worker->tables[1].count, one->flows[1]);
	if (one->flow.packets[0] != 0)
		check_flow(&rig, one);
	check_drops(&rig, one);
	rig_fini(&rig);
}

static void test_cases(void **state)
{
	static const unsigned bursts[] = {1, 3, 32};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(cases); i++)
		for (unsigned j = 0; j < RTE_DIM(bursts); j++)
			for (uint16_t segment = 0; segment <= 7; segment += 7)
				run_case(&cases[i], bursts[j], segment);
}

/* New flows past the capacity are refused, packets of old ones go on, and room made by expiry is
 * used. */
/* One more packet of a flow, and the reason it is dropped for. */
static enum drop_reason packet_of(struct rig *rig, uint16_t source_port)
{
	struct frame_spec spec = {TCP4, .tcp_flags = ACK};
	uint8_t frame[FRAME_SIZE];
	uint32_t l3;

	spec.source_port = source_port;
	return rig_packet(rig, frame, frame_build(&spec, frame, &l3), SECOND);
}

/* Another policy reaches the flows that are there at their next packet, unless they are to keep
 * their verdicts. */
static void test_policy_change(void **state)
{
	struct policy *others[3];
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < RTE_DIM(others); i++) {
		/* The first two drop by their default action, the last by a rule. */
		others[i] = rig_policy(
			i == 2 ? &rules[1] : NULL, &rule_actions[0], i == 2, ACTION_DROP, 1);
		others[i]->generation = i + 1;
		/* The first one keeps what there is. */
		others[i]->kept_from = i == 0 ? 0 : i + 1;
	}

	assert_int_equal(packet_of(&rig, 1000), DROP_NONE);
	rig.worker->policy = others[0];
	assert_int_equal(packet_of(&rig, 1000), DROP_NONE);
	assert_int_equal(packet_of(&rig, 1001), DROP_DEFAULT_ACTION);
	assert_int_equal(packet_of(&rig, 1000), DROP_NONE);
	rig.worker->policy = others[1];
	assert_int_equal(packet_of(&rig, 1000), DROP_DEFAULT_ACTION);
	rig.worker->policy = others[2];
	assert_int_equal(packet_of(&rig, 1000), DROP_RULE);
	rig.policy->generation = rig.policy->kept_from = RTE_DIM(others) + 1;
	rig.worker->policy = rig.policy;
	assert_int_equal(packet_of(&rig, 1000), DROP_NONE);
	assert_int_equal(packet_of(&rig, 1001), DROP_NONE);
	for (unsigned i = 0; i < RTE_DIM(others); i++)
		policy_destroy(others[i]);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_policy_change),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
