/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * port: one port of the dataplane: an ethdev port, or several that are queues of one interface.
 *
 * Life-cycle: port_open() finds the device → port_configure() → port_start() → port_stop() →
 * port_close().
 */
#ifndef TIDEGATE_DATAPLANE_PORT_H
#define TIDEGATE_DATAPLANE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "dataplane/dataplane.h"
#include "dataplane/rss.h"

enum { PORT_RX_DESCRIPTORS = 1024, PORT_TX_DESCRIPTORS = 1024 };

struct port {
	const struct dataplane_port_config *config;
	uint16_t devices[WORKER_MAX]; /* numbers in ethdev */
	uint16_t device_count;	      /* more than one: of one queue each */
	uint16_t queues;	      /* of each direction, of all devices */
	const struct rss *rss;	      /* NULL: without */
	struct rte_eth_dev_info info; /* of the first device; the others are alike */
	uint16_t configured;	      /* devices */
	uint16_t started;
};

/* The name ethdev knows one of a port's devices by. */
void port_device_name(
	const struct dataplane_port_config *config, uint16_t index, char *name, size_t size);

/* Find the devices that the EAL probed for the configuration, and take their capabilities. */
int port_open(struct port *port, const struct dataplane_port_config *config,
	const struct dataplane_port_queues *queues, char *message, size_t size);

/* Where ethdev has a queue of the port. */
void port_queue(const struct port *port, uint16_t queue, uint16_t *ret_device, uint16_t *ret_queue);

/* Whether RSS on all ports can bring both directions of a flow to the queue of the same number. */
bool ports_have_symmetric_rss(const struct port *ports, uint16_t count, uint16_t queues);

/* What RSS on all ports is to do, when they have it. */
void ports_prepare_rss(
	const struct port *ports, uint16_t queues, uint16_t pattern, struct rss *ret_rss);

/* Set queues up, the same number of each direction. rss: NULL for none; it is to outlive the port.
 */
int port_configure(struct port *port, uint16_t queues, const struct rss *rss,
	struct rte_mempool *pool, char *message, size_t size);
int port_start(struct port *port, char *message, size_t size);
void port_stop(struct port *port);
void port_close(struct port *port);

/* Fill in all but the workers' counters. */
void port_status(const struct port *port, struct port_status *status);

#endif
