/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/replay/capture.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

enum {
	ETHERNET_HEADER = 14,
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	FRAME_LENGTH_MAX = 262144, /* libpcap's longest */
};

struct capture {
	char *path;
	pcap_t *pcap;
	const struct link_type *link;
	uint8_t *buffer; /* a frame with the Ethernet header that it is given */
	uint32_t size;
};

/* What a link layer header of length bytes says of its packet: the EtherType, or 0. */
typedef uint16_t ethertype_fn(const uint8_t *header, uint32_t length);

struct link_type {
	int dlt;
	uint32_t header;	 /* bytes that are replaced by an Ethernet header */
	ethertype_fn *ethertype; /* NULL: it is Ethernet */
};

static uint16_t ip_version_type(const uint8_t *header, uint32_t length)
{
	if (length == 0)
		return 0;
	return header[0] >> 4 == 4 ? TYPE_IPV4 : header[0] >> 4 == 6 ? TYPE_IPV6 : 0;
}

/* The address family of the capturing system, in its byte order or network order: AF_INET is 2
 * everywhere, AF_INET6 is 10, 24, 28 or 30. One of the four bytes is not zero. */
static uint16_t family_type(const uint8_t *header, uint32_t length)
{
	uint8_t family;

	if (length < 4)
		return 0;
	family = header[0] | header[3];
	if (family == 2)
		return TYPE_IPV4;
	return family == 10 || family == 24 || family == 28 || family == 30 ? TYPE_IPV6 : 0;
}

static uint16_t cooked_type(const uint8_t *header, uint32_t length)
{
	return length < 16 ? 0 : (uint16_t)(header[14] << 8 | header[15]);
}

static uint16_t cooked2_type(const uint8_t *header, uint32_t length)
{
	return length < 20 ? 0 : (uint16_t)(header[0] << 8 | header[1]);
}

static const struct link_type link_types[] = {
	{DLT_EN10MB, 0, NULL},
	{DLT_RAW, 0, ip_version_type},
	{DLT_IPV4, 0, ip_version_type},
	{DLT_IPV6, 0, ip_version_type},
	{DLT_NULL, 4, family_type},
	{DLT_LOOP, 4, family_type},
	{DLT_LINUX_SLL, 16, cooked_type},
	{DLT_LINUX_SLL2, 20, cooked2_type},
};

static const struct link_type *link_type_of(int dlt)
{
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++)
		if (link_types[i].dlt == dlt)
			return &link_types[i];
	return NULL;
}

int capture_open(const char *path, struct capture **ret_capture, char *message)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	char error[PCAP_ERRBUF_SIZE];
	int dlt;

	if (capture == NULL || (capture->path = strdup(path)) == NULL) {
		snprintf(message, CAPTURE_MESSAGE_SIZE, "%s: out of memory", path);
		capture_close(capture);
		return -ENOMEM;
	}
	capture->pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (capture->pcap == NULL) {
		/* Some of libpcap's messages begin with the path, some do not. */
		bool named = strncmp(error, path, strlen(path)) == 0;

		snprintf(message, CAPTURE_MESSAGE_SIZE, "%s%s%s", named ? "" : path,
			named ? "" : ": ", error);
		capture_close(capture);
		return -EIO;
	}
	dlt = pcap_datalink(capture->pcap);
	capture->link = link_type_of(dlt);
	if (capture->link == NULL) {
		const char *name = pcap_datalink_val_to_name(dlt);

		snprintf(message, CAPTURE_MESSAGE_SIZE,
			"%s: link type %s (%d) does not carry Ethernet or IP", path,
			name != NULL ? name : "unknown", dlt);
		capture_close(capture);
		return -ENOTSUP;
	}
	*ret_capture = capture;
	return 0;
}

void capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);
	free(capture->buffer);
	free(capture->path);
	free(capture);
}

/* Put an Ethernet header in the place of the link's own. */
static int to_ethernet(struct capture *capture, const uint8_t *data, struct capture_frame *frame)
{
	const struct link_type *link = capture->link;
	uint16_t type = link->ethertype(data, frame->length);
	uint32_t removed = frame->length < link->header ? frame->length : link->header;
	uint32_t length = frame->length - removed + ETHERNET_HEADER;

	if (length > capture->size) {
		uint8_t *grown = realloc(capture->buffer, length);

		if (grown == NULL)
			return -ENOMEM;
		capture->buffer = grown;
		capture->size = length;
	}
	memset(capture->buffer, 0, ETHERNET_HEADER);
	capture->buffer[12] = type >> 8;
	capture->buffer[13] = type & 0xff;
	memcpy(capture->buffer + ETHERNET_HEADER, data + removed, frame->length - removed);
	frame->data = capture->buffer;
	frame->length = length;
	frame->wire_length += ETHERNET_HEADER - removed;
	return 0;
}

int capture_next(struct capture *capture, struct capture_frame *ret_frame, char *message)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int result = pcap_next_ex(capture->pcap, &header, &data);

	if (result == PCAP_ERROR_BREAK)
		return 0;
	if (result != 1) {
		snprintf(message, CAPTURE_MESSAGE_SIZE, "%s: %s", capture->path,
			pcap_geterr(capture->pcap));
		return -EIO;
	}
	ret_frame->data = data;
	ret_frame->length = header->caplen;
	ret_frame->wire_length = header->len;
	/* No link carries such a frame: the length is damaged, what is at hand is all there is. */
	if (header->len < header->caplen || header->len > FRAME_LENGTH_MAX)
		ret_frame->wire_length = header->caplen;
	/* With nanosecond precision tv_usec holds nanoseconds. */
	ret_frame->time = (uint64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
	if (capture->link->ethertype != NULL && to_ethernet(capture, data, ret_frame) < 0) {
		snprintf(message, CAPTURE_MESSAGE_SIZE, "%s: out of memory", capture->path);
		return -EIO;
	}
	return 1;
}
