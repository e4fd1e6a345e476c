/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/xdp.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "control/device.h"

/* The program that libxdp loads for AF_XDP sockets. It has two maps: sockets, and its variables. */
#define SOCKET_PROGRAM "xsk_def_prog"
enum { MAP_MAX = 8 };

/* An interface, and where the message goes. */
struct interface {
	char name[IF_NAMESIZE];
	unsigned int index;
	char *message;
	size_t size;
};

/* A loaded program: its id, its name, and the ids of its maps. */
struct program {
	uint32_t id;
	char name[BPF_OBJ_NAME_LEN];
	uint32_t map_ids[MAP_MAX];
	uint32_t map_count;
};

/* Write the message "interface NAME: text". Returns ret. */
__attribute__((format(printf, 3, 4))) static int report(
	const struct interface *interface, int ret, const char *format, ...)
{
	va_list arguments;
	int used = snprintf(interface->message, interface->size, "interface %s: ", interface->name);

	if (used < 0 || (size_t)used >= interface->size)
		return ret;
	va_start(arguments, format);
	vsnprintf(interface->message + used, interface->size - (size_t)used, format, arguments);
	va_end(arguments);
	return ret;
}

static int program_get(int fd, struct program *ret_program)
{
	struct program program = {.id = 0};
	struct bpf_prog_info info = {
		.nr_map_ids = MAP_MAX,
		.map_ids = (uintptr_t)program.map_ids,
	};
	uint32_t length = sizeof(info);
	int ret = bpf_obj_get_info_by_fd(fd, &info, &length);

	if (ret < 0)
		return ret;
	program.id = info.id;
	memcpy(program.name, info.name, sizeof(program.name));
	program.map_count = info.nr_map_ids < MAP_MAX ? info.nr_map_ids : MAP_MAX;
	*ret_program = program;
	return 0;
}

/*
 * Whether a socket map holds a socket of a living process: 1, 0 or -errno. The kernel takes a
 * socket out of the map when it is closed, and does not tell user space which slots are in use. But
 * it refuses to fill one that is, so every slot is tried with a socket that no packet can reach, as
 * it is bound to no interface. Closing that one empties the slots again.
 */
static int map_in_use(int map, uint32_t slots)
{
	int probe = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	int ret = 0;

	if (probe < 0)
		return -errno;
	for (uint32_t slot = 0; slot < slots && ret == 0; slot++)
		ret = bpf_map_update_elem(map, &slot, &probe, BPF_NOEXIST);
	close(probe);
	return ret == -EEXIST ? 1 : ret;
}

/* Whether a program redirects to a socket of a living process: 1, 0 or -errno. */
static int program_in_use(const struct program *program)
{
	int used = 0;

	for (uint32_t i = 0; i < program->map_count && used == 0; i++) {
		struct bpf_map_info info = {.type = BPF_MAP_TYPE_UNSPEC};
		uint32_t length = sizeof(info);
		int map = bpf_map_get_fd_by_id(program->map_ids[i]);

		if (map < 0)
			return map;
		used = bpf_obj_get_info_by_fd(map, &info, &length);
		if (used == 0 && info.type == BPF_MAP_TYPE_XSKMAP)
			used = map_in_use(map, info.max_entries);
		close(map);
	}
	return used;
}

/* 0 when the program is the driver's and stale; else -errno and the message. */
static int check_program(const struct interface *interface, const struct program *program)
{
	int used;

	if (strcmp(program->name, SOCKET_PROGRAM) != 0)
		return report(interface, -EEXIST,
			"a foreign XDP program is attached to it: %s (id %u)", program->name,
			program->id);
	used = program_in_use(program);
	if (used < 0)
		return report(interface, used,
			"cannot tell whether its XDP program %s (id %u) is in use: %s",
			program->name, program->id, strerror(-used));
	if (used > 0)
		return report(
			interface, -EBUSY, "an AF_XDP socket of another process is bound to it");
	return 0;
}

/* Detach the program that fd stands for, attached in one mode (XDP_FLAGS_…_MODE), if it is stale.
 */
static int release(const struct interface *interface, int fd, uint32_t mode)
{
	/* The kernel refuses to detach any other program that took its place. */
	LIBBPF_OPTS(bpf_xdp_attach_opts, expected, .old_prog_fd = fd);
	struct program program;
	int ret = program_get(fd, &program);

	if (ret < 0)
		return report(interface, ret, "cannot read its XDP program: %s", strerror(-ret));
	ret = check_program(interface, &program);
	if (ret < 0)
		return ret;
	ret = bpf_xdp_detach((int)interface->index, mode, &expected);
	if (ret < 0)
		return report(interface, ret, "cannot detach the stale XDP program %s (id %u): %s",
			program.name, program.id, strerror(-ret));
	snprintf(interface->message, interface->size,
		"removed a stale XDP program %s (id %u) from %s", program.name, program.id,
		interface->name);
	return 1;
}

/* The same for what is attached in each mode: 1 when any was detached. */
static int release_all(const struct interface *interface, const struct bpf_xdp_query_opts *attached)
{
	const struct {
		uint32_t id;
		uint32_t flag;
	} modes[] = {
		{attached->drv_prog_id, XDP_FLAGS_DRV_MODE},
		{attached->skb_prog_id, XDP_FLAGS_SKB_MODE},
		{attached->hw_prog_id, XDP_FLAGS_HW_MODE},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]) && ret >= 0; i++) {
		int fd;

		if (modes[i].id == 0)
			continue;
		fd = bpf_prog_get_fd_by_id(modes[i].id);
		if (fd < 0)
			return report(interface, fd, "cannot open its XDP program (id %u): %s",
				modes[i].id, strerror(-fd));
		ret = release(interface, fd, modes[i].flag);
		close(fd);
	}
	return ret;
}

int xdp_release_stale(const char *device, char *message, size_t size)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, attached);
	struct interface interface = {.message = message, .size = size};
	size_t length = 0;
	const char *name = device_argument(device, "iface", &length);
	int ret;

	if (!device_is_af_xdp(device) || !name)
		return 0;
	if (snprintf(interface.name, sizeof(interface.name), "%.*s", (int)length, name) <
		IF_NAMESIZE)
		interface.index = if_nametoindex(interface.name);
	if (interface.index == 0)
		return report(&interface, -ENODEV, "%s", strerror(ENODEV));
	ret = bpf_xdp_query((int)interface.index, 0, &attached);
	if (ret < 0)
		return report(
			&interface, ret, "cannot ask for its XDP program: %s", strerror(-ret));
	return release_all(&interface, &attached);
}
