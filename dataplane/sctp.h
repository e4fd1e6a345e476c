/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sctp: whether packets are of an SCTP association, by their verification tags, and what it is at;
 * a pure function of what went by before.
 *
 * Overview: RFC 9260. Each side tells in its INIT or INIT ACK the tag that packets to it carry
 * (section 3.3.2). What a handshake agrees on holds from its COOKIE ECHO on, which only a side can
 * send that has got the other's INIT ACK: an INIT, which anyone can send who knows the ports, takes
 * nothing from a living association (sections 5.2.2 and 5.2.4). A HEARTBEAT may come first, on
 * another path of an association of several addresses (section 5.4), as in Linux
 * (net/netfilter/nf_conntrack_proto_sctp.c); then, and midstream, the first packet of each side
 * tells its tag.
 */
#ifndef TIDEGATE_DATAPLANE_SCTP_H
#define TIDEGATE_DATAPLANE_SCTP_H

#include <stdbool.h>
#include <stdint.h>

struct rte_mbuf;

/* Chunk types, RFC 9260 section 3.2. */
enum sctp_chunk {
	SCTP_DATA = 0,
	SCTP_INIT = 1,
	SCTP_INIT_ACK = 2,
	SCTP_SACK = 3,
	SCTP_HEARTBEAT = 4,
	SCTP_HEARTBEAT_ACK = 5,
	SCTP_ABORT = 6,
	SCTP_SHUTDOWN = 7,
	SCTP_SHUTDOWN_ACK = 8,
	SCTP_ERROR = 9,
	SCTP_COOKIE_ECHO = 10,
	SCTP_COOKIE_ACK = 11,
	SCTP_SHUTDOWN_COMPLETE = 14,
	SCTP_AUTH = 15,	       /* RFC 4895 */
	SCTP_CHUNK_KNOWN = 16, /* types from here on are not looked at */
};

/* What a packet says; host order. */
struct sctp_packet {
	uint32_t tag;	       /* verification tag */
	uint32_t initiate_tag; /* of an INIT or INIT ACK */
	uint16_t chunks;       /* bit of each type below SCTP_CHUNK_KNOWN */
	bool reflected; /* an ABORT or SHUTDOWN COMPLETE with the T bit: its receiver's tag */
	bool malformed; /* its chunks: see sctp_read() */
};

enum sctp_state {
	SCTP_NONE,
	SCTP_MIDSTREAM, /* picked up without its INIT, or begun by a HEARTBEAT; one side seen */
	SCTP_INITIATED, /* an INIT */
	SCTP_ANSWERED,	/* an INIT ACK */
	SCTP_ECHOED,	/* a COOKIE ECHO */
	SCTP_ESTABLISHED,
	SCTP_SHUT, /* a SHUTDOWN */
	SCTP_SHUT_ACKED,
	SCTP_CLOSED, /* a SHUTDOWN COMPLETE or an ABORT */
	SCTP_STATE_COUNT
};

struct sctp {
	uint32_t tags[2];  /* that packets from a side carry; 0: not known */
	uint32_t asked[2]; /* that the answer of a side to the other's INIT carries */
	/* What the last two INIT ACKs would have as tags: a repeated INIT may get two answers, and
	 * the end takes the one that it gets first. */
	uint32_t offered[2][2];
	uint8_t state;	/* enum sctp_state */
	bool unchecked; /* every packet is one of the association: as asked for */
};

/*
 * Read the common header and the chunks of a packet, from offset up to end in the mbuf; the common
 * header is there. whole: no fragment. Malformed is a packet without a chunk, or one of whose
 * chunks runs past the end, is too short, or is not alone or first though it must be (sections
 * 3.3.2, 3.3.12, 6.10), and an INIT or INIT ACK with the initiate tag 0 (section 3.3.2).
 */
void sctp_read(const struct rte_mbuf *mbuf, uint32_t offset, uint32_t end, bool whole,
	struct sctp_packet *ret_packet);

/* Whether the tag is 0 in an INIT, and in nothing else: section 8.5.1 A. */
bool sctp_tag_is_legal(const struct sctp_packet *packet);

/* Whether a well-formed packet may be the first of a flow: an INIT, or a HEARTBEAT alone. */
bool sctp_opens(const struct sctp_packet *packet);

/* Begin an association with its first packet, from side 0. One that does not open is picked up
 * midstream. unchecked: take every packet for one of the association. */
void sctp_begin(struct sctp *sctp, const struct sctp_packet *packet, bool unchecked);

/* Whether a packet begins another association in place of one that is over. */
bool sctp_reopens(const struct sctp *sctp, const struct sctp_packet *packet);

/* Advance the association by a later packet from a side, well-formed if it is checked. False: its
 * tag is that of another one. */
bool sctp_advance(struct sctp *sctp, const struct sctp_packet *packet, unsigned side);

#endif
