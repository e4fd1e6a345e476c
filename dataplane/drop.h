/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drop reasons: every packet that is received and not sent has exactly one of them, counted at the
 * port it came in by, so that rx + the answers made for the pair's other port to send = that one's
 * tx + the sum of all reasons. DROP(symbol, name in status and verdicts, what it means, for the
 * list in docs/control-socket.md)
 */
#ifndef TIDEGATE_DATAPLANE_DROP_H
#define TIDEGATE_DATAPLANE_DROP_H

#define DROP_REASONS(DROP)                                                                         \
	DROP(ETHERNET_TRUNCATED, "ethernet_truncated",                                             \
		"frame shorter than its Ethernet or VLAN header")                                  \
	DROP(VLAN_DEPTH, "vlan_depth", "more than two VLAN tags")                                  \
	DROP(NON_IP, "non_ip", "neither IPv4 nor IPv6, and non_ip is drop")                        \
	DROP(IPV4_TRUNCATED, "ipv4_truncated", "frame ends inside the IPv4 header")                \
	DROP(IPV4_VERSION, "ipv4_version", "EtherType IPv4, but the version field is not 4")       \
	DROP(IPV4_HEADER_LENGTH, "ipv4_header_length", "IPv4 header length below 20 bytes")        \
	DROP(IPV4_TOTAL_LENGTH, "ipv4_total_length",                                               \
		"IPv4 total length shorter than the header or longer than the frame")              \
	DROP(IPV6_TRUNCATED, "ipv6_truncated", "frame ends inside the IPv6 header")                \
	DROP(IPV6_VERSION, "ipv6_version", "EtherType IPv6, but the version field is not 6")       \
	DROP(IPV6_PAYLOAD_LENGTH, "ipv6_payload_length",                                           \
		"IPv6 payload length longer than the frame")                                       \
	DROP(IPV6_EXTENSION_TRUNCATED, "ipv6_extension_truncated",                                 \
		"packet ends inside an IPv6 extension header")                                     \
	DROP(IPV6_EXTENSION_COUNT, "ipv6_extension_count",                                         \
		"more than 8 IPv6 extension headers, or two fragment headers")                     \
	DROP(TCP_TRUNCATED, "tcp_truncated", "packet ends inside the TCP header")                  \
	DROP(TCP_DATA_OFFSET, "tcp_data_offset", "TCP data offset below 5 or past the end")        \
	DROP(UDP_TRUNCATED, "udp_truncated", "packet ends inside the UDP header")                  \
	DROP(UDP_LENGTH, "udp_length", "UDP length below 8 or past the end")                       \
	DROP(SCTP_TRUNCATED, "sctp_truncated", "packet ends inside the SCTP common header")        \
	DROP(ICMP_TRUNCATED, "icmp_truncated", "packet ends inside the ICMP header")               \
	DROP(ICMPV6_TRUNCATED, "icmpv6_truncated", "packet ends inside the ICMPv6 header")         \
	DROP(FRAGMENT_ORPHAN, "fragment_orphan",                                                   \
		"later fragment that waited a second for its first fragment")                      \
	DROP(FRAGMENT_LIMIT, "fragment_limit",                                                     \
		"fragment past the 64 of a datagram, or no room for it to wait")                   \
	DROP(FRAGMENT_LENGTH, "fragment_length",                                                   \
		"empty fragment, or not a multiple of 8 bytes with more to follow")                \
	DROP(FRAGMENT_TOO_LONG, "fragment_too_long",                                               \
		"fragment of a datagram that goes past 65,535 bytes")                              \
	DROP(FRAGMENT_OVERLAP, "fragment_overlap",                                                 \
		"fragment of a datagram whose fragments overlap or disagree on its end")           \
	DROP(FRAGMENT_DUPLICATE, "fragment_duplicate", "fragment that was there before")           \
	DROP(IPV4_CHECKSUM, "ipv4_checksum", "IPv4 header checksum wrong")                         \
	DROP(L4_CHECKSUM, "l4_checksum", "TCP, UDP, SCTP, ICMP or ICMPv6 checksum wrong")          \
	DROP(IPV4_OPTIONS, "ipv4_options",                                                         \
		"IPv4 source route, record route, router alert without IGMP or RSVP, or an "       \
		"option past the header")                                                          \
	DROP(ROUTING_HEADER, "routing_header", "IPv6 routing header of type 0")                    \
	DROP(LAND, "land", "source address is the destination")                                    \
	DROP(LOOPBACK, "loopback", "loopback address on the wire")                                 \
	DROP(MARTIAN, "martian", "address that no packet can be from or for")                      \
	DROP(ICMP_UNSOLICITED, "icmp_unsolicited", "ICMP answer without its request")              \
	DROP(ICMP_UNRELATED, "icmp_unrelated",                                                     \
		"ICMP error or redirect that quotes no packet of a flow that passes")              \
	DROP(ND_HOP_LIMIT, "nd_hop_limit",                                                         \
		"neighbor or multicast listener discovery from beyond the link, by hop limit "     \
		"or source")                                                                       \
	DROP(STATELESS_RULE, "stateless_rule", "dropped by a stateless rule")                      \
	DROP(STATELESS_DEFAULT, "stateless_default",                                               \
		"no stateless rule matches and the stateless default action is drop")              \
	DROP(RULE, "rule", "dropped by a stateful rule")                                           \
	DROP(REJECT, "reject", "rejected by a stateful rule")                                      \
	DROP(DEFAULT_ACTION, "default_action",                                                     \
		"no stateful rule decides and the default action is drop")                         \
	DROP(TCP_FLAGS, "tcp_flags", "TCP flags that contradict each other")                       \
	DROP(TCP_STATE, "tcp_state", "TCP segment that the connection's state does not allow")     \
	DROP(TCP_WINDOW, "tcp_window", "TCP sequence or acknowledgement number out of the window") \
	DROP(TCP_RST, "tcp_rst", "TCP RST that is not at the number that its receiver expects")    \
	DROP(SCTP_CHUNK, "sctp_chunk",                                                             \
		"no SCTP chunk, one past the end, or not alone or first though it has to be")      \
	DROP(SCTP_TAG, "sctp_tag", "SCTP verification tag that is not the association's")          \
	DROP(MIDSTREAM, "midstream",                                                               \
		"TCP or SCTP packet of no known flow, and the stream exception policy is drop")    \
	DROP(MIDSTREAM_REJECT, "midstream_reject",                                                 \
		"TCP or SCTP packet of no known flow, and the stream exception policy is reject")  \
	DROP(TABLE_FULL, "table_full", "new flow refused, the flow table holds as many as it may") \
	DROP(HANDOVER_FULL, "handover_full", "the ring to the worker that owns the flow is full")  \
	DROP(TX_FULL, "tx_full", "the port to send by took no more packets")

#define DROP_SYMBOL(symbol, name, help) DROP_##symbol,
enum drop_reason { DROP_REASONS(DROP_SYMBOL) DROP_COUNT, DROP_NONE = DROP_COUNT };
#undef DROP_SYMBOL

#endif
