/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * answer: what a rejected packet is answered with, written byte by byte from the RFCs' header
 * layouts, with checksums by RFC 1071 in its plainest form, without any header or function of the
 * code under test.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_ANSWER_H
#define TIDEGATE_TESTS_PIPELINE_ANSWER_H

#include "tests/pipeline/frame.h"

enum { ANSWER_ACKED = 70000 }; /* a sample's TCP acknowledgement number */

/* A packet to be rejected: its frame, and where the headers are in it. */
struct answer_sample {
	uint8_t frame[FRAME_SIZE];
	uint16_t length;
	uint16_t l3;
	uint16_t l4;
};

struct answer_reset {
	uint8_t flags; /* 0: none is sent */
	uint32_t seq;
	uint32_t ack;
};

/* A frame with a payload that is not all zeros; seq: of a TCP header. */
void answer_sample_make(const struct frame_spec *spec, uint32_t seq, struct answer_sample *sample);

/* Write an answer to a sample of spec; both return the frame's length in bytes. quoted: bytes of
 * the sample's IP packet. */
uint16_t answer_reset_write(const struct answer_sample *sample, const struct frame_spec *spec,
	bool to_sender, const struct answer_reset *reset, uint8_t bytes[FRAME_SIZE]);
uint16_t answer_unreachable_write(const struct answer_sample *sample, const struct frame_spec *spec,
	uint8_t code, uint16_t quoted, uint8_t bytes[FRAME_SIZE]);

/* Whether the checksums of an answer are right, as its receiver looks at them. */
bool answer_sums_right(const uint8_t *ip);

#endif
