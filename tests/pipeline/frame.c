/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/frame.h"

#include <arpa/inet.h>
#include <string.h>

enum { ETHERNET = 14 }; /* bytes of its header */

struct writer {
	uint8_t *bytes;
	uint16_t length;
};

static void put8(struct writer *writer, unsigned value)
{
	writer->bytes[writer->length++] = value;
}

static void put16(struct writer *writer, unsigned value)
{
	put8(writer, value >> 8 & 0xff);
	put8(writer, value & 0xff);
}

static void put32(struct writer *writer, uint32_t value)
{
	put16(writer, value >> 16);
	put16(writer, value & 0xffff);
}

static void put_zeros(struct writer *writer, unsigned count)
{
	memset(writer->bytes + writer->length, 0, count);
	writer->length += count;
}

uint16_t frame_sum(const uint8_t *bytes, unsigned length, uint32_t sum)
{
	for (unsigned i = 0; i < length; i++)
		sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

uint32_t frame_crc32c(const uint8_t *bytes, unsigned length)
{
	uint32_t crc = UINT32_MAX;

	for (unsigned i = 0; i < length * 8; i++) {
		bool bit = ((crc ^ bytes[i / 8] >> i % 8) & 1) != 0;

		crc = crc >> 1 ^ (bit ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static void store16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = value >> 8;
	bytes[1] = value & 0xff;
}

static bool is_ipv6(const struct frame_spec *spec)
{
	return strchr(spec->source, ':') != NULL;
}

static void put_address(struct writer *writer, const char *text, bool ipv6)
{
	inet_pton(ipv6 ? AF_INET6 : AF_INET, text, writer->bytes + writer->length);
	writer->length += ipv6 ? 16 : 4;
}

static unsigned transport_header(const struct frame_spec *spec)
{
	if (spec->fragment_offset != 0)
		return 0;
	switch (spec->protocol) {
	case 6:
		return 20 + (spec->tcp_scale > 0 ? 4 : 0) + (spec->tcp_stamp > 0 ? 12 : 0);
	case 17:
	case 1:
	case 58:
		return 8;
	case 132:
		return 12 + spec->chunks_length;
	default:
		return 0;
	}
}

static void put_ethernet(struct writer *writer, const struct frame_spec *spec)
{
	static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	uint16_t type = spec->ethertype;

	if (type == 0)
		type = is_ipv6(spec) ? 0x86dd : 0x0800;
	memcpy(writer->bytes, addresses, sizeof(addresses));
	writer->length = sizeof(addresses);
	for (unsigned i = 0; i < 3 && spec->vlans[i] != 0; i++) {
		put16(writer, spec->vlan_types[i] != 0 ? spec->vlan_types[i] : 0x8100);
		put16(writer, spec->vlans[i]);
	}
	put16(writer, type);
}

static void put_ipv4(struct writer *writer, const struct frame_spec *spec, unsigned l3)
{
	unsigned header = 20 + spec->ipv4_options;

	put8(writer,
		(spec->ip_version != 0 ? spec->ip_version : 4) << 4 |
			(spec->ihl != 0 ? spec->ihl : header / 4));
	put8(writer, 0);
	put16(writer, l3 + spec->total_length_delta);
	put16(writer, spec->fragment_id);
	put16(writer, (spec->more_fragments ? 0x2000 : 0) | spec->fragment_offset / 8);
	put8(writer, spec->hop_limit != 0 ? spec->hop_limit : 64);
	put8(writer, spec->protocol);
	put16(writer, 0);
	put_address(writer, spec->source, false);
	put_address(writer, spec->destination, false);
	/* No-operation options, RFC 791 section 3.1. */
	for (unsigned i = 0; i < spec->ipv4_options; i++) {
		bool end = spec->options_end != 0 && i >= spec->options_end;

		put8(writer, end ? 0 : i < 12 && spec->options[i] != 0 ? spec->options[i] : 1);
	}
}

static void put_ipv6(struct writer *writer, const struct frame_spec *spec, unsigned l3)
{
	unsigned count = spec->extension_count;

	put32(writer, (uint32_t)(spec->ip_version != 0 ? spec->ip_version : 6) << 28);
	put16(writer, l3 - 40 + spec->total_length_delta);
	put8(writer, count > 0 ? spec->extensions[0] : spec->fragment_header ? 44 : spec->protocol);
	put8(writer, spec->hop_limit != 0 ? spec->hop_limit : 64);
	put_address(writer, spec->source, true);
	put_address(writer, spec->destination, true);
	for (unsigned i = 0; i < count; i++) {
		unsigned next = i + 1 < count	? spec->extensions[i + 1]
			: spec->fragment_header ? 44
						: spec->protocol;

		put8(writer, next);
		put8(writer, 0); /* 8 bytes */
		put16(writer,
			spec->extensions[i] == 43 && spec->routing != 0 ? spec->routing & 0xffff
									: 0x0104);
		put32(writer, 0); /* PadN, RFC 8200 section 4.2 */
	}
	if (spec->fragment_header) {
		put8(writer, spec->protocol);
		put8(writer, 0);
		put16(writer, spec->fragment_offset | (spec->more_fragments ? 1 : 0));
		put32(writer, spec->fragment_id);
	}
}

static void put_transport(struct writer *writer, const struct frame_spec *spec)
{
	if (transport_header(spec) == 0)
		return;
	if (spec->protocol == 6) {
		put16(writer, spec->source_port);
		put16(writer, spec->destination_port);
		put32(writer, spec->seq != 0 ? spec->seq : 1);
		put32(writer, spec->ack != 0 ? spec->ack : 1);
		put8(writer,
			(spec->tcp_words != 0
					? spec->tcp_words
					: 5 + (spec->tcp_scale > 0) + 3 * (spec->tcp_stamp > 0))
				<< 4);
		put8(writer, spec->tcp_flags);
		put16(writer, spec->window != 0 ? spec->window : 65535);
		put32(writer, 0);
		if (spec->tcp_scale > 0) {
			put8(writer, 1); /* no operation */
			put8(writer, 3); /* RFC 7323 section 2.2 */
			put8(writer, 3);
			put8(writer, spec->tcp_scale - 1);
		}
		if (spec->tcp_stamp > 0) {
			put32(writer, 0x0101080a); /* RFC 7323 appendix A */
			put32(writer, spec->tcp_stamp);
			put32(writer, 0);
		}
	} else if (spec->protocol == 17) {
		put16(writer, spec->source_port);
		put16(writer, spec->destination_port);
		put16(writer, 8 + spec->payload + spec->udp_length_delta);
		put16(writer, 0);
	} else if (spec->protocol == 132) {
		put16(writer, spec->source_port);
		put16(writer, spec->destination_port);
		put32(writer, spec->tag);
		put32(writer, 0);
		for (unsigned i = 0; i < spec->chunks_length; i++)
			put8(writer, spec->chunks[i]);
	} else {
		uint8_t echo = spec->protocol == 58 ? 128 : 8;

		put8(writer, spec->icmp_type != 0 ? spec->icmp_type & 0xff : echo);
		put8(writer, spec->icmp_code);
		put16(writer, 0);
		put16(writer, spec->identifier);
		put16(writer, 0);
	}
}

/* The quoted packet; returns how many bytes of it. */
static unsigned build_quote(const struct frame_spec *spec, uint8_t frame[FRAME_SIZE])
{
	unsigned length;
	uint32_t l3;

	if (spec->quote == NULL)
		return 0;
	length = frame_build(spec->quote, frame, &l3) - ETHERNET;
	memmove(frame, frame + ETHERNET, length);
	return spec->quoted != 0 ? spec->quoted : length;
}

/* The checksums of the IP packet at ip, whose transport header is at l4: RFC 791, 9293, 768, 792,
 * 4443 section 2.3. A fragment has that of its datagram, which is not known here. */
static void put_sums(const struct frame_spec *spec, uint8_t *ip, uint8_t *l4, unsigned length)
{
	static const uint8_t places[256] = {[1] = 2, [6] = 16, [17] = 6, [58] = 2};
	bool ipv6 = is_ipv6(spec);
	uint8_t *place = l4 + places[spec->protocol];
	uint32_t sum = 0;

	if (!ipv6)
		store16(ip + 10, ~frame_sum(ip, l4 - ip, 0) ^ spec->ip_sum_delta);
	if (spec->protocol == 132 && transport_header(spec) > 0) {
		uint32_t crc = frame_crc32c(l4, length) ^ spec->sum_delta;

		for (unsigned i = 0; i < 4; i++)
			l4[8 + i] = crc >> i * 8 & 0xff;
	}
	if (places[spec->protocol] == 0 || transport_header(spec) == 0 || spec->udp_without_sum)
		return;
	if (spec->protocol != 1)
		sum = frame_sum(ip + (ipv6 ? 8 : 12), ipv6 ? 32 : 8, spec->protocol + length);
	sum = (uint16_t)~frame_sum(l4, length, sum);
	if (sum == 0 && spec->protocol == 17)
		sum = 0xffff;
	store16(place, sum ^ spec->sum_delta);
}

uint16_t frame_build(const struct frame_spec *spec, uint8_t frame[FRAME_SIZE], uint32_t *ret_l3)
{
	struct writer writer = {.bytes = frame};
	uint8_t quote[FRAME_SIZE], *ip, *l4 = NULL;
	unsigned quoted = build_quote(spec, quote);
	unsigned l3 = 0;

	put_ethernet(&writer, spec);
	ip = frame + writer.length;
	if (spec->source != NULL) {
		l3 = transport_header(spec) + quoted + spec->payload;
		if (is_ipv6(spec)) {
			l3 += 40 + spec->extension_count * 8 + (spec->fragment_header ? 8 : 0);
			put_ipv6(&writer, spec, l3);
		} else {
			l3 += 20 + spec->ipv4_options;
			put_ipv4(&writer, spec, l3);
		}
		l4 = frame + writer.length;
		put_transport(&writer, spec);
	}
	memcpy(writer.bytes + writer.length, quote, quoted);
	writer.length += quoted;
	put_zeros(&writer, spec->payload + spec->padding);
	if (l4 != NULL && spec->sums)
		put_sums(spec, ip, l4, ip + l3 - l4);
	*ret_l3 = l3 + spec->total_length_delta;
	return spec->cut != 0 ? spec->cut : writer.length;
}
