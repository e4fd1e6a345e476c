/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/tcp_case.h"

#include "dataplane/tcp_flags.h"
#include "tests/unit/check.h"

struct tcp_segment tcp_case_segment(const struct tcp_step *step)
{
	uint8_t scale = step->options & 0xff;

	return (struct tcp_segment){
		.seq = step->seq,
		.ack = step->ack,
		.length = step->length,
		.window = step->window,
		.flags = step->flags,
		.scale = scale > 0 ? scale - 1 : TCP_SCALE_NONE,
		.sack_permitted = (step->options & SACK_OK) != 0,
		.sacked = step->options >> 10 & 0x3fffff,
		.stamped = (step->options & STAMP(0)) != 0,
		.timestamp = step->options >> 32,
	};
}

static void run(const struct tcp_case *one)
{
	struct tcp tcp;

	for (unsigned i = 0; i < TCP_CASE_STEPS && one->steps[i].flags != 0; i++) {
		const struct tcp_step *step = &one->steps[i];
		struct tcp_segment segment = tcp_case_segment(step);
		enum tcp_verdict verdict = TCP_VALID;

		if (!tcp_flags_legal(step->flags))
			fail_msg("%s: step %u: flags are not legal", one->name, i);
		if (i > 0 && tcp_reopens(&tcp, &segment, step->side)) {
			verdict = REOPENS;
			tcp_begin(&tcp, &segment, false);
		} else if (i == 0) {
			tcp_begin(&tcp, &segment, false);
		} else {
			verdict = tcp_advance(&tcp, &segment, step->side);
		}
		if (verdict != step->verdict || tcp.state != step->state)
			fail_msg("%s: step %u: verdict %d, not %d; state %d, not %d", one->name, i,
				verdict, step->verdict, tcp.state, step->state);
	}
}

void tcp_cases_run(const struct tcp_case *cases, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		run(&cases[i]);
}
