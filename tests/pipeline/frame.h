/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frame: test frames, written byte by byte from the RFCs' header layouts, without any header or
 * function of the code under test.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_FRAME_H
#define TIDEGATE_TESTS_PIPELINE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

enum { FRAME_SIZE = 4096, FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* What a frame is made of; everything left out is made right. */
struct frame_spec {
	const char *source; /* "10.0.0.1" or "2001:db8::1"; NULL: not IP */
	const char *destination;
	uint16_t vlans[3]; /* outer first */
	uint16_t vlan_types[3];
	uint16_t ethertype; /* when not IP, or to lie */
	uint8_t protocol;
	uint16_t source_port;
	uint16_t destination_port;
	uint8_t tcp_flags;
	uint8_t tcp_scale;  /* window scale option, + 1; 0: none */
	uint32_t tcp_stamp; /* timestamps option, aligned; 0: none */
	uint16_t window;    /* 0: 65535 */
	uint32_t seq;	    /* 0: 1 */
	uint32_t ack;	    /* 0: 1 */
	uint32_t tag;	    /* verification tag of SCTP */
	uint8_t chunks[44]; /* the first bytes behind its header */
	uint8_t chunks_length;
	uint16_t icmp_type; /* ICMP_TYPE(type); 0: echo request */
	uint8_t icmp_code;
	uint16_t identifier;		/* of an ICMP echo */
	const struct frame_spec *quote; /* what follows the ICMP header: this packet */
	uint16_t quoted;		/* so many bytes of it; 0: all */
	uint8_t hop_limit;		/* or TTL; 0: 64 */
	uint16_t payload;		/* bytes after the transport header */
	uint8_t ipv4_options;		/* bytes, a multiple of 4 */
	uint8_t options[12];		/* their first bytes, where not 0; else no-operations */
	uint8_t options_end;		/* from this byte on they are 0: the end of the list */
	uint32_t routing; /* of the extension header 43: ROUTING(type, segments left) */
	uint16_t fragment_id;
	uint16_t fragment_offset; /* bytes */
	bool more_fragments;
	bool fragment_header; /* IPv6, also with offset 0 and no more: atomic */
	uint8_t extensions
		[10]; /* IPv6 extension headers, 8 bytes each, in order; 255 ends the list */
	uint8_t extension_count;
	bool sums; /* with checksums; else they are 0 */
	/* Deviations; 0: none. */
	uint16_t cut;		/* the frame ends after this many bytes */
	uint16_t padding;	/* bytes behind the packet */
	uint8_t ip_version;	/* of the header */
	uint8_t ihl;		/* 32-bit words */
	int total_length_delta; /* added to the IPv4 total or IPv6 payload length */
	int udp_length_delta;
	uint8_t tcp_words;     /* data offset */
	uint16_t ip_sum_delta; /* xored with the checksums */
	uint16_t sum_delta;
	bool udp_without_sum;
};

#define ROUTING(type, left) (0x10000 | (type) << 8 | (left))
#define ICMP_TYPE(type) (0x100 | (type))

/* The ends of conversations, for a frame_spec. */
#define UDP4                                                                                       \
	.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 17, .source_port = 1000,      \
	.destination_port = 53
#define UDP4_BACK                                                                                  \
	.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 17, .source_port = 53,        \
	.destination_port = 1000
#define TCP4                                                                                       \
	.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 6, .source_port = 1000,       \
	.destination_port = 80
#define TCP4_BACK                                                                                  \
	.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 6, .source_port = 80,         \
	.destination_port = 1000
#define UDP6                                                                                       \
	.source = "2001:db8::1", .destination = "2001:db8::2", .protocol = 17,                     \
	.source_port = 1000, .destination_port = 53

/* Write the frame; returns its length in bytes. *ret_l3 is the length of the IP packet. */
uint16_t frame_build(const struct frame_spec *spec, uint8_t frame[FRAME_SIZE], uint32_t *ret_l3);

/* RFC 1071, in its plainest form: the one's complement sum of big-endian words and sum, an odd byte
 * padded with zero. */
uint16_t frame_sum(const uint8_t *bytes, unsigned length, uint32_t sum);

/* CRC32c in its plainest form, a bit at a time: RFC 9260 appendix A, RFC 3720 appendix B.4. */
uint32_t frame_crc32c(const uint8_t *bytes, unsigned length);

#endif
