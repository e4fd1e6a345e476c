/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/answer.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_ipv6(const struct frame_spec *spec)
{
	return strchr(spec->source, ':') != NULL;
}

static void store16(uint8_t *bytes, uint32_t value)
{
	bytes[0] = value >> 8;
	bytes[1] = value;
}

static void store32(uint8_t *bytes, uint32_t value)
{
	store16(bytes, value >> 16);
	store16(bytes + 2, value);
}

/* Over what follows an IP header, with the pseudo-header but for ICMP in IPv4. */
static uint16_t payload_sum(const uint8_t *ip, uint8_t protocol, unsigned payload)
{
	bool ipv6 = ip[0] >> 4 == 6;
	unsigned header = ipv6 ? 40 : 20;
	uint32_t sum = 0;

	if (protocol != 1)
		sum = frame_sum(ip + (ipv6 ? 8 : 12), ipv6 ? 32 : 8, protocol + payload);
	return frame_sum(ip + header, payload, sum);
}

void answer_sample_make(const struct frame_spec *spec, uint32_t seq, struct answer_sample *sample)
{
	unsigned tags = spec->vlans[0] == 0 ? 0 : spec->vlans[1] == 0 ? 1 : 2;
	unsigned header = is_ipv6(spec)
		? 40u + spec->extension_count * 8u + (spec->fragment_header ? 8 : 0)
		: 20u + spec->ipv4_options;
	uint32_t l3_length;

	memset(sample, 0, sizeof(*sample));
	sample->length = frame_build(spec, sample->frame, &l3_length);
	sample->l3 = 14 + tags * 4;
	sample->l4 = sample->l3 + header;
	if (spec->protocol == 6 && spec->fragment_offset == 0) {
		store32(&sample->frame[sample->l4 + 4], seq);
		store32(&sample->frame[sample->l4 + 8], ANSWER_ACKED);
	}
	/* Payload and padding can be told apart, and their bytes from each other. */
	for (unsigned i = 0; i < spec->payload; i++)
		sample->frame[sample->l3 + l3_length - spec->payload + i] = 3 + i * 7;
	memset(&sample->frame[sample->l3 + l3_length], 0xee, spec->padding);
}

/* The expected answer's Ethernet and IP headers; returns where its payload goes. */
static uint8_t *put_headers(const struct answer_sample *sample, const struct frame_spec *spec,
	bool to_sender, uint8_t protocol, uint16_t payload, uint8_t *bytes)
{
	const char *source = to_sender ? spec->destination : spec->source;
	const char *destination = to_sender ? spec->source : spec->destination;
	uint8_t *ip = bytes + sample->l3;

	memset(bytes, 0, FRAME_SIZE);
	memcpy(bytes, sample->frame, sample->l3);
	if (to_sender) {
		memcpy(bytes, sample->frame + 6, 6);
		memcpy(bytes + 6, sample->frame, 6);
	}
	if (is_ipv6(spec)) {
		ip[0] = 0x60;
		store16(ip + 4, payload);
		ip[6] = protocol;
		ip[7] = 64;
		inet_pton(AF_INET6, source, ip + 8);
		inet_pton(AF_INET6, destination, ip + 24);
		return ip + 40;
	}
	ip[0] = 0x45;
	store16(ip + 2, 20 + payload);
	ip[6] = 0x40; /* don't fragment */
	ip[8] = 64;
	ip[9] = protocol;
	inet_pton(AF_INET, source, ip + 12);
	inet_pton(AF_INET, destination, ip + 16);
	store16(ip + 10, ~frame_sum(ip, 20, 0));
	return ip + 20;
}

/* RFC 9293 section 3.1; returns the frame's length. */
uint16_t answer_reset_write(const struct answer_sample *sample, const struct frame_spec *spec,
	bool to_sender, const struct answer_reset *reset, uint8_t bytes[FRAME_SIZE])
{
	uint8_t *tcp = put_headers(sample, spec, to_sender, 6, 20, bytes);

	store16(tcp, to_sender ? spec->destination_port : spec->source_port);
	store16(tcp + 2, to_sender ? spec->source_port : spec->destination_port);
	store32(tcp + 4, reset->seq);
	store32(tcp + 8, reset->ack);
	tcp[12] = 0x50;
	tcp[13] = reset->flags;
	store16(tcp + 16, ~payload_sum(bytes + sample->l3, 6, 20));
	return tcp + 20 - bytes;
}

/* RFC 792, RFC 4443 section 3.1; returns the frame's length. */
uint16_t answer_unreachable_write(const struct answer_sample *sample, const struct frame_spec *spec,
	uint8_t code, uint16_t quoted, uint8_t bytes[FRAME_SIZE])
{
	bool ipv6 = is_ipv6(spec);
	uint8_t protocol = ipv6 ? 58 : 1;
	uint8_t *icmp = put_headers(sample, spec, true, protocol, 8 + quoted, bytes);

	icmp[0] = ipv6 ? 1 : 3;
	icmp[1] = code;
	memcpy(icmp + 8, sample->frame + sample->l3, quoted);
	store16(icmp + 2, ~payload_sum(bytes + sample->l3, protocol, 8 + quoted));
	return icmp + 8 + quoted - bytes;
}

/* Every checksum is right when the sum with it is all ones. */
bool answer_sums_right(const uint8_t *ip)
{
	if (ip[0] >> 4 == 6)
		return payload_sum(ip, ip[6], ip[4] << 8 | ip[5]) == 0xffff;
	return frame_sum(ip, 20, 0) == 0xffff &&
		payload_sum(ip, ip[9], (ip[2] << 8 | ip[3]) - 20) == 0xffff;
}
