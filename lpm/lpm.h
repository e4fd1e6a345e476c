/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lpm: lists of matches over packet header fields, compiled to a classifier.
 *
 * Overview: rules and capture filters are lists of matches over the same dimensions: source and
 * destination address, source and destination port, protocol, TCP flags. A compiled classifier
 * tells the first match that accepts a tuple. For each dimension a value maps to a class, a class
 * has a bitset over the list, and a tuple matches the AND of its classes' bitsets. Most tuples of
 * IPv4 are compared with a short list of candidates instead, which leads to the same.
 *
 * Life-cycle: classifier_create() copies what it needs; the matches may be freed afterwards.
 *
 * Synchronisation: a classifier is immutable; any number of threads may look it up.
 */
#ifndef TIDEGATE_LPM_LPM_H
#define TIDEGATE_LPM_LPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv4 or IPv6 prefix. The host bits under the mask are zero. */
struct prefix {
	uint8_t address[16]; /* network order; IPv4 in the first 4 bytes, the rest zero */
	uint8_t version;     /* 4 or 6 */
	uint8_t depth;	     /* bits: 0–32 or 0–128 */
};

/* Longest text of a prefix with its final NUL: 39 + "/128". */
#define PREFIX_TEXT_SIZE 48

/*
 * Parse an address or CIDR (RFC 4632 section 3.1, RFC 4291 section 2.3): "192.0.2.1", "10.0.0.0/8",
 * "2001:db8::/32". An address alone is a /32 or /128. No leading zeros in the length, no zone, no
 * blanks. Returns 0; -EINVAL when it is no address or CIDR; -EDOM when bits under the mask are set,
 * and then *ret_prefix is the canonical form for the caller's message.
 */
int prefix_parse(const char *text, struct prefix *ret_prefix);

/* Write the canonical text (RFC 5952 for IPv6), always with "/depth". Returns text. */
const char *prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT_SIZE]);

/* One element of an address list; a negated one takes its addresses out of the list again,
 * whatever the order: [10.0.0.0/8,!10.1.0.0/16]. */
struct match_address {
	struct prefix prefix;
	bool negated;
};

/* One element of a port list, low ≤ high; negated as above. */
struct match_port {
	uint16_t low;
	uint16_t high;
	bool negated;
};

/*
 * Parse a port or range of the flow API: "1994" or "1990:1994", low ≤ high, 0–65535, digits only.
 * Returns 0, -EINVAL when it is neither, -ERANGE when a port is past 65535 or low > high.
 */
int port_range_parse(const char *text, uint16_t *ret_low, uint16_t *ret_high);

/*
 * One match. A list of count 0 accepts anything (ANY), also packets that lack the field; a list
 * with only negated elements is ANY less those. Any other port list, even 0–65535, never accepts a
 * tuple without ports. TCP flags are looked at where flag_mask is not 0, and then only TCP matches:
 * (tcp_flags & flag_mask) == flags. Matches with the same long list should point to one array: it
 * is then compiled once.
 */
struct match {
	const struct match_address *sources;
	const struct match_address *destinations;
	const struct match_port *source_ports;
	const struct match_port *destination_ports;
	const uint8_t *protocols; /* IANA numbers */
	uint32_t source_count;
	uint32_t destination_count;
	uint32_t source_port_count;
	uint32_t destination_port_count;
	uint32_t protocol_count;
	uint8_t flags;
	uint8_t flag_mask;
};

/* What is classified. */
struct tuple {
	uint8_t source[16];	 /* network order, IPv4 in the first 4 bytes */
	uint8_t destination[16]; /* likewise */
	uint16_t source_port;	 /* host order; 0 without ports */
	uint16_t destination_port;
	uint8_t version; /* 4 or 6 */
	uint8_t protocol;
	uint8_t tcp_flags; /* FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128 */
	bool has_ports;	   /* TCP, UDP or SCTP with its ports at hand */
};

/* The most matches one classifier holds. */
#define CLASSIFIER_MATCH_MAX 65536

struct classifier;

/*
 * Compile count matches, in the order of precedence; count may be 0.
 * Returns 0; -EINVAL when a match is out of its ranges (low > high, depth too long, flags outside
 * the mask); -E2BIG past CLASSIFIER_MATCH_MAX; -ENOMEM.
 */
int classifier_create(
	const struct match *matches, uint32_t count, struct classifier **ret_classifier);
void classifier_destroy(struct classifier *classifier);

/* The index of the first match that accepts the tuple, or -1. */
int32_t classifier_first(const struct classifier *classifier, const struct tuple *tuple);

/* Whether classifier_first() is 0 for every tuple: the first match asks for nothing. */
bool classifier_takes_all(const struct classifier *classifier);

/*
 * The same as classifier_first() for count tuples at once; results[i] belongs to tuples[i]. For
 * tuples that are all known beforehand: it has the memory of many on its way at a time. The packet
 * path is no such caller: its flow stage goes packet by packet, and whether a packet is judged at
 * all depends on what the one before it did to its flow.
 */
void classifier_first_bulk(const struct classifier *classifier, const struct tuple *tuples,
	uint32_t count, int32_t *results);

/*
 * The index of the first match behind index after that accepts the tuple, or -1; after may be any
 * number, and below 0 it is classifier_first(). Called in a loop, it gives all matches of a tuple.
 */
int32_t classifier_next(
	const struct classifier *classifier, const struct tuple *tuple, int32_t after);

/* Memory held, in bytes. */
size_t classifier_memory(const struct classifier *classifier);

#endif
