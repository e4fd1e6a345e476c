/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The answers to rejected packets, byte by byte. Each packet is tried in one buffer and in a chain
 * of 7-byte pieces.
 */
#include <stdio.h>
#include <string.h>

#include "dataplane/parse.h"
#include "dataplane/reject.h"
#include "tests/pipeline/answer.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { PORT = 3, PEER = 9, SEQ = 1000 };

enum answer_kind { NOTHING, RESETS, UNREACHABLE };

struct reject_case {
	const char *name;
	struct frame_spec frame;
	uint32_t seq; /* 0: SEQ */
	enum answer_kind kind;
	struct answer_reset resets[2]; /* to the sender, to the receiver */
	uint8_t code;
	uint16_t quoted; /* bytes of the packet */
};

#define TCP6                                                                                       \
	.source = "2001:db8::2", .destination = "2001:db8::1", .protocol = 6, .source_port = 1000, \
	.destination_port = 80
#define PLAIN4 .source = "10.0.0.1", .destination = "10.0.0.2"
#define PLAIN6 .source = "2001:db8::1", .destination = "2001:db8::2"

/* To the sender alone, whose segment takes this many sequence numbers. */
#define RESET_OPENING(length) .kind = RESETS, .resets = {{RST | ACK, 0, SEQ + (length)}}
#define RESET_BOTH                                                                                 \
	.kind = RESETS, .resets = {{RST, ANSWER_ACKED, 0}, {RST | ACK, SEQ, ANSWER_ACKED}}
/* Without ACK, to both. */
#define RESET_NO_ACK(length)                                                                       \
	.kind = RESETS, .resets = {{RST | ACK, 0, SEQ + (length)}, {RST, SEQ, 0}}
#define ERROR(error_code, bytes) .kind = UNREACHABLE, .code = error_code, .quoted = bytes

static const struct reject_case cases[] = {
	{"SYN: the sender alone", {TCP4, .tcp_flags = SYN}, RESET_OPENING(1)},
	{"SYN with data", {TCP4, .tcp_flags = SYN, .payload = 5}, RESET_OPENING(6)},
	{"SYN with 12 bytes of options", {TCP4, .tcp_flags = SYN, .tcp_words = 8, .payload = 17},
		RESET_OPENING(6)},
	{"SYN with IPv4 options", {TCP4, .tcp_flags = SYN, .ipv4_options = 40}, RESET_OPENING(1)},
	{"padding is no data", {TCP4, .tcp_flags = SYN, .padding = 6}, RESET_OPENING(1)},
	{"SYN and FIN", {TCP4, .tcp_flags = SYN | FIN}, RESET_OPENING(2)},
	{"sequence numbers wrap", {TCP4, .tcp_flags = SYN, .payload = 10}, .seq = UINT32_MAX,
		.kind = RESETS, .resets = {{RST | ACK, 0, 10}}},
	{"SYN-ACK", {TCP4_BACK, .tcp_flags = SYN | ACK}, RESET_BOTH},
	{"data", {TCP4, .tcp_flags = ACK | PSH, .payload = 100}, RESET_BOTH},
	{"data the other way", {TCP4_BACK, .tcp_flags = ACK, .payload = 1400}, RESET_BOTH},
	{"FIN", {TCP4, .tcp_flags = FIN | ACK}, RESET_BOTH},
	{"FIN without ACK", {TCP4, .tcp_flags = FIN, .payload = 2}, RESET_NO_ACK(3)},
	{"no flags", {TCP4, .payload = 3}, RESET_NO_ACK(3)},
	{"RST", {TCP4, .tcp_flags = RST}, .kind = NOTHING},
	{"RST with ACK", {TCP4, .tcp_flags = RST | ACK}, .kind = NOTHING},
	{"RST with SYN", {TCP4, .tcp_flags = RST | SYN}, .kind = NOTHING},
	{"a tag with priority", {TCP4, .tcp_flags = ACK, .vlans = {0xa005}}, RESET_BOTH},
	{"QinQ", {TCP4, .tcp_flags = ACK, .vlans = {0x6006, 5}, .vlan_types = {0x88a8}},
		RESET_BOTH},
	{"first fragment of TCP", {TCP4, .tcp_flags = ACK, .payload = 4, .more_fragments = true},
		RESET_BOTH},
	{"later fragment of TCP", {TCP4, .payload = 8, .fragment_offset = 24}, .kind = NOTHING},
	{"IPv6 SYN", {TCP6, .tcp_flags = SYN}, RESET_OPENING(1)},
	{"IPv6 data", {TCP6, .tcp_flags = ACK, .payload = 7}, RESET_BOTH},
	{"IPv6 extension headers",
		{TCP6, .tcp_flags = SYN, .payload = 3, .extensions = {0, 60, 43, 60},
			.extension_count = 4},
		RESET_OPENING(4)},
	{"IPv6 atomic fragment", {TCP6, .tcp_flags = ACK, .fragment_header = true}, RESET_BOTH},
	{"IPv6 QinQ", {TCP6, .tcp_flags = SYN | ACK, .vlans = {6, 5}, .vlan_types = {0x88a8}},
		RESET_BOTH},

	{"UDP: port unreachable", {UDP4, .payload = 9}, ERROR(3, 37)},
	{"the quote has no padding", {UDP4, .payload = 1, .padding = 17}, ERROR(3, 29)},
	{"the quote has the IPv4 options", {UDP4, .ipv4_options = 8, .payload = 4}, ERROR(3, 40)},
	{"UDP in QinQ", {UDP4, .payload = 3, .vlans = {6, 0xe005}, .vlan_types = {0x88a8}},
		ERROR(3, 31)},
	/* 576 - 20 - 8 */
	{"the longest whole quote", {UDP4, .payload = 520}, ERROR(3, 548)},
	{"a byte too long", {UDP4, .payload = 521}, ERROR(3, 548)},
	{"long, with options and a tag", {UDP4, .payload = 1400, .ipv4_options = 40, .vlans = {5}},
		ERROR(3, 548)},
	{"first fragment of UDP", {UDP4, .payload = 8, .more_fragments = true}, ERROR(3, 36)},
	{"later fragment of UDP", {UDP4, .payload = 8, .fragment_offset = 8}, .kind = NOTHING},
	{"echo request: prohibited", {PLAIN4, .protocol = 1, .payload = 56}, ERROR(13, 84)},
	{"SCTP", {PLAIN4, .protocol = 132}, ERROR(13, 32)},
	{"GRE", {PLAIN4, .protocol = 47, .payload = 4}, ERROR(13, 24)},
	{"nothing behind the header", {PLAIN4, .protocol = 59}, ERROR(13, 20)},

	{"IPv6 UDP", {UDP6, .payload = 9}, ERROR(4, 57)},
	{"the quote has the extension headers",
		{UDP6, .payload = 1, .extensions = {0, 60}, .extension_count = 2}, ERROR(4, 65)},
	/* 1280 - 40 - 8 */
	{"the longest whole quote, IPv6", {UDP6, .payload = 1184}, ERROR(4, 1232)},
	{"a byte too long, IPv6", {UDP6, .payload = 1185}, ERROR(4, 1232)},
	{"long, IPv6 in QinQ", {UDP6, .payload = 1900, .vlans = {6, 5}}, ERROR(4, 1232)},
	{"IPv6 first fragment",
		{UDP6, .payload = 8, .fragment_header = true, .more_fragments = true},
		ERROR(4, 64)},
	{"IPv6 later fragment",
		{UDP6, .payload = 8, .fragment_header = true, .fragment_offset = 16},
		.kind = NOTHING},
	{"IPv6 echo request", {PLAIN6, .protocol = 58}, ERROR(1, 48)},
	{"IPv6 SCTP", {PLAIN6, .protocol = 132}, ERROR(1, 52)},
	{"IPv6 without a next header", {PLAIN6, .protocol = 59}, ERROR(1, 40)},
};

static void assert_answer(struct rte_mbuf *answer, uint16_t port,
	const struct answer_sample *sample, const uint8_t *expected, uint16_t length)
{
	const uint8_t *bytes = rte_pktmbuf_mtod(answer, const uint8_t *);

	assert_int_equal(answer->port, port);
	assert_int_equal(answer->nb_segs, 1);
	assert_int_equal(answer->ol_flags, 0);
	assert_int_equal(rte_pktmbuf_pkt_len(answer), length);
	assert_memory_equal(bytes, expected, length);
	assert_true(answer_sums_right(bytes + sample->l3));
	rte_pktmbuf_free(answer);
}

/* Parse and reject a frame; the packet stays as it was. Returns how many answers. */
static unsigned reject(struct rig *rig, const struct answer_sample *sample, uint16_t segment,
	struct rte_mempool *pool, struct packet *packet, struct rte_mbuf *answers[2])
{
	struct rte_mbuf *mbuf = rig_mbuf(rig, sample->frame, sample->length, PORT, segment);
	uint8_t scratch[FRAME_SIZE];
	unsigned count;

	assert_int_equal(parse_packet(mbuf, packet), DROP_NONE);
	count = reject_answers(mbuf, packet, PEER, pool, answers);
	assert_int_equal(mbuf->port, PORT);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), sample->length);
	assert_memory_equal(
		rte_pktmbuf_read(mbuf, 0, sample->length, scratch), sample->frame, sample->length);
	rte_pktmbuf_free(mbuf);
	return count;
}

static void run_case(struct rig *rig, const struct reject_case *this, uint16_t segment)
{
	const struct frame_spec *spec = &this->frame;
	uint8_t expected[FRAME_SIZE];
	struct rte_mbuf *answers[2];
	struct packet packet;
	struct answer_sample sample;
	unsigned count, done = 0;
	uint16_t length;

	answer_sample_make(spec, this->seq != 0 ? this->seq : SEQ, &sample);
	count = reject(rig, &sample, segment, rig->pool, &packet, answers);
	assert_int_equal(packet.l3_offset, sample.l3);
	assert_int_equal(packet.l4_offset, sample.l4);
	assert_int_equal(packet.fragment, spec->more_fragments || spec->fragment_offset != 0);
	assert_int_equal(packet.later_fragment, spec->fragment_offset != 0);

	if (this->kind == UNREACHABLE) {
		assert_int_equal(count, 1);
		length =
			answer_unreachable_write(&sample, spec, this->code, this->quoted, expected);
		assert_answer(answers[done++], PORT, &sample, expected, length);
	}
	for (unsigned i = 0; i < 2 && this->resets[i].flags != 0; i++) {
		assert_true(done < count);
		length = answer_reset_write(&sample, spec, i == 0, &this->resets[i], expected);
		assert_answer(answers[done++], i == 0 ? PORT : PEER, &sample, expected, length);
	}
	assert_int_equal(count, done);
}

static void rig_of_pool(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->pool = rte_pktmbuf_pool_create(
		"rig", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	assert_non_null(rig->pool);
}

static void rig_of_pool_fini(struct rig *rig)
{
	assert_int_equal(rte_mempool_in_use_count(rig->pool), 0);
	rte_mempool_free(rig->pool);
}

static void test_cases(void **state)
{
	struct rig rig;

	(void)state;
	rig_of_pool(&rig);
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		printf("%s\n", cases[i].name);
		run_case(&rig, &cases[i], 0);
		run_case(&rig, &cases[i], 7);
	}
	rig_of_pool_fini(&rig);
}

/* Whole answers as scapy makes them, so that what is expected does not rest on this test alone. */
static void test_known_answers(void **state)
{
	static const struct {
		struct frame_spec frame;
		unsigned answer, count; /* which one of how many */
		const char *bytes;	/* in hexadecimal, a line for each header */
	} known[] = {
		{{TCP4, .tcp_flags = SYN}, 0, 1,
			"0200000000010200000000020800"
			"4500002800004000400626ce0a0000020a000001"
			"005003e800000000000003e95014000093ad0000"},
		{{TCP6, .tcp_flags = ACK, .vlans = {6, 5}, .vlan_types = {0x88a8}}, 1, 2,
			"02000000000202000000000188a800068100000586dd"
			"600000000014064020010db800000000000000000000000220010db800000000"
			"0000000000000001"
			"03e80050000003e800011170501400003acb0000"},
		{{UDP4, .payload = 3}, 0, 1,
			"0200000000010200000000020800"
			"4500003b00004000400126c00a0000020a000001"
			"03034b9700000000"
			"4500001f00000000401100000a0000010a000002"
			"03e80035000b0000"
			"030a11"},
		{{UDP6, .payload = 3}, 0, 1,
			"02000000000102000000000286dd"
			"60000000003b3a4020010db800000000000000000000000220010db800000000"
			"0000000000000001"
			"0104be1e00000000"
			"60000000000b114020010db800000000000000000000000120010db800000000"
			"0000000000000002"
			"03e80035000b0000"
			"030a11"},
	};
	struct rig rig;

	(void)state;
	rig_of_pool(&rig);
	for (unsigned i = 0; i < RTE_DIM(known); i++) {
		unsigned which = known[i].answer;
		struct rte_mbuf *answers[2] = {NULL, NULL};
		uint8_t expected[FRAME_SIZE];
		struct packet packet;
		struct answer_sample sample;
		uint16_t length = 0;

		for (const char *hex = known[i].bytes; *hex != 0; hex += 2)
			assert_int_equal(sscanf(hex, "%2hhx", &expected[length++]), 1);
		answer_sample_make(&known[i].frame, SEQ, &sample);
		assert_int_equal(
			reject(&rig, &sample, 0, rig.pool, &packet, answers), known[i].count);
		assert_answer(answers[which], which == 0 ? PORT : PEER, &sample, expected, length);
		rte_pktmbuf_free(answers[!which]);
	}
	rig_of_pool_fini(&rig);
}

/* How many answers a sample gets, which are not looked at. */
static unsigned count_answers(struct rig *rig, const struct answer_sample *sample)
{
	struct rte_mbuf *answers[2];
	struct packet packet;
	unsigned count = reject(rig, sample, 7, rig->pool, &packet, answers);

	rte_pktmbuf_free_bulk(answers, count);
	return count;
}

/* Of all types the errors of RFC 1122 section 3.2.2 and RFC 4443 section 2.1, and redirects, have
 * no answer. */
static void test_icmp_types(void **state)
{
	static const struct frame_spec ipv4 = {PLAIN4, .protocol = 1, .payload = 28};
	static const struct frame_spec ipv6 = {
		PLAIN6, .protocol = 58, .payload = 48, .extensions = {60}, .extension_count = 1};
	struct answer_sample sample4, sample6;
	struct rig rig;

	(void)state;
	rig_of_pool(&rig);
	answer_sample_make(&ipv4, SEQ, &sample4);
	answer_sample_make(&ipv6, SEQ, &sample6);
	for (unsigned type = 0; type < 256; type++) {
		bool error4 = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
		bool error6 = type < 128 || type == 137;

		sample4.frame[sample4.l4] = type;
		sample6.frame[sample6.l4] = type;
		assert_int_equal(count_answers(&rig, &sample4), error4 ? 0 : 1);
		assert_int_equal(count_answers(&rig, &sample6), error6 ? 0 : 1);
	}
	rig_of_pool_fini(&rig);
}

/* Addresses that are no single host's, as source and as destination, and their neighbours. */
static void test_addresses(void **state)
{
	static const struct {
		const char *address;
		bool host;
	} addresses[] = {
		{"0.0.0.0", false},
		{"0.255.255.255", false},
		{"1.0.0.0", true},
		{"126.255.255.255", true},
		{"127.0.0.1", false},
		{"128.0.0.0", true},
		{"223.255.255.255", true},
		{"224.0.0.1", false},
		{"239.255.255.250", false},
		{"240.0.0.1", false},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", false},
		{"::2", true},
		{"100::1", true},
		{"fe80::1", true},
		{"feff::1", true},
		{"ff02::1", false},
	};
	struct rig rig;

	(void)state;
	rig_of_pool(&rig);
	for (unsigned i = 0; i < RTE_DIM(addresses) * 4; i++) {
		const char *address = addresses[i / 4].address;
		const char *other = strchr(address, ':') != NULL ? "2001:db8::1" : "10.0.0.1";
		bool tcp = i % 2 == 0, source = i % 4 < 2;
		struct frame_spec spec = {.source = source ? address : other,
			.destination = source ? other : address,
			.protocol = tcp ? 6 : 17,
			.tcp_flags = ACK};
		struct answer_sample sample;
		unsigned expected = !addresses[i / 4].host ? 0 : tcp ? 2 : 1;

		printf("%s\n", address);
		answer_sample_make(&spec, SEQ, &sample);
		assert_int_equal(count_answers(&rig, &sample), expected);
	}
	rig_of_pool_fini(&rig);
}

/* IEEE 802: the lowest bit of an address's first byte makes it a group's, broadcast among them. */
static void test_group_frames(void **state)
{
	static const struct frame_spec specs[] = {{TCP4, .tcp_flags = ACK}, {UDP4}, {UDP6}};
	static const unsigned expected[] = {2, 1, 1};
	struct rig rig;

	(void)state;
	rig_of_pool(&rig);
	for (unsigned i = 0; i < RTE_DIM(specs); i++) {
		struct answer_sample sample;

		answer_sample_make(&specs[i], SEQ, &sample);
		assert_int_equal(count_answers(&rig, &sample), expected[i]);
		sample.frame[0] = 0x01;
		assert_int_equal(count_answers(&rig, &sample), 0);
		memset(sample.frame, 0xff, 6);
		assert_int_equal(count_answers(&rig, &sample), 0);
		answer_sample_make(&specs[i], SEQ, &sample);
		sample.frame[6] = 0x03;
		assert_int_equal(count_answers(&rig, &sample), 0);
	}
	rig_of_pool_fini(&rig);
}

/* With a pool of size buffers of room bytes, some in use, this many answers to data and to UDP. */
static void check_pool(
	struct rig *rig, unsigned size, unsigned used, uint16_t room, const unsigned expected[2])
{
	static const struct frame_spec specs[2] = {{TCP4, .tcp_flags = ACK}, {UDP4, .payload = 40}};
	struct rte_mempool *pool = rte_pktmbuf_pool_create(
		"small", size, 0, 0, RTE_PKTMBUF_HEADROOM + room, SOCKET_ID_ANY);
	struct rte_mbuf *answers[2], *other = NULL;
	struct answer_sample sample;
	struct packet packet;

	assert_non_null(pool);
	if (used > 0)
		other = rte_pktmbuf_alloc(pool);
	for (unsigned i = 0; i < 2; i++) {
		answer_sample_make(&specs[i], SEQ, &sample);
		assert_int_equal(reject(rig, &sample, 0, pool, &packet, answers), expected[i]);
		assert_int_equal(rte_mempool_in_use_count(pool), expected[i] + used);
		if (expected[i] > 0)
			assert_int_equal(answers[0]->port, PORT);
		rte_pktmbuf_free_bulk(answers, expected[i]);
	}
	rte_pktmbuf_free(other);
	rte_mempool_free(pool);
}

/* What finds no buffer, or none that it fits into, is left out. */
static void test_pool(void **state)
{
	struct rig rig;

	(void)state;
	rig_of_pool(&rig);
	check_pool(&rig, 1, 1, 256, (const unsigned[]){0, 0});
	check_pool(&rig, 2, 1, 256, (const unsigned[]){1, 1});
	check_pool(&rig, 2, 0, 256, (const unsigned[]){2, 1});
	/* 14 + 20 + 20 bytes of a RST, 14 + 20 + 8 + 68 of the error */
	check_pool(&rig, 2, 0, 53, (const unsigned[]){0, 0});
	check_pool(&rig, 2, 0, 54, (const unsigned[]){2, 0});
	check_pool(&rig, 2, 0, 109, (const unsigned[]){2, 0});
	check_pool(&rig, 2, 0, 110, (const unsigned[]){2, 1});
	rig_of_pool_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_icmp_types),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_group_frames),
		cmocka_unit_test(test_pool),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
