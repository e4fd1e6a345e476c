/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/channels.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "control/device.h"
#include "control/log.h"

struct channels {
	uint32_t receive; /* receive queues */
	uint32_t both;	  /* those of them that a socket can have, with one to send by */
	bool combined;	  /* they are one channel for both directions */
};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The channels of an interface; one where it knows of none. */
static struct channels read_channels(const char *interface)
{
	struct ethtool_channels found = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq request = {.ifr_data = (void *)&found};
	struct channels channels = {.receive = 1, .both = 1};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return channels;
	strcpy(request.ifr_name, interface);
	if (ioctl(fd, SIOCETHTOOL, &request) == 0) {
		channels.combined = found.max_combined > 0;
		channels.receive = found.combined_count + found.rx_count;
		channels.both = channels.combined ? found.combined_count
						  : least(found.rx_count, found.tx_count);
	}
	close(fd);
	return channels;
}

/* A number among the arguments of a device, or what it is without. */
static uint32_t number(const char *device, const char *key, uint32_t otherwise)
{
	size_t length;
	const char *value = device_argument(device, key, &length);

	return value != NULL ? (uint32_t)strtoul(value, NULL, 10) : otherwise;
}

/* Whether the device string leaves the queues open. A program of the user's own is loaded once a
 * device, so it is left with the driver's choice. */
static bool is_open(const char *device)
{
	static const char *const keys[] = {"start_queue", "queue_count", "xdp_prog"};
	size_t length;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (device_argument(device, keys[i], &length) != NULL)
			return false;
	return true;
}

static void choose(struct dataplane_config *config, uint16_t port)
{
	const char *device = config->ports[port].device;
	char interface[IF_NAMESIZE];
	struct channels channels;
	uint32_t count = number(device, "queue_count", 1);
	const char *name;
	size_t length;

	name = device_argument(device, "iface", &length);
	if (name == NULL || length >= sizeof(interface))
		return;
	memcpy(interface, name, length);
	interface[length] = '\0';
	channels = read_channels(interface);
	if (is_open(device)) {
		count = least(config->worker_count, channels.both);
		/* DPDK has room for so many devices. */
		if (!channels.combined)
			count = least(count, PORT_MAX / config->port_count);
		config->queues[port] = (struct dataplane_port_queues){
			.count = count > 1 ? (uint16_t)count : 0,
			.apart = count > 1 && !channels.combined,
		};
	}
	if (count < channels.receive)
		log_write(LOG_WARNING,
			"port %s: %s has %u receive queues, and packets of %u alone are received: "
			"ethtool -L or -X brings them there",
			config->ports[port].name, interface, channels.receive, count);
}

void channels_choose(struct dataplane_config *config)
{
	for (uint16_t i = 0; i < config->port_count; i++)
		if (device_is_af_xdp(config->ports[i].device))
			choose(config, i);
}
