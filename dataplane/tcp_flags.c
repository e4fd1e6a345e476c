/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/tcp_flags.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, URG = 32 };

bool tcp_flags_legal(uint8_t flags)
{
	switch (flags & (FIN | SYN | RST | ACK | URG)) {
	case SYN:
	case SYN | URG:
	case SYN | ACK:
	case RST:
	case RST | ACK:
	case FIN | ACK:
	case FIN | ACK | URG:
	case ACK:
	case ACK | URG:
		return true;
	default:
		return false;
	}
}

bool tcp_flags_open(uint8_t flags)
{
	return (flags & (FIN | SYN | RST | ACK)) == SYN;
}
