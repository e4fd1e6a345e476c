/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eal: DPDK's environment, started from the configuration alone.
 *
 * The main lcore, 0, is the control thread's and floats over the CPUs that no worker has; worker i
 * is lcore i + 1, bound to its CPU.
 */
#include "dataplane/dataplane.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_pci.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "dataplane/memory.h"
#include "dataplane/port.h"

enum { ARGUMENTS_MAX = 32 + PORT_MAX * WORKER_MAX, LCORES_SIZE = 8192 };

struct arguments {
	char *values[ARGUMENTS_MAX + 1];
	int count;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void add(
	struct arguments *arguments, const char *format, ...)
{
	va_list values;
	char *text = NULL;

	va_start(values, format);
	if (arguments->count == ARGUMENTS_MAX || vasprintf(&text, format, values) < 0)
		arguments->failed = true;
	else
		arguments->values[arguments->count++] = text;
	va_end(values);
}

/* "(0,2,3)": the CPUs this process may use less those of workers; all when workers have them all.
 */
static void write_control_cpus(const struct dataplane_config *config, FILE *out)
{
	cpu_set_t allowed, rest;
	const char *comma = "";

	CPU_ZERO(&allowed);
	sched_getaffinity(0, sizeof(allowed), &allowed);
	rest = allowed;
	for (unsigned i = 0; config != NULL && i < config->worker_count; i++)
		CPU_CLR(config->worker_cpus[i], &rest);
	if (CPU_COUNT(&rest) == 0)
		rest = allowed;
	fputc('(', out);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &rest))
			continue;
		fprintf(out, "%s%u", comma, cpu);
		comma = ",";
	}
	fputc(')', out);
}

static void add_lcores(struct arguments *arguments, const struct dataplane_config *config)
{
	char text[LCORES_SIZE];
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (out == NULL) {
		arguments->failed = true;
		return;
	}
	fprintf(out, "0@");
	write_control_cpus(config, out);
	for (unsigned i = 0; config != NULL && i < config->worker_count; i++)
		fprintf(out, ",%u@%u", i + 1, config->worker_cpus[i]);
	if (fclose(out) != 0)
		arguments->failed = true;
	add(arguments, "--lcores=%s", text);
}

/* One device with the queues that were chosen, or one for each. */
static void add_virtual(struct arguments *arguments, const struct dataplane_port_config *port,
	const struct dataplane_port_queues *queues)
{
	char name[PORT_DEVICE_SIZE];
	const char *rest = port->device + strcspn(port->device, ",");

	if (queues->apart) {
		for (uint16_t i = 0; i < queues->count; i++) {
			port_device_name(port, i, name, sizeof(name));
			add(arguments, "--vdev=%s%s,start_queue=%u", name, rest, i);
		}
	} else if (queues->count > 0) {
		add(arguments, "--vdev=%s,queue_count=%u", port->device, queues->count);
	} else {
		add(arguments, "--vdev=%s", port->device);
	}
}

static void add_devices(struct arguments *arguments, const struct dataplane_config *config)
{
	struct rte_pci_addr address;
	bool pci = false;

	for (unsigned i = 0; config != NULL && i < config->port_count; i++) {
		const char *device = config->ports[i].device;

		if (rte_pci_addr_parse(device, &address) == 0) {
			add(arguments, "--allow=%s", device);
			pci = true;
		} else {
			add_virtual(arguments, &config->ports[i], &config->queues[i]);
		}
	}
	if (!pci)
		add(arguments, "--no-pci");
}

static void add_memory(struct arguments *arguments, const struct dataplane_eal_config *config)
{
	uint32_t megabytes = config->memory_megabytes;

	/* Without hugepages the whole is mapped at start, and used as it is touched. */
	if (megabytes == 0 && !config->hugepages)
		megabytes = memory_megabytes(config->dataplane);
	if (megabytes != 0)
		add(arguments, "-m%u", megabytes);
	/* Either way no file is left behind by a killed process; the two options exclude each
	 * other. */
	add(arguments, "%s", config->hugepages ? "--in-memory" : "--no-shconf");
	if (!config->hugepages)
		add(arguments, "--no-huge");
}

int dataplane_init(const struct dataplane_eal_config *config)
{
	/* The EAL, started once a process, goes on using its arguments. */
	static struct arguments arguments;

	/* The interface of an AF_XDP port is ours alone: the driver's program itself is attached,
	 * not one of libxdp's dispatchers, which leave pinned files behind when the process is
	 * killed. */
	setenv("LIBXDP_SKIP_DISPATCHER", "1", 0);
	add(&arguments, "%s", config->program);
	add_lcores(&arguments, config->dataplane);
	add_devices(&arguments, config->dataplane);
	add_memory(&arguments, config);
	add(&arguments, "--no-telemetry");
	add(&arguments, "--log-level=%s", config->quiet ? "error" : "notice");
	if (arguments.failed)
		return -ENOMEM;
	return rte_eal_init(arguments.count, arguments.values) < 0 ? -rte_errno : 0;
}

void dataplane_fini(void)
{
	rte_eal_cleanup();
}
