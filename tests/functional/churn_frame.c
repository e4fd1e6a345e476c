/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/functional/churn_frame.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum { ETHERNET = 14, PORT_FIRST = 1024, PORT_COUNT = 50000, SERVER_PORT = 80 };

static uint32_t sum_words(const void *data, size_t size, uint32_t sum)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

/* RFC 1071. */
static uint16_t checksum(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	return htons((uint16_t) ~(sum + (sum >> 16)));
}

static size_t write_network(uint8_t *frame, uint32_t number, unsigned from)
{
	static const uint8_t ethernet[12] = {2, 0, 0, 0, 0, 11, 2, 0, 0, 0, 0, 10};
	static const uint8_t ipv4[20] = {
		0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 0, 192, 0, 2, 1};
	static const uint8_t ipv6[40] = {0x60, 0, 0, 0, 0, 20, 6, 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1};
	bool old = number % 2 == 0;
	size_t size = old ? sizeof(ipv4) : sizeof(ipv6), width = old ? 4 : 16;
	uint32_t client = htonl(old ? UINT32_C(10) << 24 | number : number);
	uint16_t type = htons(old ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	uint8_t *header = frame + ETHERNET, *addresses = header + size - 2 * width;
	uint8_t swapped[16];

	memcpy(frame, ethernet, sizeof(ethernet));
	memcpy(frame + 12, &type, sizeof(type));
	memcpy(header, old ? ipv4 : ipv6, size);
	memcpy(addresses + width - 4, &client, 4);
	if (from == 1) {
		memcpy(swapped, addresses, width);
		memcpy(addresses, addresses + width, width);
		memcpy(addresses + width, swapped, width);
	}
	if (old) {
		uint16_t sum = checksum(sum_words(header, size, 0));

		memcpy(header + 10, &sum, sizeof(sum));
	}
	return size;
}

size_t churn_frame_write(
	uint8_t *frame, uint32_t number, unsigned from, uint8_t flags, uint64_t random)
{
	size_t size = write_network(frame, number, from), width = size == 20 ? 4 : 16;
	uint8_t *header = frame + ETHERNET;
	/* The first numbers of both ends; all but the SYNs are behind the SYNs. */
	const uint32_t first[2] = {(uint32_t)random, (uint32_t)(random >> 32)};
	const uint16_t ports[2] = {(uint16_t)(PORT_FIRST + number % PORT_COUNT), SERVER_PORT};
	bool syn = (flags & TH_SYN) != 0, ack = (flags & TH_ACK) != 0;
	struct tcphdr tcp = {.th_sport = htons(ports[from]),
		.th_dport = htons(ports[1 - from]),
		.th_seq = htonl(first[from] + !syn),
		.th_ack = ack ? htonl(first[1 - from] + 1) : 0,
		.th_off = 5,
		.th_flags = flags,
		.th_win = htons(0xffff)};
	/* Of the pseudo-header: addresses, protocol and length. */
	uint32_t sum = sum_words(
		header + size - 2 * width, 2 * width, IPPROTO_TCP + (uint32_t)sizeof(tcp));

	tcp.th_sum = checksum(sum_words(&tcp, sizeof(tcp), sum));
	memcpy(header + size, &tcp, sizeof(tcp));
	return ETHERNET + size + sizeof(tcp);
}

bool churn_frame_read(
	const uint8_t *frame, size_t length, unsigned at, uint32_t *ret_number, uint8_t *ret_flags)
{
	bool old = frame[12] == ETHERTYPE_IP >> 8;
	size_t size = old ? 20 : 40, width = old ? 4 : 16;
	/* The client's address is the source on the right, the destination on the left. */
	const uint8_t *client = frame + ETHERNET + size - (at == 1 ? 2 * width : width);
	uint32_t number;

	if (length != ETHERNET + size + sizeof(struct tcphdr))
		return false;
	memcpy(&number, client + width - 4, sizeof(number));
	*ret_number = ntohl(number) & 0xffffff;
	*ret_flags = frame[ETHERNET + size + 13];
	return true;
}
