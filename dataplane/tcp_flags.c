/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/tcp_flags.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

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
