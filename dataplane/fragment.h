/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fragment: datagrams in fragments, of which the first alone has the transport header.
 *
 * Overview: nothing is put together: fragments go on as they came. A bounded table remembers of
 * each datagram what its first fragment told and which bytes came by. A later fragment that comes
 * before the first waits for it and goes on right behind it. Once fragments overlap (RFC 5722; RFC
 * 8200 section 4.5, and IPv4 likewise), disagree on the datagram's end, go past 65,535 bytes, or
 * the first one is malformed or lacks a part of its headers (RFC 1858, RFC 7112), all further ones
 * are dropped. One that is there again is dropped alone.
 *
 * Life-cycle of a datagram: FRAGMENT_LIFETIME from its first packet, whatever else comes;
 * FRAGMENT_WAIT from when it is complete, so that copies are known as such but an identification
 * that is used again is a new datagram soon. One whose first fragment did not come is forgotten
 * when the last one stops waiting: nothing of it went on. The oldest of a bucket gives way.
 */
#ifndef TIDEGATE_DATAPLANE_FRAGMENT_H
#define TIDEGATE_DATAPLANE_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "dataplane/dataplane.h"
#include "dataplane/hash.h"
#include "dataplane/packet.h"

enum {
	/* Fragments of one datagram: 65,535 bytes by IPv6's smallest MTU (RFC 8200 section 5) are
	 * 54. */
	FRAGMENT_PIECES = 64,
	/* Buffers that wait in one table. */
	FRAGMENT_WAITING = 512,
};

/* The reassembly time of RFC 791 section 3.2 as commonly set, Linux's too. */
#define FRAGMENT_LIFETIME (30 * NANOSECONDS)
/* For the first fragment. An end system waits for what was lost on the way (Linux 30 s, pf 60 s);
 * here it is for what the way put out of order, which takes milliseconds (VPP: 0.1 s). */
#define FRAGMENT_WAIT NANOSECONDS

struct fragment_table;

/* buckets: a power of two. Returns NULL without memory. */
struct fragment_table *fragment_table_create(uint32_t buckets, const struct hash_secret *secret);

/* Frees what waits, too. */
void fragment_table_destroy(struct fragment_table *table);

/* Memory of a table in bytes. */
uint64_t fragment_table_size(uint32_t buckets);

/* What tells the datagram of a fragment from others, hashed. */
uint32_t fragment_hash(const struct hash_secret *secret, const struct packet *packet);

/*
 * Note a fragment, which parse_packet() gave *reason. Returns true when it has to wait: the table
 * has its buffer. Else *reason is DROP_NONE, and the packet is complete with what the first
 * fragment told, or why to drop it. Either way others may have stopped waiting: fragment_next().
 */
bool fragment_note(struct fragment_table *table, struct rte_mbuf *mbuf, struct packet *packet,
	uint64_t now, enum drop_reason *reason);

/* Whether fragments have waited too long. They are as good as gone; fragment_expire() lets go of
 * one slice of them, of at most about 5 µs. */
bool fragment_due(const struct fragment_table *table, uint64_t now);
void fragment_expire(struct fragment_table *table, uint64_t now);

/* Whether there are fragments that wait no more; and take the next one of them, in order; the
 * packet is complete when its reason is DROP_NONE. NULL: there is none. All are to be taken before
 * the next fragment is noted, expired or denied. */
bool fragment_ready(const struct fragment_table *table);
struct rte_mbuf *fragment_next(
	struct fragment_table *table, struct packet *ret_packet, enum drop_reason *ret_reason);

/*
 * The verdict of a first fragment that was dropped, for the later ones to follow; recalled as
 * DROP_NONE when there is none. Where several workers are, this is in the table of the worker that
 * owns the flow, not of the one that the fragments met at.
 */
void fragment_deny(struct fragment_table *table, const struct packet *packet, uint64_t now,
	enum drop_reason reason);
enum drop_reason fragment_denied(
	const struct fragment_table *table, const struct packet *packet, uint64_t now);

#endif
