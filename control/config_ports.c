/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_ports.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/config.h"
#include "control/device.h"

/* The arguments of DPDK 22.11's AF_XDP driver: integers, but those without a range. */
static const struct {
	const char *key;
	long low, high;
} af_xdp_arguments[] = {
	{"iface", 0, 0},
	{"start_queue", 0, UINT16_MAX},
	{"queue_count", 1, WORKER_MAX},
	{"busy_budget", 0, UINT16_MAX},
	{"force_copy", 0, 1},
	{"shared_umem", 0, 1},
	{"xdp_prog", 0, 0},
};

/* Whether text is an integer of this range, of this length in decimal digits. */
static bool is_integer(const char *text, size_t length, long low, long high)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	return isdigit((unsigned char)*text) && end == text + length && errno == 0 &&
		value >= low && value <= high;
}

/* "key=value", of this length. */
static int check_argument(struct config_reader *reader, const char *argument, size_t length)
{
	size_t key_length = strcspn(argument, "=,");

	for (size_t i = 0; i < sizeof(af_xdp_arguments) / sizeof(af_xdp_arguments[0]); i++) {
		const char *key = af_xdp_arguments[i].key;
		long low = af_xdp_arguments[i].low, high = af_xdp_arguments[i].high;

		if (argument[key_length] != '=' || strlen(key) != key_length ||
			strncmp(argument, key, key_length) != 0)
			continue;
		if (high > 0 &&
			!is_integer(argument + key_length + 1, length - key_length - 1, low, high))
			return config_reader_fail(
				reader, "%s is an integer of %ld to %ld", key, low, high);
		return 0;
	}
	return config_reader_fail(
		reader, "\"%.*s\" is no argument of an AF_XDP device", (int)length, argument);
}

static int check_af_xdp(struct config_reader *reader, const char *device)
{
	size_t length = 0;
	int ret = 0;

	if (!device_argument(device, "iface", &length) || length == 0)
		return config_reader_fail(
			reader, "an AF_XDP device needs its interface: iface=NAME");
	if (length >= IF_NAMESIZE)
		return config_reader_fail(reader,
			"the name of an interface has at most %d bytes, not %zu", IF_NAMESIZE - 1,
			length);
	for (const char *at = device + device_name_length(device); *at != '\0' && ret == 0;
		at += 1 + length) {
		length = strcspn(at + 1, ",");
		ret = check_argument(reader, at + 1, length);
	}
	return ret;
}

static int store_device(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	const char *device = json_string_value(value);
	size_t prefix = strlen("net_");
	char address[DEVICE_PCI_SIZE];
	int ret = 0;

	if (!device_pci_address(device, address) &&
		(strncmp(device, "net_", prefix) != 0 || device_name_length(device) == prefix))
		return config_reader_fail(reader,
			"\"%.64s\" is neither a PCI address nor a virtual device, which begins "
			"with net_",
			device);
	if (device_is_af_xdp(device))
		ret = check_af_xdp(reader, device);
	return ret < 0 ? ret : config_reader_store_text(reader, key, value, target);
}

const struct config_key config_ports_members[] = {
	{.name = "name",
		.type = CONFIG_STRING,
		.required = true,
		.low = 1,
		.high = PORT_NAME_SIZE - 1,
		.pattern = "^[A-Za-z0-9_.-]*$",
		.words = "letters, digits, _, . and -",
		.help = "What the port is called in pairs, status and logs. Unique.",
		.store = config_reader_store_text,
		.offset = offsetof(struct dataplane_port_config, name)},
	{.name = "device",
		.type = CONFIG_STRING,
		.required = true,
		.low = 1,
		.high = PORT_DEVICE_SIZE - 1,
		.pattern = "^[^[:cntrl:]]*$",
		.words = "text without control characters",
		.help = "A PCI address, `[dddd:]bb:dd.f`, or a DPDK virtual device, whose name "
			"begins with `net_`. Unique, and so is its interface.",
		.store = store_device,
		.offset = offsetof(struct dataplane_port_config, device)},
	{.name = NULL},
};

/* Whether two devices are the same PCI address, or have one name: the EAL refuses both. */
static bool same_device(const char *one, const char *other)
{
	size_t length = device_name_length(one);
	char one_address[DEVICE_PCI_SIZE];
	char other_address[DEVICE_PCI_SIZE];

	if (device_pci_address(one, one_address))
		return device_pci_address(other, other_address) &&
			strcmp(one_address, other_address) == 0;
	return length == device_name_length(other) && strncmp(one, other, length) == 0;
}

static bool same_interface(const char *one, const char *other)
{
	size_t one_length;
	size_t other_length;
	const char *one_interface = device_argument(one, "iface", &one_length);
	const char *other_interface = device_argument(other, "iface", &other_length);

	return one_interface && other_interface && one_length == other_length &&
		strncmp(one_interface, other_interface, one_length) == 0;
}

/* Compare the last port with the ones before it. */
static int check_unique(
	struct config_reader *reader, const struct dataplane_port_config *ports, size_t last)
{
	const struct dataplane_port_config *port = &ports[last];

	for (size_t i = 0; i < last; i++) {
		if (strcmp(port->name, ports[i].name) == 0) {
			config_reader_enter_key(reader, "name");
			return config_reader_fail(
				reader, "\"%s\" is the name of ports[%zu] as well", port->name, i);
		}
		config_reader_enter_key(reader, "device");
		if (same_device(port->device, ports[i].device))
			return config_reader_fail(
				reader, "port \"%s\" has the same device", ports[i].name);
		if (same_interface(port->device, ports[i].device))
			return config_reader_fail(
				reader, "port \"%s\" has the same interface", ports[i].name);
		config_reader_leave(reader);
	}
	return 0;
}

int config_ports_store(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct dataplane_config *config = &((struct config *)target)->dataplane;

	for (size_t i = 0; i < json_array_size(value); i++) {
		int ret;

		config_reader_enter_index(reader, i);
		ret = config_reader_object(
			reader, key->members, json_array_get(value, i), &config->ports[i]);
		if (ret == 0)
			ret = check_unique(reader, config->ports, i);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
		config->peers[i] = (uint8_t)i;
		config->port_count++;
	}
	return 0;
}

/* The index of the port that a pair names. */
static int find_port(struct config_reader *reader, const struct dataplane_config *config,
	const json_t *name, uint8_t *ret_port)
{
	int ret = config_reader_string(reader, name);

	if (ret < 0)
		return ret;
	for (uint8_t i = 0; i < config->port_count; i++) {
		if (strcmp(config->ports[i].name, json_string_value(name)) != 0)
			continue;
		if (config->peers[i] != i)
			return config_reader_fail(
				reader, "port \"%s\" is in a pair already", config->ports[i].name);
		*ret_port = i;
		return 0;
	}
	return config_reader_fail(reader, "no port is called \"%.64s\"", json_string_value(name));
}

static int read_pair(
	struct config_reader *reader, struct dataplane_config *config, const json_t *pair)
{
	uint8_t ports[2];
	int ret = config_reader_array(reader, pair, 2, 2);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < 2; i++) {
		config_reader_enter_index(reader, i);
		ret = find_port(reader, config, json_array_get(pair, i), &ports[i]);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	if (ports[0] == ports[1])
		return config_reader_fail(
			reader, "port \"%s\" is paired with itself", config->ports[ports[0]].name);
	config->peers[ports[0]] = ports[1];
	config->peers[ports[1]] = ports[0];
	return 0;
}

int config_ports_store_pairs(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct dataplane_config *config = &((struct config *)target)->dataplane;

	(void)key;
	if (!value && config->port_count != 2)
		return config_reader_fail(reader, "is required unless there are exactly two ports");
	if (!value) {
		config->peers[0] = 1;
		config->peers[1] = 0;
		return 0;
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		int ret;

		config_reader_enter_index(reader, i);
		ret = read_pair(reader, config, json_array_get(value, i));
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	for (uint16_t i = 0; i < config->port_count; i++) {
		if (config->peers[i] == i)
			return config_reader_fail(
				reader, "port \"%s\" is in no pair", config->ports[i].name);
	}
	return 0;
}
