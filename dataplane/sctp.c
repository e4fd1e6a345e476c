/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/sctp.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_mbuf.h>
#include <rte_sctp.h>

enum {
	CHUNK_HEADER = 4,   /* type, flags, length of 2 bytes: section 3.2 */
	INIT_HEADER = 20,   /* the chunk without optional parameters: section 3.3.2 */
	CHUNKS_MAX = 64,    /* looked at; a sender bundles a few */
	FLAG_REFLECTED = 1, /* T: sections 3.3.7 and 3.3.13 */
};

#define CHUNK(type) (1u << (type))

/* Chunks that are alone in their packet, and that come first, but for an AUTH (RFC 4895). */
#define ALONE (CHUNK(SCTP_INIT) | CHUNK(SCTP_INIT_ACK) | CHUNK(SCTP_SHUTDOWN_COMPLETE))
#define FIRST (CHUNK(SCTP_COOKIE_ECHO) | CHUNK(SCTP_COOKIE_ACK))

static bool has(const struct sctp_packet *packet, enum sctp_chunk type)
{
	return (packet->chunks & CHUNK(type)) != 0;
}

/* Note one chunk, of which there are rest bytes, behind others or not. Returns whether it may stand
 * there. */
static bool read_chunk(
	const uint8_t *header, uint32_t rest, bool behind, struct sctp_packet *packet)
{
	uint32_t length = (uint32_t)(header[2] << 8 | header[3]);
	uint32_t initiate_tag;
	unsigned chunk;

	if ((packet->chunks & ALONE) != 0)
		return false;
	if (header[0] >= SCTP_CHUNK_KNOWN)
		return true;
	chunk = CHUNK(header[0]);
	packet->chunks |= chunk;
	if (behind && (chunk & (ALONE | FIRST)) != 0)
		return false;
	if (header[0] == SCTP_INIT || header[0] == SCTP_INIT_ACK) {
		if (RTE_MIN(length, rest) < INIT_HEADER)
			return false;
		memcpy(&initiate_tag, header + CHUNK_HEADER, sizeof(initiate_tag));
		packet->initiate_tag = rte_be_to_cpu_32(initiate_tag);
		return packet->initiate_tag != 0;
	}
	if (header[0] == SCTP_ABORT || header[0] == SCTP_SHUTDOWN_COMPLETE)
		packet->reflected = (header[1] & FLAG_REFLECTED) != 0;
	return true;
}

static bool read_chunks(const struct rte_mbuf *mbuf, uint32_t offset, uint32_t end, bool whole,
	struct sctp_packet *packet)
{
	bool behind = false;
	unsigned number;

	for (number = 0; offset < end && number < CHUNKS_MAX; number++) {
		uint8_t scratch[INIT_HEADER];
		uint32_t rest = end - offset;
		const uint8_t *header;
		uint32_t length;

		if (rest < CHUNK_HEADER)
			return !whole && number > 0;
		header = rte_pktmbuf_read(
			mbuf, offset, RTE_MIN(rest, (uint32_t)INIT_HEADER), scratch);
		length = (uint32_t)(header[2] << 8 | header[3]);
		if (length < CHUNK_HEADER || (length > rest && whole) ||
			!read_chunk(header, rest, behind, packet))
			return false;
		behind = behind || header[0] != SCTP_AUTH;
		/* Chunks are padded to a multiple of 4 bytes. */
		offset += RTE_ALIGN_CEIL(length, 4);
	}
	return number > 0;
}

void sctp_read(const struct rte_mbuf *mbuf, uint32_t offset, uint32_t end, bool whole,
	struct sctp_packet *ret_packet)
{
	struct rte_sctp_hdr scratch;
	const struct rte_sctp_hdr *common =
		rte_pktmbuf_read(mbuf, offset, sizeof(*common), &scratch);

	*ret_packet = (struct sctp_packet){.tag = rte_be_to_cpu_32(common->tag)};
	ret_packet->malformed =
		!read_chunks(mbuf, offset + sizeof(*common), end, whole, ret_packet);
}

bool sctp_tag_is_legal(const struct sctp_packet *packet)
{
	return has(packet, SCTP_INIT) == (packet->tag == 0);
}

bool sctp_opens(const struct sctp_packet *packet)
{
	return sctp_tag_is_legal(packet) &&
		(has(packet, SCTP_INIT) || packet->chunks == CHUNK(SCTP_HEARTBEAT));
}

/* An INIT ACK agrees on the tags of both sides. */
static void note_offer(struct sctp *sctp, const struct sctp_packet *packet, unsigned side)
{
	if (sctp->offered[0][side] == packet->tag &&
		sctp->offered[0][!side] == packet->initiate_tag)
		return;
	memcpy(sctp->offered[1], sctp->offered[0], sizeof(sctp->offered[1]));
	sctp->offered[0][side] = packet->tag;
	sctp->offered[0][!side] = packet->initiate_tag;
}

void sctp_begin(struct sctp *sctp, const struct sctp_packet *packet, bool unchecked)
{
	memset(sctp, 0, sizeof(*sctp));
	sctp->unchecked = unchecked;
	sctp->state = SCTP_MIDSTREAM;
	if (unchecked)
		return;
	if (has(packet, SCTP_INIT)) {
		sctp->asked[1] = packet->initiate_tag;
		sctp->state = SCTP_INITIATED;
	} else if (has(packet, SCTP_INIT_ACK)) {
		sctp->asked[0] = packet->tag;
		note_offer(sctp, packet, 0);
	} else {
		sctp->tags[packet->reflected] = packet->tag;
		if (has(packet, SCTP_ABORT) || has(packet, SCTP_SHUTDOWN_COMPLETE))
			sctp->state = SCTP_CLOSED;
	}
}

bool sctp_reopens(const struct sctp *sctp, const struct sctp_packet *packet)
{
	return sctp->state == SCTP_CLOSED && has(packet, SCTP_INIT) && !packet->malformed &&
		sctp_opens(packet);
}

/* A handshake takes over with its COOKIE ECHO. One that comes again changes nothing. Returns
 * whether it is of a handshake. */
static bool take_over(struct sctp *sctp, const struct sctp_packet *packet, unsigned side)
{
	for (unsigned i = 0; i < 2; i++) {
		if (sctp->offered[i][side] != packet->tag)
			continue;
		if (memcmp(sctp->tags, sctp->offered[i], sizeof(sctp->tags)) != 0) {
			memcpy(sctp->tags, sctp->offered[i], sizeof(sctp->tags));
			sctp->state = SCTP_ECHOED;
		}
		return true;
	}
	return false;
}

/* An INIT is refused with the tag that it asked for, an INIT ACK with the one that it tells
 * (sections 5.1, 5.2.2 and 8.4): that ends the handshake alone. */
static bool refuse(struct sctp *sctp, const struct sctp_packet *packet, unsigned side)
{
	if (packet->reflected ||
		(packet->tag != sctp->asked[side] && packet->tag != sctp->offered[0][side] &&
			packet->tag != sctp->offered[1][side]))
		return false;
	if (sctp->tags[0] == 0 && sctp->tags[1] == 0)
		sctp->state = SCTP_CLOSED;
	return true;
}

/* By a packet whose tag is right. */
static void advance_state(struct sctp *sctp, const struct sctp_packet *packet)
{
	if (sctp->state == SCTP_CLOSED)
		return;
	if (sctp->state == SCTP_MIDSTREAM && sctp->tags[0] != 0 && sctp->tags[1] != 0)
		sctp->state = SCTP_ESTABLISHED;
	if (has(packet, SCTP_ABORT) ||
		(has(packet, SCTP_SHUTDOWN_COMPLETE) &&
			(sctp->state >= SCTP_SHUT || sctp->state == SCTP_MIDSTREAM)))
		sctp->state = SCTP_CLOSED;
	else if (has(packet, SCTP_COOKIE_ACK) && sctp->state == SCTP_ECHOED)
		sctp->state = SCTP_ESTABLISHED;
	else if (has(packet, SCTP_SHUTDOWN_ACK) && sctp->state >= SCTP_ESTABLISHED)
		sctp->state = SCTP_SHUT_ACKED;
	else if (has(packet, SCTP_SHUTDOWN) && sctp->state == SCTP_ESTABLISHED)
		sctp->state = SCTP_SHUT;
}

/* Midstream the first packet of a side tells its tag, unless a handshake does. */
static void learn_tag(struct sctp *sctp, const struct sctp_packet *packet, unsigned side)
{
	if (sctp->state == SCTP_MIDSTREAM && sctp->tags[side] == 0 && sctp->asked[side] == 0 &&
		sctp->offered[0][side] == 0 && !packet->reflected)
		sctp->tags[side] = packet->tag;
}

/* Section 8.5, and 8.5.1 of the chunks with rules of their own. */
bool sctp_advance(struct sctp *sctp, const struct sctp_packet *packet, unsigned side)
{
	if (sctp->unchecked) {
		if (side == 1)
			sctp->state = SCTP_ESTABLISHED;
		return true;
	}
	if (!sctp_tag_is_legal(packet))
		return false;
	if (has(packet, SCTP_INIT)) {
		sctp->asked[!side] = packet->initiate_tag;
		return true;
	}
	if (has(packet, SCTP_INIT_ACK)) {
		if (packet->tag != sctp->asked[side])
			return false;
		note_offer(sctp, packet, side);
		if (sctp->state == SCTP_INITIATED)
			sctp->state = SCTP_ANSWERED;
		return true;
	}
	if (has(packet, SCTP_COOKIE_ECHO) && sctp->state != SCTP_CLOSED &&
		take_over(sctp, packet, side))
		return true;
	learn_tag(sctp, packet, side);
	if (packet->tag == sctp->tags[side ^ packet->reflected]) {
		advance_state(sctp, packet);
		return true;
	}
	return has(packet, SCTP_ABORT) && refuse(sctp, packet, side);
}
