/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * capture: the frames of a capture file (pcap or pcapng, by libpcap), all as Ethernet.
 *
 * Captures of other link types that carry IP packets (raw IP, BSD loopback, Linux cooked) get an
 * Ethernet header in place of theirs.
 */
#ifndef TIDEGATE_REPLAY_CAPTURE_H
#define TIDEGATE_REPLAY_CAPTURE_H

#include <stdint.h>

/* Room for any message of a capture. */
#define CAPTURE_MESSAGE_SIZE 512

struct capture;

struct capture_frame {
	const uint8_t *data; /* until the next frame is read */
	uint32_t length;     /* bytes at hand */
	uint32_t wire_length;
	uint64_t time; /* nanoseconds since the epoch */
};

/* Open a file, "-" for standard input. Returns 0, or -errno and a message that names the file. */
int capture_open(const char *path, struct capture **ret_capture, char *message);
void capture_close(struct capture *capture);

/* The next frame: 1; 0 at the end of the file; -EIO where the file is damaged or cut off, with a
 * message. */
int capture_next(struct capture *capture, struct capture_frame *ret_frame, char *message);

#endif
