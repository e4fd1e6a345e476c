/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/tcp_flags.h"

#include <rte_tcp.h>

enum {
	FIN = RTE_TCP_FIN_FLAG,
	SYN = RTE_TCP_SYN_FLAG,
	RST = RTE_TCP_RST_FLAG,
	PSH = RTE_TCP_PSH_FLAG,
	ACK = RTE_TCP_ACK_FLAG,
	URG = RTE_TCP_URG_FLAG,
};

/* Two bits a combination, with PSH and without: it goes with all. */
#define WITH_PSH(flags) (UINT64_C(1) << (flags) | UINT64_C(1) << ((flags) | PSH))

bool tcp_flags_legal(uint8_t flags)
{
	const uint64_t legal = WITH_PSH(SYN) | WITH_PSH(SYN | URG) | WITH_PSH(SYN | ACK) |
		WITH_PSH(RST) | WITH_PSH(RST | ACK) | WITH_PSH(FIN | ACK) |
		WITH_PSH(FIN | ACK | URG) | WITH_PSH(ACK) | WITH_PSH(ACK | URG);

	return (legal >> (flags & (FIN | SYN | RST | PSH | ACK | URG)) & 1) != 0;
}

bool tcp_flags_open(uint8_t flags)
{
	return (flags & (FIN | SYN | RST | ACK)) == SYN;
}
