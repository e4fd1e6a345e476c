/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/fragment_rig.h"

#include <string.h>

#include "tests/pipeline/frame.h"
#include "tests/unit/check.h"

/* The packet's number: buffers are used again, and what waits is the last one of its buffer. */
static unsigned number_of(const struct fates *fates, const struct rte_mbuf *mbuf)
{
	unsigned i = fates->count;

	while (i > 0 && fates->mbufs[i - 1] != mbuf)
		i--;
	assert_true(i > 0);
	return i - 1;
}

static void note_fates(struct worker *worker, void *context)
{
	struct fates *fates = context;

	for (unsigned i = 0; i < worker->burst.count; i++) {
		unsigned number = number_of(fates, worker->burst.mbufs[i]);

		assert_false(fates->decided[number]);
		fates->decided[number] = true;
		fates->reasons[number] = worker->burst.reasons[i];
	}
}

uint16_t piece_build(const struct piece *piece, uint8_t version, uint8_t *frame)
{
	static const char *const ends[2][2] = {
		{"10.0.0.1", "10.0.0.2"}, {"2001:db8::1", "2001:db8::2"}};
	const char *const *pair = ends[version == 6];
	uint8_t protocol = piece->protocol != 0 ? piece->protocol : 17;
	bool icmp = protocol == 1 || protocol == 58;
	uint16_t header = piece->begin > 0 ? 0
		: protocol == 17	   ? 8
		: protocol == 6		   ? 20
		: protocol == 132	   ? 12
		: icmp			   ? 8
					   : 0;
	struct frame_spec spec = {
		.source = pair[piece->back],
		.destination = pair[!piece->back],
		.protocol = protocol,
		.source_port = piece->back ? 53 : 1000,
		.destination_port = piece->back ? 1000 : 53,
		.identifier = 7,
		.vlans = {piece->vlan},
		.payload = piece->end - piece->begin - header,
		.extensions = {60, 60, 60, 60, 60, 60, 60, 60},
		.extension_count = piece->extensions,
		.fragment_header = version == 6,
		.fragment_id = piece->id,
		.fragment_offset = piece->begin,
		.more_fragments = piece->more,
		.tcp_words = piece->tcp_words,
		.total_length_delta = -piece->cut,
	};
	uint32_t l3;

	return frame_build(&spec, frame, &l3);
}

void fragment_rig_init(struct fragment_rig *run)
{
	rig_init(&run->rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	run->rig.peers[1] = 0;
	run->fates.count = 0;
	memset(run->fates.decided, 0, sizeof(run->fates.decided));
	run->passed = 0;
	run->rig.worker->burst_judged = note_fates;
	run->rig.worker->burst_judged_context = &run->fates;
}

void fragment_rig_feed(
	struct fragment_rig *run, struct rte_mbuf **mbufs, unsigned count, uint64_t now)
{
	struct rte_mbuf *sent[SENT_MAX];
	uint16_t result;

	for (unsigned i = 0; i < count; i++)
		run->fates.mbufs[run->fates.count++] = mbufs[i];
	result = pipeline_burst(run->rig.worker, mbufs, count, now, sent);
	for (unsigned i = 0; i < result; i++) {
		run->order[run->passed++] = number_of(&run->fates, sent[i]);
		assert_int_equal(sent[i]->port, 1);
		rte_pktmbuf_free(sent[i]);
	}
}

void fragment_rig_wait(struct fragment_rig *run, uint64_t now)
{
	while (fragment_due(run->rig.worker->fragments, now))
		fragment_rig_feed(run, NULL, 0, now);
}

void fragment_rig_fini(struct fragment_rig *run)
{
	const struct port_stats *stats = run->rig.worker->port_stats;
	uint64_t drops = 0;

	assert_false(fragment_due(run->rig.worker->fragments, UINT64_MAX));
	for (unsigned reason = 0; reason < DROP_COUNT; reason++)
		drops += stats[0].drops[reason];
	/* Each went on once, or was dropped and counted. */
	assert_int_equal(run->passed + drops, run->fates.count);
	rig_fini(&run->rig);
}

enum drop_reason fragment_rig_send(struct fragment_rig *run, const struct piece *piece,
	uint8_t version, uint16_t segment, bool *ret_held)
{
	uint8_t frame[FRAME_SIZE];
	struct rte_mbuf *mbuf =
		rig_mbuf(&run->rig, frame, piece_build(piece, version, frame), 0, segment);
	unsigned number = run->fates.count;

	fragment_rig_feed(run, &mbuf, 1, (uint64_t)piece->ms * MILLISECOND);
	*ret_held = !run->fates.decided[number];
	return run->fates.reasons[number];
}
