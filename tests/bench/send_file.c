/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * send_file: the frames of a capture file by a kernel interface, round and round as fast as it takes
 * them: send_file INTERFACE FILE MILLISECONDS.
 *
 * Who receives them counts them: what a full queue on the way loses is not known here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <pcap/pcap.h>

enum { BATCH = 64, FRAMES_MAX = 1 << 20 };

struct frames {
	struct iovec *iovecs;
	struct mmsghdr *messages;
	unsigned count;
};

static void must(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "send_file: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void read_frames(struct frames *frames, const char *path)
{
	char message[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, message);
	struct pcap_pkthdr *header;
	const u_char *data;

	must(file != NULL, path);
	frames->iovecs = calloc(FRAMES_MAX, sizeof(*frames->iovecs));
	frames->messages = calloc(FRAMES_MAX, sizeof(*frames->messages));
	must(frames->iovecs != NULL && frames->messages != NULL, "memory");
	while (frames->count < FRAMES_MAX && pcap_next_ex(file, &header, &data) == 1) {
		struct iovec *iovec = &frames->iovecs[frames->count];

		iovec->iov_base = malloc(header->caplen);
		must(iovec->iov_base != NULL, "memory");
		memcpy(iovec->iov_base, data, header->caplen);
		iovec->iov_len = header->caplen;
		frames->messages[frames->count].msg_hdr =
			(struct msghdr){.msg_iov = iovec, .msg_iovlen = 1};
		frames->count++;
	}
	must(frames->count > 0, "no frames");
	pcap_close(file);
}

static int open_interface(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
	int on = 1, sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	must(sender >= 0 && address.sll_ifindex > 0 &&
			setsockopt(sender, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) == 0 &&
			bind(sender, (struct sockaddr *)&address, sizeof(address)) == 0,
		name);
	return sender;
}

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argument_count, char **arguments)
{
	struct frames frames = {0};
	unsigned next = 0;
	double end;
	int sender;

	if (argument_count != 4) {
		fprintf(stderr, "usage: send_file INTERFACE FILE MILLISECONDS\n");
		return 2;
	}
	read_frames(&frames, arguments[2]);
	sender = open_interface(arguments[1]);
	end = milliseconds() + atof(arguments[3]);
	while (milliseconds() < end) {
		unsigned count = frames.count - next < BATCH ? frames.count - next : BATCH;
		int sent = sendmmsg(sender, frames.messages + next, count, 0);

		must(sent >= 0 || errno == ENOBUFS || errno == EAGAIN, "sendmmsg");
		/* What finds no room is lost, like a frame on a wire. */
		next = (next + (sent > 0 ? (unsigned)sent : 1)) % frames.count;
	}
	close(sender);
	return EXIT_SUCCESS;
}
