/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of fragments through pipeline_burst(): each case is run for IPv4 and IPv6, in bursts of 1,
 * 3 and 32, in one buffer a frame and in chains.
 *
 * Sources: VPP's test/test_reassembly.py; OpenBSD's regress/sys/net/pf_fragment (frag_*.py,
 * frag6_*.py); Linux's tools/testing/selftests/net/ip_defrag.c; RFC 1858, 3128, 5722, 6946, 7112,
 * 8200 section 4.5. Those put datagrams together and send them whole: here what goes on are the
 * fragments, so that what was sent on before an overlap showed is not taken back; the rest is held
 * back, and the receiver has no whole datagram.
 */
#include <string.h>

#include "tests/pipeline/fragment_rig.h"
#include "tests/pipeline/frame.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { PIECES_MAX = 16 };

struct fragment_case {
	const char *name;
	uint8_t only; /* IP version; 0: both */
	unsigned count;
	struct piece pieces[PIECES_MAX];
	const char *order; /* in which they go on, by letter */
	uint32_t flows;
};

#define DROPPED(drop_reason) .dropped = true, .reason = drop_reason

static const struct fragment_case cases[] = {
	{"in order (VPP test_reassembly)", .count = 3, .pieces = {{A}, {B}, {C}}, .order = "abc",
		.flows = 1},
	{"reversed (VPP test_reversed)", .count = 3, .pieces = {{C}, {B}, {A}}, .order = "cab",
		.flows = 1},
	{"last first (Linux ip_defrag)", .count = 3, .pieces = {{C}, {A}, {B}}, .order = "bac",
		.flows = 1},
	{"first in the middle", .count = 3, .pieces = {{B}, {A}, {C}}, .order = "bac", .flows = 1},
	{"datagrams in each other (VPP test_random)", .count = 6,
		.pieces = {{C, .id = 1}, {B, .id = 2}, {A, .id = 2}, {C, .id = 2}, {A, .id = 1},
			{B, .id = 1}},
		.order = "cbdeaf", .flows = 1},
	{"identification, direction, VLAN tell datagrams apart", .count = 8,
		.pieces = {{A, .id = 1}, {B, .id = 2, DROPPED(DROP_FRAGMENT_ORPHAN)},
			{B, .id = 1, .back = true, DROPPED(DROP_FRAGMENT_ORPHAN)},
			{B, .id = 1, .vlan = 7, DROPPED(DROP_FRAGMENT_ORPHAN)}, {B, .id = 1},
			{A, .id = 1, .vlan = 8}, {C, .id = 1, .vlan = 8}, {C, .id = 1}},
		.order = "aefgh", .flows = 2},
	{"the protocol tells datagrams of IPv4 apart (RFC 791 section 3.2)", .only = 4, .count = 3,
		.pieces = {{A}, {B, .protocol = 6, DROPPED(DROP_FRAGMENT_ORPHAN)}, {B}},
		.order = "ac", .flows = 1},
	{"protocols without ports", .count = 5,
		.pieces = {{C, .protocol = 47}, {A, .protocol = 47}, {B, .protocol = 47},
			{B, .id = 3, .protocol = 50, DROPPED(DROP_FRAGMENT_ORPHAN)},
			{A, .id = 4, .protocol = 132}},
		.order = "bace", .flows = 2},
	{"later fragments of an echo wait for its identifier", .only = 4, .count = 3,
		.pieces = {{B, .protocol = 1}, {A, .protocol = 1}, {C, .protocol = 1}},
		.order = "bac", .flows = 1},
	{"and of an echo of ICMPv6", .only = 6, .count = 3,
		.pieces = {{B, .protocol = 58}, {A, .protocol = 58}, {C, .protocol = 58}},
		.order = "bac", .flows = 1},
	{"copies (VPP test_duplicates)", .count = 7,
		.pieces = {{C}, {C, DROPPED(DROP_FRAGMENT_DUPLICATE)}, {A},
			{A, DROPPED(DROP_FRAGMENT_DUPLICATE)}, {B},
			{B, DROPPED(DROP_FRAGMENT_DUPLICATE)},
			{C, DROPPED(DROP_FRAGMENT_DUPLICATE)}},
		.order = "cae", .flows = 1},
	{"a flood of copies keeps no datagram alive", .count = 6,
		.pieces = {{A}, {A, .ms = 10000, DROPPED(DROP_FRAGMENT_DUPLICATE)},
			{A, .ms = 20000, DROPPED(DROP_FRAGMENT_DUPLICATE)}, {B, .ms = 30000},
			{B, .ms = 30000, DROPPED(DROP_FRAGMENT_DUPLICATE)},
			{C, .ms = 30001, DROPPED(DROP_FRAGMENT_ORPHAN)}},
		.order = "ad", .flows = 1},
	{"copies of a whole datagram for a second, then it is another", .count = 6,
		.pieces = {{A}, {B}, {C}, {A, .ms = 1000, DROPPED(DROP_FRAGMENT_DUPLICATE)},
			{C, .ms = 1001}, {A, .ms = 1001}},
		.order = "abcfe", .flows = 1},
	{"overlap at the front (pf_fragment frag_overhead)", .count = 4,
		.pieces = {{A}, {B}, {992, 1008, true, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{C, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "ab", .flows = 1},
	{"overlap at the end (pf_fragment frag_overtail)", .count = 4,
		.pieces = {{A}, {B}, {1992, 2500, false, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{C, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "ab", .flows = 1},
	{"overlap inside (pf_fragment frag_overindex)", .count = 3,
		.pieces = {{A}, {96, 104, true, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{B, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "a", .flows = 1},
	{"overlap over one and into the next (pf_fragment frag_overdrop)", .count = 4,
		.pieces = {{A}, {B}, {0, 1504, true, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{A, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "ab", .flows = 1},
	{"same begin, other end", .count = 3,
		.pieces = {{A}, {0, 992, true, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{B, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "a", .flows = 1},
	{"overlap among those that wait: the first one goes, too (RFC 5722 section 4)", .count = 4,
		.pieces = {{B, DROPPED(DROP_FRAGMENT_OVERLAP)}, {C, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{1992, 2008, true, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{A, DROPPED(DROP_FRAGMENT_OVERLAP)}}},
	{"the first one overlaps one that waits", .count = 3,
		.pieces = {{B, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{0, 1008, true, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{C, DROPPED(DROP_FRAGMENT_OVERLAP)}}},
	{"an overlap is that of its datagram", .count = 4,
		.pieces = {{A, .id = 1}, {A, .id = 2},
			{8, 16, true, .id = 1, DROPPED(DROP_FRAGMENT_OVERLAP)}, {B, .id = 2}},
		.order = "abd", .flows = 1},
	{"two ends", .count = 3,
		.pieces = {{A}, {C}, {2504, 2512, false, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "ab", .flows = 1},
	{"past the end", .count = 4,
		.pieces = {{A}, {2000, 2504, false},
			{2504, 2512, true, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{B, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "ab", .flows = 1},
	{"an end before what was there", .count = 3,
		.pieces = {{A}, {3000, 3008, true}, {C, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "ab", .flows = 1},
	{"the end's copy with more to follow", .count = 3,
		.pieces = {{A}, {2000, 2496, false},
			{2000, 2496, true, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "ab", .flows = 1},
	{"a second's wait (VPP test_timeout_inline)", .count = 3,
		.pieces = {{B}, {A, .ms = 1000}, {C, .ms = 1000}}, .order = "bac", .flows = 1},
	{"longer than a second; then it begins anew", .count = 4,
		.pieces = {{B, DROPPED(DROP_FRAGMENT_ORPHAN)},
			{C, .ms = 500, DROPPED(DROP_FRAGMENT_ORPHAN)}, {A, .ms = 1501},
			{B, .ms = 1501}},
		.order = "cd", .flows = 1},
	{"each waits a second of its own", .count = 3,
		.pieces = {{B, DROPPED(DROP_FRAGMENT_ORPHAN)}, {C, .ms = 500}, {A, .ms = 1001}},
		.order = "cb", .flows = 1},
	{"missing first (VPP test_missing_head)", .count = 2,
		.pieces = {{B, DROPPED(DROP_FRAGMENT_ORPHAN)}, {C, DROPPED(DROP_FRAGMENT_ORPHAN)}}},
	{"not a multiple of 8 bytes (RFC 8200 section 4.5), and empty ones", .count = 5,
		.pieces = {{A}, {1000, 1999, true, DROPPED(DROP_FRAGMENT_LENGTH)},
			{1000, 1000, true, DROPPED(DROP_FRAGMENT_LENGTH)},
			{2504, 2504, false, DROPPED(DROP_FRAGMENT_LENGTH)}, {B}},
		.order = "ae", .flows = 1},
	{"up to 65,535 bytes with the header", .only = 4, .count = 2,
		.pieces = {{A}, {65512, 65515, false}}, .order = "ab", .flows = 1},
	{"past 65,535 bytes with the header (ping of death)", .only = 4, .count = 4,
		.pieces = {{A, .id = 1},
			{65512, 65516, false, .id = 1, DROPPED(DROP_FRAGMENT_TOO_LONG)},
			{B, .id = 1, DROPPED(DROP_FRAGMENT_TOO_LONG)},
			{65528, 65535, false, .id = 2, DROPPED(DROP_FRAGMENT_TOO_LONG)}},
		.order = "a", .flows = 1},
	{"up to 65,535 bytes without the header", .only = 6, .count = 2,
		.pieces = {{A}, {65528, 65535, false}}, .order = "ab", .flows = 1},
	{"past 65,535 bytes (VPP test_long)", .only = 6, .count = 3,
		.pieces = {{A}, {65528, 65536, false, DROPPED(DROP_FRAGMENT_TOO_LONG)},
			{B, DROPPED(DROP_FRAGMENT_TOO_LONG)}},
		.order = "a", .flows = 1},
	{"a tiny first one takes those that wait with it (RFC 1858 section 3)", .count = 3,
		.pieces = {{B, .protocol = 6, DROPPED(DROP_TCP_TRUNCATED)},
			{0, 24, true, .protocol = 6, .cut = 16, DROPPED(DROP_TCP_TRUNCATED)},
			{C, .protocol = 6, DROPPED(DROP_TCP_TRUNCATED)}}},
	{"a first one without all of its options (RFC 7112)", .count = 2,
		.pieces =
			{{0, 24, true, .protocol = 6, .tcp_words = 8,
				 DROPPED(DROP_TCP_DATA_OFFSET)},
				{24, 48, false, .protocol = 6, DROPPED(DROP_TCP_DATA_OFFSET)}}},
	{"flags by an overlap at byte 8 (RFC 3128 section 2)", .count = 3,
		.pieces = {{0, 24, true, .protocol = 6},
			{8, 24, true, .protocol = 6, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{24, 48, false, .protocol = 6, DROPPED(DROP_FRAGMENT_OVERLAP)}},
		.order = "a", .flows = 1},
	{"the same before the first one", .count = 2,
		.pieces = {{8, 24, true, .protocol = 6, DROPPED(DROP_FRAGMENT_OVERLAP)},
			{0, 24, true, .protocol = 6, DROPPED(DROP_FRAGMENT_OVERLAP)}}},
	{"an atomic fragment is a whole packet beside a datagram of its number (RFC 6946)",
		.only = 6, .count = 4, .pieces = {{B}, {0, 500, false}, {A}, {0, 500, false}},
		.order = "bcad", .flows = 1},
};

static void check_case(const struct fragment_rig *run, const struct fragment_case *one)
{
	const char *order = one->order != NULL ? one->order : "";

	for (unsigned i = 0; i < one->count; i++) {
		const struct piece *piece = &one->pieces[i];
		enum drop_reason expected = piece->dropped ? piece->reason : DROP_NONE;

		assert_true(run->fates.decided[i]);
		if (run->fates.reasons[i] != expected)
			fail_msg("%s: fragment %c: reason %u, not %u", one->name, 'a' + i,
				run->fates.reasons[i], expected);
	}
	assert_int_equal(run->passed, strlen(order));
	for (unsigned i = 0; i < run->passed; i++)
		if (run->order[i] != (unsigned)order[i] - 'a')
			fail_msg("%s: %c at %u, not %c", one->name, 'a' + run->order[i], i,
				order[i]);
}

static void run_case(
	const struct fragment_case *one, uint8_t version, unsigned burst, uint16_t segment)
{
	static struct fragment_rig run;
	struct rte_mbuf *mbufs[BURST_MAX];
	uint64_t now = 0;
	unsigned i = 0;

	fragment_rig_init(&run);
	while (i < one->count) {
		unsigned count = 0;

		now = (uint64_t)one->pieces[i].ms * MILLISECOND;
		for (; i < one->count && count < burst &&
			(uint64_t)one->pieces[i].ms * MILLISECOND == now;
			i++) {
			uint8_t frame[FRAME_SIZE];
			uint16_t length = piece_build(&one->pieces[i], version, frame);

			mbufs[count++] = rig_mbuf(&run.rig, frame, length, 0, segment);
		}
		fragment_rig_feed(&run, mbufs, count, now);
	}
	fragment_rig_wait(&run, now + FRAGMENT_WAIT + 1);
	check_case(&run, one);
	assert_int_equal(run.rig.worker->tables[version == 6].count, one->flows);
	fragment_rig_fini(&run);
}

static void test_cases(void **state)
{
	static const unsigned bursts[] = {1, 3, 32};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(cases); i++)
		for (uint8_t version = 4; version <= 6; version += 2)
			for (unsigned j = 0; j < RTE_DIM(bursts) && cases[i].only != 10 - version;
				j++)
				for (uint16_t segment = 0; segment <= 90; segment += 90)
					run_case(&cases[i], version, bursts[j], segment);
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
