/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SCTP: packets as RFC 9260 has them in its sections 3, 5, 8.4, 8.5 and 9, and what is to become of
 * them. Linux's conntrack (net/netfilter/nf_conntrack_proto_sctp.c) takes the tag that an INIT
 * tells at once, from whomever it is; here it holds from the COOKIE ECHO on.
 */
#include "dataplane/sctp.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define BIT(chunk) (1u << SCTP_##chunk)

enum {
	STEPS_MAX = 12,
	TAG_A = 0xaaaaaaa,
	TAG_B = 0xbbbbbbb,
	TAG_C = 0xccccccc,
	TAG_D = 0xddddddd,
	OTHER = 7
};

/* TAG_A is what packets to side 0 carry, TAG_B to side 1. */
struct step {
	unsigned side;
	struct sctp_packet packet;
	bool right;	       /* the tag */
	enum sctp_state state; /* afterwards */
};

#define STEP(side, number, types, ...)                                                             \
	{                                                                                          \
		side, {.tag = number, .chunks = types}, __VA_ARGS__                                \
	}
#define REFLECTED(side, number, types, ...)                                                        \
	{                                                                                          \
		side, {.tag = number, .chunks = types, .reflected = true}, __VA_ARGS__             \
	}
#define INIT(side, own, ...)                                                                       \
	{                                                                                          \
		side, {.initiate_tag = own, .chunks = BIT(INIT)}, __VA_ARGS__                      \
	}
#define INIT_ACK(side, to, own, ...)                                                               \
	{                                                                                          \
		side, {.tag = to, .initiate_tag = own, .chunks = BIT(INIT_ACK)}, __VA_ARGS__       \
	}
#define INIT_A INIT(0, TAG_A, true, SCTP_INITIATED)
#define INIT_ACK_B INIT_ACK(1, TAG_A, TAG_B, true, SCTP_ANSWERED)
#define ECHO_A STEP(0, TAG_B, BIT(COOKIE_ECHO) | BIT(DATA), true, SCTP_ECHOED)
#define COOKIE_ACK_B STEP(1, TAG_A, BIT(COOKIE_ACK), true, SCTP_ESTABLISHED)
#define SHAKEN INIT_A, INIT_ACK_B, ECHO_A, COOKIE_ACK_B

static const struct {
	const char *name;
	struct step steps[STEPS_MAX]; /* up to one without chunks */
} cases[] = {
	{"handshake, data, shutdown, a straggler",
		{SHAKEN, STEP(0, TAG_B, BIT(DATA), true, SCTP_ESTABLISHED),
			STEP(1, TAG_A, BIT(SACK) | BIT(DATA), true, SCTP_ESTABLISHED),
			STEP(1, TAG_A, BIT(SHUTDOWN), true, SCTP_SHUT),
			STEP(0, TAG_B, BIT(SHUTDOWN_ACK), true, SCTP_SHUT_ACKED),
			STEP(1, TAG_A, BIT(SHUTDOWN_COMPLETE), true, SCTP_CLOSED),
			STEP(0, TAG_B, BIT(SHUTDOWN_ACK), true, SCTP_CLOSED),
			STEP(0, OTHER, BIT(SHUTDOWN_ACK), false, SCTP_CLOSED)}},
	{"other tags than the side's own",
		{SHAKEN, STEP(0, OTHER, BIT(DATA), false, SCTP_ESTABLISHED),
			STEP(0, TAG_A, BIT(DATA), false, SCTP_ESTABLISHED),
			STEP(1, 0, BIT(SACK), false, SCTP_ESTABLISHED),
			STEP(1, TAG_B, BIT(SHUTDOWN), false, SCTP_ESTABLISHED),
			STEP(0, OTHER, BIT(ABORT), false, SCTP_ESTABLISHED),
			STEP(0, OTHER, BIT(HEARTBEAT), false, SCTP_ESTABLISHED),
			STEP(0, TAG_B, BIT(HEARTBEAT), true, SCTP_ESTABLISHED)}},
	{"an ABORT", {SHAKEN, STEP(1, TAG_A, BIT(ABORT), true, SCTP_CLOSED)}},
	{"the T bit: the sender's own tag, and then not the receiver's, section 8.5.1 B",
		{SHAKEN, REFLECTED(1, TAG_A, BIT(ABORT), false, SCTP_ESTABLISHED),
			REFLECTED(1, TAG_B, BIT(ABORT), true, SCTP_CLOSED)}},
	{"SHUTDOWN COMPLETE with the T bit, section 8.5.1 C",
		{SHAKEN, STEP(0, TAG_B, BIT(SHUTDOWN), true, SCTP_SHUT),
			STEP(1, TAG_A, BIT(SHUTDOWN_ACK), true, SCTP_SHUT_ACKED),
			REFLECTED(0, TAG_B, BIT(SHUTDOWN_COMPLETE), false, SCTP_SHUT_ACKED),
			REFLECTED(0, TAG_A, BIT(SHUTDOWN_COMPLETE), true, SCTP_CLOSED)}},
	{"SHUTDOWN COMPLETE out of the blue closes nothing",
		{SHAKEN, STEP(0, TAG_B, BIT(SHUTDOWN_COMPLETE), true, SCTP_ESTABLISHED)}},
	{"a refused INIT, section 8.4 item 3: without the T bit",
		{INIT_A, REFLECTED(1, TAG_A, BIT(ABORT), false, SCTP_INITIATED),
			STEP(1, OTHER, BIT(ABORT), false, SCTP_INITIATED),
			STEP(1, TAG_A, BIT(ABORT), true, SCTP_CLOSED)}},
	{"a refused INIT ACK",
		{INIT_A, INIT_ACK_B, STEP(0, OTHER, BIT(ABORT), false, SCTP_ANSWERED),
			STEP(0, TAG_B, BIT(ABORT), true, SCTP_CLOSED)}},
	{"nothing but the handshake before its end",
		{INIT_A, STEP(1, TAG_A, BIT(DATA), false, SCTP_INITIATED),
			STEP(0, TAG_B, BIT(COOKIE_ECHO), false, SCTP_INITIATED),
			INIT_ACK(1, OTHER, TAG_B, false, SCTP_INITIATED),
			INIT_ACK(0, TAG_A, TAG_B, false, SCTP_INITIATED), INIT_ACK_B,
			STEP(0, TAG_B, BIT(DATA), false, SCTP_ANSWERED),
			STEP(1, TAG_A, BIT(COOKIE_ACK), false, SCTP_ANSWERED), ECHO_A}},
	{"INIT and INIT ACK again; a COOKIE ECHO again",
		{INIT_A, INIT_A, INIT_ACK_B, INIT_ACK_B, ECHO_A, ECHO_A, COOKIE_ACK_B,
			STEP(0, TAG_B, BIT(COOKIE_ECHO), true, SCTP_ESTABLISHED)}},
	{"a repeated INIT is answered twice, by different tags: the end takes the first",
		{INIT_A, INIT_A, INIT_ACK_B, INIT_ACK(1, TAG_A, TAG_D, true, SCTP_ANSWERED), ECHO_A,
			COOKIE_ACK_B, STEP(0, TAG_D, BIT(DATA), false, SCTP_ESTABLISHED)}},
	{"or the second, if the first is lost",
		{INIT_A, INIT_A, INIT_ACK(1, TAG_A, TAG_D, true, SCTP_ANSWERED),
			INIT_ACK(1, TAG_A, TAG_B, true, SCTP_ANSWERED), ECHO_A, COOKIE_ACK_B}},
	{"an INIT with a tag, section 8.5.1 A",
		{INIT_A, {0, {OTHER, TAG_A, BIT(INIT), false, false}, false, SCTP_INITIATED}}},
	{"both sides' INITs cross, section 5.2.1",
		{INIT_A, INIT(1, TAG_B, true, SCTP_INITIATED),
			INIT_ACK(0, TAG_B, TAG_A, true, SCTP_ANSWERED), INIT_ACK_B, ECHO_A,
			STEP(1, TAG_A, BIT(COOKIE_ECHO), true, SCTP_ECHOED), COOKIE_ACK_B,
			STEP(0, TAG_B, BIT(COOKIE_ACK), true, SCTP_ESTABLISHED)}},
	{"an INIT of anyone takes nothing from a living association",
		{SHAKEN, INIT(0, OTHER, true, SCTP_ESTABLISHED),
			STEP(1, TAG_A, BIT(DATA), true, SCTP_ESTABLISHED),
			STEP(1, OTHER, BIT(DATA), false, SCTP_ESTABLISHED),
			STEP(0, OTHER, BIT(COOKIE_ECHO), false, SCTP_ESTABLISHED),
			INIT_ACK(1, OTHER, TAG_C, true, SCTP_ESTABLISHED),
			STEP(0, TAG_B, BIT(DATA), true, SCTP_ESTABLISHED)}},
	{"an INIT on a living association is refused, section 5.2.2: that does not end it",
		{SHAKEN, INIT(0, TAG_C, true, SCTP_ESTABLISHED),
			STEP(1, TAG_C, BIT(ABORT), true, SCTP_ESTABLISHED),
			STEP(0, TAG_B, BIT(DATA), true, SCTP_ESTABLISHED)}},
	{"a restart, section 5.2.2: the old tags hold until the cookie comes back",
		{SHAKEN, INIT(0, TAG_C, true, SCTP_ESTABLISHED),
			INIT_ACK(1, TAG_C, TAG_D, true, SCTP_ESTABLISHED),
			STEP(1, TAG_A, BIT(DATA), true, SCTP_ESTABLISHED),
			STEP(0, TAG_D, BIT(COOKIE_ECHO), true, SCTP_ECHOED),
			STEP(1, TAG_A, BIT(DATA), false, SCTP_ECHOED),
			STEP(0, TAG_B, BIT(DATA), false, SCTP_ECHOED),
			STEP(1, TAG_C, BIT(COOKIE_ACK), true, SCTP_ESTABLISHED)}},
	{"the other side restarts",
		{SHAKEN, INIT(1, TAG_D, true, SCTP_ESTABLISHED),
			INIT_ACK(0, TAG_D, TAG_C, true, SCTP_ESTABLISHED),
			STEP(1, TAG_C, BIT(COOKIE_ECHO), true, SCTP_ECHOED),
			STEP(0, TAG_D, BIT(COOKIE_ACK), true, SCTP_ESTABLISHED),
			STEP(1, TAG_C, BIT(DATA), true, SCTP_ESTABLISHED)}},
	{"a restart while the association shuts down, section 9.2: the INIT is answered by SHUTDOWN ACK",
		{SHAKEN, STEP(0, TAG_B, BIT(SHUTDOWN), true, SCTP_SHUT),
			STEP(1, TAG_A, BIT(SHUTDOWN_ACK), true, SCTP_SHUT_ACKED),
			INIT(0, TAG_C, true, SCTP_SHUT_ACKED),
			STEP(1, TAG_A, BIT(SHUTDOWN_ACK), true, SCTP_SHUT_ACKED),
			REFLECTED(0, TAG_A, BIT(SHUTDOWN_COMPLETE), true, SCTP_CLOSED)}},
	{"another path: a HEARTBEAT and its answer",
		{STEP(0, TAG_B, BIT(HEARTBEAT), true, SCTP_MIDSTREAM),
			STEP(0, OTHER, BIT(HEARTBEAT), false, SCTP_MIDSTREAM),
			STEP(1, TAG_A, BIT(HEARTBEAT_ACK), true, SCTP_ESTABLISHED),
			STEP(1, OTHER, BIT(DATA), false, SCTP_ESTABLISHED)}},
	{"a HEARTBEAT that the other side knows nothing of, section 8.4 item 8",
		{STEP(0, TAG_B, BIT(HEARTBEAT), true, SCTP_MIDSTREAM),
			REFLECTED(1, TAG_B, BIT(ABORT), true, SCTP_CLOSED)}},
	{"a HEARTBEAT of anyone does not stand in a handshake's way",
		{STEP(0, OTHER, BIT(HEARTBEAT), true, SCTP_MIDSTREAM),
			INIT(0, TAG_A, true, SCTP_MIDSTREAM),
			STEP(1, OTHER, BIT(DATA), false, SCTP_MIDSTREAM),
			INIT_ACK(1, TAG_A, TAG_B, true, SCTP_MIDSTREAM), ECHO_A, COOKIE_ACK_B}},
	{"one side alone is never established",
		{STEP(0, TAG_B, BIT(HEARTBEAT), true, SCTP_MIDSTREAM),
			STEP(0, TAG_B, BIT(HEARTBEAT_ACK), true, SCTP_MIDSTREAM),
			REFLECTED(0, TAG_A, BIT(SHUTDOWN_COMPLETE), false, SCTP_MIDSTREAM),
			STEP(0, TAG_B, BIT(DATA), true, SCTP_MIDSTREAM)}},
	{"picked up between INIT and INIT ACK",
		{INIT_ACK(0, TAG_A, TAG_B, true, SCTP_MIDSTREAM),
			STEP(1, OTHER, BIT(COOKIE_ECHO), false, SCTP_MIDSTREAM),
			STEP(1, TAG_B, BIT(COOKIE_ECHO), true, SCTP_ECHOED),
			STEP(0, TAG_A, BIT(COOKIE_ACK), true, SCTP_ESTABLISHED)}},
	{"picked up with data",
		{STEP(0, TAG_B, BIT(DATA), true, SCTP_MIDSTREAM),
			STEP(0, TAG_B, BIT(DATA), true, SCTP_MIDSTREAM),
			STEP(1, TAG_A, BIT(SACK), true, SCTP_ESTABLISHED)}},
	{"picked up with its last packet",
		{STEP(0, TAG_B, BIT(ABORT), true, SCTP_CLOSED),
			STEP(1, TAG_A, BIT(DATA), false, SCTP_CLOSED)}},
};

static void test_cases(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct sctp sctp;

		for (unsigned j = 0; j < STEPS_MAX && cases[i].steps[j].packet.chunks != 0; j++) {
			const struct step *step = &cases[i].steps[j];
			bool right = true;

			if (j == 0)
				sctp_begin(&sctp, &step->packet, false);
			else
				right = sctp_advance(&sctp, &step->packet, step->side);
			if (right != step->right || sctp.state != step->state)
				fail_msg("%s: step %u: tag %d, state %u", cases[i].name, j, right,
					sctp.state);
		}
	}
}

static void test_opens(void **state)
{
	struct sctp sctp;
	const struct sctp_packet init = {.initiate_tag = TAG_A, .chunks = BIT(INIT)};
	const struct sctp_packet tagged = {TAG_B, TAG_A, BIT(INIT), false, false};
	const struct sctp_packet heartbeat = {.tag = TAG_B, .chunks = BIT(HEARTBEAT)};
	const struct sctp_packet untagged = {.chunks = BIT(HEARTBEAT)};
	const struct sctp_packet data = {.tag = TAG_B, .chunks = BIT(DATA) | BIT(HEARTBEAT)};
	const struct sctp_packet abort = {.tag = TAG_B, .chunks = BIT(ABORT)};

	(void)state;
	assert_true(sctp_opens(&init));
	assert_false(sctp_opens(&tagged));
	assert_true(sctp_opens(&heartbeat));
	assert_false(sctp_opens(&untagged));
	assert_false(sctp_opens(&data));
	assert_false(sctp_opens(&abort));

	sctp_begin(&sctp, &heartbeat, false);
	assert_false(sctp_reopens(&sctp, &init));
	assert_true(sctp_advance(&sctp, &abort, 0));
	assert_true(sctp_reopens(&sctp, &init));
	assert_false(sctp_reopens(&sctp, &heartbeat));
	assert_false(sctp_reopens(&sctp, &tagged));
}

/* Whatever comes is taken; both sides have sent, or not. */
static void test_unchecked(void **state)
{
	struct sctp sctp;
	const struct sctp_packet data = {.tag = TAG_B, .chunks = BIT(DATA)};
	const struct sctp_packet abort = {.chunks = BIT(ABORT), .malformed = true};

	(void)state;
	sctp_begin(&sctp, &abort, true);
	assert_true(sctp_advance(&sctp, &data, 0));
	assert_int_equal(sctp.state, SCTP_MIDSTREAM);
	assert_true(sctp_advance(&sctp, &abort, 1));
	assert_int_equal(sctp.state, SCTP_ESTABLISHED);
}

/* Chunks as bytes, behind a common header with the tag 0x01020304. */
static const struct {
	const char *name;
	uint8_t chunks[48];
	uint32_t length;
	bool good;
	bool good_cut; /* of a datagram's first fragment */
	struct sctp_packet packet;
} reads[] = {
	{"no chunk", {0}, .length = 0},
	{"INIT", {1, 0, 0, 20, 0xa, 0xb, 0xc, 0xd}, 20, true, true,
		{.initiate_tag = 0x0a0b0c0d, .chunks = BIT(INIT)}},
	{"INIT with a parameter",
		{1, 0, 0, 28, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12}, 28, true,
		true, {.initiate_tag = 0x01010101, .chunks = BIT(INIT)}},
	{"INIT with a parameter that is cut off", {1, 0, 0, 28, 1, 1, 1, 1}, 20, false, true,
		{.initiate_tag = 0x01010101, .chunks = BIT(INIT)}},
	{"INIT that is cut off", {1, 0, 0, 20, 1}, .length = 12},
	{"INIT too short", {1, 0, 0, 16, 1}, .length = 16},
	{"INIT with the initiate tag 0, section 3.3.2", {1, 0, 0, 20}, .length = 20},
	{"INIT not alone, section 6.10", {1, 0, 0, 20, 1, [20] = 6, 0, 0, 4}, .length = 24},
	{"INIT and a chunk that is not known", {1, 0, 0, 20, 1, [20] = 0xc1, 0, 0, 4},
		.length = 24},
	{"INIT not first", {6, 0, 0, 4, 1, 0, 0, 20, 1}, .length = 24},
	{"INIT behind a chunk that is not known", {0xc1, 0, 0, 4, 1, 0, 0, 20, 1}, .length = 24},
	{"INIT ACK", {2, 0, 0, 20, 1, 2, 3, 4}, 20, true, true,
		{.initiate_tag = 0x01020304, .chunks = BIT(INIT_ACK)}},
	{"INIT ACK not alone", {2, 0, 0, 20, 1, [20] = 3, 0, 0, 4}, .length = 24},
	{"COOKIE ECHO and DATA", {10, 0, 0, 5, 9, 0, 0, 0, 0, 3, 0, 17}, 28, true, true,
		{.chunks = BIT(COOKIE_ECHO) | BIT(DATA)}},
	{"AUTH before COOKIE ECHO, RFC 4895", {15, 0, 0, 8, 0, 0, 0, 1, 10, 0, 0, 4}, 12, true,
		true, {.chunks = BIT(AUTH) | BIT(COOKIE_ECHO)}},
	{"COOKIE ACK not first", {0, 3, 0, 4, 11, 0, 0, 4}, .length = 8},
	{"COOKIE ECHO not first", {3, 0, 0, 4, 10, 0, 0, 4}, .length = 8},
	{"ABORT, T", {6, 1, 0, 4}, 4, true, true, {.chunks = BIT(ABORT), .reflected = true}},
	{"ABORT", {6, 0, 0, 4}, 4, true, true, {.chunks = BIT(ABORT)}},
	{"ERROR and ABORT", {9, 0, 0, 4, 6, 0, 0, 4}, 8, true, true,
		{.chunks = BIT(ERROR) | BIT(ABORT)}},
	{"SHUTDOWN COMPLETE, T", {14, 1, 0, 4}, 4, true, true,
		{.chunks = BIT(SHUTDOWN_COMPLETE), .reflected = true}},
	{"SHUTDOWN COMPLETE not alone", {14, 0, 0, 4, 3, 0, 0, 4}, .length = 8},
	{"a type that is not known", {0xc1, 0, 0, 4, 3, 0, 0, 16}, 20, true, true,
		{.chunks = BIT(SACK)}},
	{"a chunk past the end", {3, 0, 0, 24}, 20, false, true, {.chunks = BIT(SACK)}},
	{"a chunk of length 3", {3, 0, 0, 3}, .length = 4},
	{"a chunk of length 0", {3, 0, 0, 0}, .length = 4},
	{"half a chunk header", {3, 0, 0, 4, 3, 0}, 6, false, true, {.chunks = BIT(SACK)}},
	{"half the first chunk header", {3, 0}, .length = 2},
	{"the last chunk without its padding", {0, 3, 0, 17}, 17, true, true,
		{.chunks = BIT(DATA)}},
};

static void check_read(struct rig *rig, unsigned i, uint16_t segment, bool whole)
{
	uint8_t bytes[5 + 12 + 48] = {0, 0, 0, 0, 0, 1, 2, 3, 4, 1, 2, 3, 4};
	struct sctp_packet packet;
	struct rte_mbuf *mbuf;

	memcpy(bytes + 17, reads[i].chunks, sizeof(reads[i].chunks));
	mbuf = rig_mbuf(rig, bytes, sizeof(bytes), 0, segment);
	sctp_read(mbuf, 5, 17 + reads[i].length, whole, &packet);
	rte_pktmbuf_free(mbuf);
	if (packet.malformed == (whole ? reads[i].good : reads[i].good_cut))
		fail_msg("%s: malformed is %d", reads[i].name, packet.malformed);
	assert_int_equal(packet.tag, 0x01020304);
	if (packet.malformed)
		return;
	assert_int_equal(packet.chunks, reads[i].packet.chunks);
	assert_int_equal(packet.initiate_tag, reads[i].packet.initiate_tag);
	assert_int_equal(packet.reflected, reads[i].packet.reflected);
}

static void test_read(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < RTE_DIM(reads); i++) {
		for (uint16_t segment = 0; segment <= 7; segment += 7) {
			check_read(&rig, i, segment, true);
			check_read(&rig, i, segment, false);
		}
	}
	rig_fini(&rig);
}

/* The check values of RFC 3720 appendix B.4, sent the least significant byte first, and that
 * of the nine digits: what the tests' frames get. */
static void test_reference_crc(void **state)
{
	uint8_t bytes[32] = {0};

	(void)state;
	assert_int_equal(frame_crc32c(bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(frame_crc32c(bytes, 32), 0x62a8ab43);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	assert_int_equal(frame_crc32c(bytes, 32), 0x46dd794e);
	assert_int_equal(frame_crc32c((const uint8_t *)"123456789", 9), 0xe3069283);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_opens),
		cmocka_unit_test(test_unchecked),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_reference_crc),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
