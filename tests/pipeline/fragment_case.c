/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/fragment_case.h"

#include <string.h>

#include "tests/pipeline/frame.h"
#include "tests/unit/check.h"

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
	if (run.rig.worker->tables[version == 6].count != one->flows)
		fail_msg("%s: %u flows, not %u", one->name,
			run.rig.worker->tables[version == 6].count, one->flows);
	fragment_rig_fini(&run);
}

void fragment_cases_run(const struct fragment_case *cases, unsigned count)
{
	static const unsigned bursts[] = {1, 3, 32};

	for (unsigned i = 0; i < count; i++)
		for (uint8_t version = 4; version <= 6; version += 2)
			for (unsigned j = 0; j < RTE_DIM(bursts) && cases[i].only != 10 - version;
				j++)
				for (uint16_t segment = 0; segment <= 90; segment += 90)
					run_case(&cases[i], version, bursts[j], segment);
}
