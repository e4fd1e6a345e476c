/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/reset.h"

#include <assert.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_tcp.h>

#include "dataplane/compose.h"

enum {
	TAGS_MAX = 2,
	TCP_WORDS = 5, /* 32-bit words of a header without options */
};

/* An Ethernet header with the tags that the parser knows. */
struct link_header {
	struct rte_ether_addr destination;
	struct rte_ether_addr source;
	struct {
		rte_be16_t type;
		rte_be16_t control;
	} tags[TAGS_MAX];
};

static_assert(sizeof(struct link_header) == 20, "as on the wire");

/* One RST, to one end. */
struct reset {
	uint32_t seq;
	uint32_t ack;
	bool acknowledges;
};

void reset_note_path(struct flow_table *table, uint32_t position, const struct rte_mbuf *mbuf,
	uint32_t l3_offset)
{
	struct link_path *path = &table->paths[position];
	uint32_t length = l3_offset - sizeof(rte_be16_t); /* the rest is the last ethertype */
	struct link_header scratch;
	const struct link_header *header;

	assert(length <= sizeof(scratch));
	header = rte_pktmbuf_read(mbuf, 0, length, &scratch);
	memcpy(path->source, &header->source, sizeof(path->source));
	memcpy(path->destination, &header->destination, sizeof(path->destination));
	path->port = mbuf->port;
	path->tag_count = (length - 2 * sizeof(struct rte_ether_addr)) / sizeof(header->tags[0]);
	/* 8100, 88a8 or 9100: see parse.c. */
	for (unsigned i = 0; i < path->tag_count; i++)
		path->tag_types[i] = rte_be_to_cpu_16(header->tags[i].type) >> 8;
}

static rte_be16_t tag_type(uint8_t high)
{
	uint16_t type = high << 8;

	return rte_cpu_to_be_16(high == RTE_ETHER_TYPE_QINQ >> 8 ? RTE_ETHER_TYPE_QINQ : type);
}

/* What the other end of the connection may send to this one, and at which numbers; returns how many
 * RSTs there are to try. */
static unsigned plan(const struct tcp *tcp, unsigned to, struct reset resets[2])
{
	const struct tcp_side *own = &tcp->sides[to], *other = &tcp->sides[!to];
	/* Before it has seen anything of the other end, it goes by the acknowledgement alone. */
	struct reset reset = {.ack = own->end, .acknowledges = own->sent};
	unsigned count = 0;

	if (tcp->unchecked || (!own->sent && !other->sent))
		return 0; /* its numbers were not followed */
	if (own->acked) {
		reset.seq = own->ack;
		resets[count++] = reset;
	}
	if (other->sent && !(own->acked && own->ack == other->end)) {
		reset.seq = other->end;
		resets[count++] = reset;
	}
	if (count == 0)
		resets[count++] = reset;
	return count;
}

static uint32_t domain_of(const struct flow_table *table, uint32_t position)
{
	const void *key = flow_key(table, position);

	return table->version == 4 ? ((const struct flow_key4 *)key)->domain
				   : ((const struct flow_key6 *)key)->domain;
}

static void put_link(const struct flow_table *table, uint32_t position, bool to_source, void *data)
{
	const struct link_path *path = &table->paths[position];
	struct link_header *header = data;
	uint32_t domain = domain_of(table, position);
	uint16_t vlans[TAGS_MAX] = {KEY_VLAN_OUTER(domain), KEY_VLAN_INNER(domain)};
	rte_be16_t ethertype =
		rte_cpu_to_be_16(table->version == 4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);

	memcpy(&header->destination, to_source ? path->source : path->destination,
		sizeof(header->destination));
	memcpy(&header->source, to_source ? path->destination : path->source,
		sizeof(header->source));
	for (unsigned i = 0; i < path->tag_count; i++) {
		header->tags[i].type = tag_type(path->tag_types[i]);
		header->tags[i].control = rte_cpu_to_be_16(vlans[TAGS_MAX - path->tag_count + i]);
	}
	memcpy(&header->tags[path->tag_count], &ethertype, sizeof(ethertype));
}

static void put_tcp(const struct flow_table *table, const void *key, unsigned to,
	const struct reset *reset, struct rte_tcp_hdr *tcp)
{
	const uint16_t *ports = table->version == 4 ? ((const struct flow_key4 *)key)->ports
						    : ((const struct flow_key6 *)key)->ports;

	*tcp = (struct rte_tcp_hdr){
		.src_port = ports[!to],
		.dst_port = ports[to],
		.sent_seq = rte_cpu_to_be_32(reset->seq),
		.recv_ack = rte_cpu_to_be_32(reset->acknowledges ? reset->ack : 0),
		.data_off = TCP_WORDS << 4,
		.tcp_flags = RTE_TCP_RST_FLAG | (reset->acknowledges ? RTE_TCP_ACK_FLAG : 0),
	};
	tcp->cksum = compose_checksum(table->version, tcp);
}

static const void *address_of(const struct flow_table *table, const void *key, unsigned end)
{
	return table->version == 4 ? (const void *)&((const struct flow_key4 *)key)->addresses[end]
				   : (const void *)((const struct flow_key6 *)key)->addresses[end];
}

/* A RST to an end of the key, from the other one; NULL without memory. */
static struct rte_mbuf *make(const struct flow_table *table, uint32_t position, unsigned to,
	const struct reset *reset, struct rte_mempool *pool)
{
	const void *key = flow_key(table, position);
	bool to_source = to == table->flows[position].source_end;
	uint32_t link_length =
		RTE_ETHER_HDR_LEN + table->paths[position].tag_count * sizeof(struct rte_vlan_hdr);
	void *tcp;
	struct rte_mbuf *mbuf =
		compose_packet(pool, link_length, table->version, address_of(table, key, !to),
			address_of(table, key, to), IPPROTO_TCP, sizeof(struct rte_tcp_hdr), &tcp);

	if (mbuf == NULL)
		return NULL;
	put_link(table, position, to_source, rte_pktmbuf_mtod(mbuf, void *));
	put_tcp(table, key, to, reset, tcp);
	return mbuf;
}

unsigned reset_ends(const struct flow_table *table, uint32_t position, const uint8_t *peers,
	struct rte_mempool *pool, struct rte_mbuf *resets[RESET_MAX])
{
	const struct flow *flow = &table->flows[position];
	uint8_t port = table->paths[position].port;
	unsigned count = 0;

	if (KEY_PROTOCOL(domain_of(table, position)) != IPPROTO_TCP)
		return 0;
	for (unsigned side = 0; side < 2; side++) {
		unsigned to = side == 0 ? flow->source_end : !flow->source_end;
		struct reset planned[2];
		unsigned plans = plan(&table->connections[position].tcp, side, planned);

		for (unsigned i = 0; i < plans; i++) {
			struct rte_mbuf *mbuf = make(table, position, to, &planned[i], pool);

			if (mbuf == NULL)
				continue;
			mbuf->port = side == 0 ? port : peers[port];
			resets[count++] = mbuf;
		}
	}
	return count;
}
