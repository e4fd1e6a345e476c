/* SPDX-License-Identifier: BSD-3-Clause */
/* Random fragments of several datagrams at a time, with copies and overlaps, out of order, against
 * reference_fragment.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/pipeline/fragment_rig.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/reference_fragment.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { RANDOM_PIECES = 200, ROUNDS = 300 };

/* Cut datagrams at random multiples of 8, copy and damage some pieces, and shuffle. */
static unsigned draw_pieces(struct reference_piece *pieces, unsigned *seed)
{
	unsigned count = 0;

	for (unsigned datagram = 0; datagram < REFERENCE_DATAGRAMS; datagram++) {
		unsigned size = 100 + rand_r(seed) % 3000, begin = 0;
		bool clean = rand_r(seed) % 2 == 0;

		while (begin < size && count < RANDOM_PIECES - 3) {
			unsigned end = begin + (3 + rand_r(seed) % 60) * 8;
			struct reference_piece piece = {datagram, begin, end, true};

			if (end >= size) {
				piece.end = size;
				piece.more = false;
			}
			pieces[count++] = piece;
			begin = end;
			if (rand_r(seed) % 8 == 0)
				pieces[count++] = piece;
			if (clean || rand_r(seed) % 8 != 0 || piece.begin < 8)
				continue;
			piece.begin -= rand_r(seed) % 2 * 8;
			piece.end = piece.begin + (1 + rand_r(seed) % 60) * 8;
			piece.more = rand_r(seed) % 4 != 0;
			pieces[count++] = piece;
		}
	}
	for (unsigned i = count - 1; i > 0; i--) {
		unsigned other = rand_r(seed) % (i + 1);
		struct reference_piece kept = pieces[i];

		pieces[i] = pieces[other];
		pieces[other] = kept;
	}
	return count;
}

static void run_random(unsigned seed, uint8_t version)
{
	static struct fragment_rig run;
	struct reference_piece pieces[RANDOM_PIECES];
	unsigned expected[RANDOM_PIECES], start = seed;
	unsigned count = draw_pieces(pieces, &seed);
	unsigned passed = reference_fragment(pieces, count, expected);

	fragment_rig_init(&run);
	for (unsigned i = 0; i < count;) {
		unsigned burst = 1 + rand_r(&seed) % BURST_MAX, size = 0;
		struct rte_mbuf *mbufs[BURST_MAX];

		for (; size < burst && i < count; i++) {
			struct piece piece = {pieces[i].begin, pieces[i].end, pieces[i].more,
				.id = pieces[i].datagram};
			uint8_t frame[FRAME_SIZE];
			uint16_t length = piece_build(&piece, version, frame);

			mbufs[size++] = rig_mbuf(&run.rig, frame, length, 0, 0);
		}
		fragment_rig_feed(&run, mbufs, size, SECOND);
	}
	fragment_rig_wait(&run, 3 * SECOND);
	if (run.passed != passed || memcmp(run.order, expected, passed * sizeof(*expected)) != 0)
		fail_msg("seed %u, IPv%u: %u go on, not %u, or in another order", start, version,
			run.passed, passed);
	fragment_rig_fini(&run);
}

static void test_random(void **state)
{
	unsigned seed = time(NULL);

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++)
		run_random(seed + i, i % 2 == 0 ? 4 : 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
