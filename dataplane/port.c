/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_pci.h>
#include <rte_ether.h>

#define RSS_FUNCTIONS (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP)

/* A PCI address in full; a vdev's name up to its arguments, with the numbers of further ones. */
void port_device_name(
	const struct dataplane_port_config *config, uint16_t index, char *name, size_t size)
{
	int length = (int)strcspn(config->device, ",");
	struct rte_pci_addr address;

	if (rte_pci_addr_parse(config->device, &address) == 0)
		rte_pci_device_name(&address, name, size);
	else if (index == 0)
		snprintf(name, size, "%.*s", length, config->device);
	else
		snprintf(name, size, "%.*s-%u", length, config->device, index);
}

int port_open(struct port *port, const struct dataplane_port_config *config,
	const struct dataplane_port_queues *queues, char *message, size_t size)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	int result;

	port->config = config;
	port->device_count = queues->apart ? queues->count : 1;
	for (uint16_t i = 0; i < port->device_count; i++) {
		port_device_name(config, i, name, sizeof(name));
		result = rte_eth_dev_get_port_by_name(name, &port->devices[i]);
		if (result < 0) {
			snprintf(message, size, "port %s: no DPDK device %s", config->name, name);
			return result;
		}
	}
	result = rte_eth_dev_info_get(port->devices[0], &port->info);
	if (result < 0)
		snprintf(message, size, "port %s: device information: %s", config->name,
			strerror(-result));
	return result;
}

void port_queue(const struct port *port, uint16_t queue, uint16_t *ret_device, uint16_t *ret_queue)
{
	bool apart = port->device_count > 1;

	*ret_device = port->devices[apart ? queue : 0];
	*ret_queue = apart ? 0 : queue;
}

bool ports_have_symmetric_rss(const struct port *ports, uint16_t count, uint16_t queues)
{
	const struct rte_eth_dev_info *first = &ports[0].info;

	/* The same hash must meet the same table on both ports of a pair. */
	for (unsigned i = 0; i < count; i++) {
		const struct rte_eth_dev_info *info = &ports[i].info;

		if ((info->flow_type_rss_offloads & RSS_FUNCTIONS) == 0 || info->reta_size == 0 ||
			info->hash_key_size == 0 || info->hash_key_size > RSS_KEY_MAX)
			return false;
		if (info->driver_name != first->driver_name ||
			info->reta_size != first->reta_size ||
			info->flow_type_rss_offloads != first->flow_type_rss_offloads)
			return false;
		if (info->max_rx_queues < queues || info->max_tx_queues < queues)
			return false;
	}
	return true;
}

void ports_prepare_rss(
	const struct port *ports, uint16_t queues, uint16_t pattern, struct rss *ret_rss)
{
	const struct rte_eth_dev_info *info = &ports[0].info;

	rss_set_key(ret_rss, pattern);
	ret_rss->functions = RSS_FUNCTIONS & info->flow_type_rss_offloads;
	ret_rss->reta_size = info->reta_size;
	ret_rss->queues = queues;
}

/* Set the redirection table, the same on every port. */
static int set_redirection(const struct port *port)
{
	struct rte_eth_rss_reta_entry64 table[RTE_ETH_RSS_RETA_SIZE_512 / RTE_ETH_RETA_GROUP_SIZE];
	uint16_t size = port->info.reta_size;

	if (size > RTE_ETH_RSS_RETA_SIZE_512)
		return -ENOTSUP;
	memset(table, 0, sizeof(table));
	for (unsigned i = 0; i < size; i++) {
		struct rte_eth_rss_reta_entry64 *group = &table[i / RTE_ETH_RETA_GROUP_SIZE];

		group->mask |= UINT64_C(1) << i % RTE_ETH_RETA_GROUP_SIZE;
		group->reta[i % RTE_ETH_RETA_GROUP_SIZE] = rss_redirect(port->rss, i);
	}
	return rte_eth_dev_rss_reta_update(port->devices[0], table, size);
}

static int setup_queues(uint16_t device, uint16_t queues, struct rte_mempool *pool)
{
	uint16_t rx_descriptors = PORT_RX_DESCRIPTORS, tx_descriptors = PORT_TX_DESCRIPTORS;
	int socket = rte_eth_dev_socket_id(device);
	int result;

	result = rte_eth_dev_adjust_nb_rx_tx_desc(device, &rx_descriptors, &tx_descriptors);
	for (uint16_t queue = 0; result == 0 && queue < queues; queue++) {
		result = rte_eth_rx_queue_setup(device, queue, rx_descriptors, socket, NULL, pool);
		if (result == 0)
			result =
				rte_eth_tx_queue_setup(device, queue, tx_descriptors, socket, NULL);
	}
	return result;
}

/* The same number of queues on each device. */
static int configure_devices(
	struct port *port, const struct rte_eth_conf *conf, struct rte_mempool *pool)
{
	uint16_t queues = port->queues / port->device_count;
	int result = 0;

	for (uint16_t i = 0; result == 0 && i < port->device_count; i++) {
		result = rte_eth_dev_configure(port->devices[i], queues, queues, conf);
		if (result < 0)
			break;
		port->configured++;
		result = setup_queues(port->devices[i], queues, pool);
	}
	return result;
}

int port_configure(struct port *port, uint16_t queues, const struct rss *rss,
	struct rte_mempool *pool, char *message, size_t size)
{
	uint8_t key[RSS_KEY_MAX];
	struct rte_eth_conf conf = {0};
	int result;

	/* For checksum.c, which asks the device first. */
	conf.rxmode.offloads = port->info.rx_offload_capa &
		(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM |
			RTE_ETH_RX_OFFLOAD_TCP_CKSUM);
	port->queues = RTE_MIN(queues, port->info.max_rx_queues);
	port->queues = RTE_MIN(port->queues, port->info.max_tx_queues);
	if (port->device_count > 1)
		port->queues = port->device_count;
	port->rss = rss;
	if (rss != NULL) {
		memcpy(key, rss->key, sizeof(key)); /* ethdev wants it writable */
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_key = key;
		conf.rx_adv_conf.rss_conf.rss_key_len = port->info.hash_key_size;
		conf.rx_adv_conf.rss_conf.rss_hf = rss->functions;
	}
	result = configure_devices(port, &conf, pool);
	if (result < 0)
		snprintf(message, size, "port %s: cannot configure device %s: %s",
			port->config->name, port->config->device, strerror(-result));
	return result;
}

/* A bump in the wire takes all frames. Devices that see all anyway refuse with -ENOTSUP. */
static int receive_all(uint16_t device)
{
	int result = rte_eth_promiscuous_enable(device);

	return result == -ENOTSUP ? 0 : result;
}

int port_start(struct port *port, char *message, size_t size)
{
	int result = 0;

	for (uint16_t i = 0; result == 0 && i < port->device_count; i++) {
		result = rte_eth_dev_start(port->devices[i]);
		if (result < 0)
			break;
		port->started++;
		result = receive_all(port->devices[i]);
	}
	if (result == 0 && port->rss != NULL)
		result = set_redirection(port);
	if (result < 0)
		snprintf(message, size, "port %s: cannot start device %s: %s", port->config->name,
			port->config->device, strerror(-result));
	return result;
}

void port_stop(struct port *port)
{
	while (port->started > 0)
		rte_eth_dev_stop(port->devices[--port->started]);
}

void port_close(struct port *port)
{
	while (port->configured > 0)
		rte_eth_dev_close(port->devices[--port->configured]);
}

void port_status(const struct port *port, struct port_status *status)
{
	struct rte_ether_addr mac;
	struct rte_eth_link link;
	struct rte_eth_stats stats;

	snprintf(status->name, sizeof(status->name), "%s", port->config->name);
	snprintf(status->driver, sizeof(status->driver), "%s", port->info.driver_name);
	if (rte_eth_macaddr_get(port->devices[0], &mac) == 0)
		memcpy(status->mac, mac.addr_bytes, sizeof(status->mac));
	if (rte_eth_link_get_nowait(port->devices[0], &link) == 0) {
		status->link_up = link.link_status == RTE_ETH_LINK_UP;
		status->link_speed = link.link_speed;
	}
	for (uint16_t i = 0; i < port->device_count; i++) {
		if (rte_eth_stats_get(port->devices[i], &stats) != 0)
			continue;
		status->rx_missed += stats.imissed + stats.rx_nombuf;
		status->rx_errors += stats.ierrors;
	}
	status->queues = port->queues;
}
