/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_cpus.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "control/config.h"

int config_cpus_store_sharing(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;

	(void)reader;
	(void)key;
	config->share_cpus = json_is_true(value);
	return 0;
}

/* Write a set of CPUs as "0-3,8". What does not fit is cut off. */
static void format_cpus(const cpu_set_t *cpus, char *text, size_t size)
{
	text[0] = '\0';
	for (int first = 0; first < CPU_SETSIZE; first++) {
		size_t used = strlen(text);
		int last = first;

		if (!CPU_ISSET(first, cpus))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		if (first == last)
			snprintf(text + used, size - used, "%s%d", used ? "," : "", first);
		else
			snprintf(text + used, size - used, "%s%d-%d", used ? "," : "", first, last);
		first = last;
	}
}

static uint16_t highest_cpu(const cpu_set_t *cpus)
{
	int cpu = CPU_SETSIZE - 1;

	while (cpu > 0 && !CPU_ISSET(cpu, cpus))
		cpu--;
	return (uint16_t)cpu;
}

/* The CPU of the next worker. */
static int read_cpu(struct config_reader *reader, const json_t *value, const cpu_set_t *allowed,
	struct config *config)
{
	struct dataplane_config *dataplane = &config->dataplane;
	int ret = config_reader_integer(reader, value, 0, CPU_SETSIZE - 1);
	uint16_t cpu = (uint16_t)json_integer_value(value);
	char list[128];

	if (ret < 0)
		return ret;
	if (!CPU_ISSET(cpu, allowed)) {
		format_cpus(allowed, list, sizeof(list));
		return config_reader_fail(
			reader, "CPU %u is not among those this process may use: %s", cpu, list);
	}
	for (uint16_t i = 0; !config->share_cpus && i < dataplane->worker_count; i++) {
		if (dataplane->worker_cpus[i] == cpu)
			return config_reader_fail(
				reader, "CPU %u is listed twice, and share_cpus is not true", cpu);
	}
	dataplane->worker_cpus[dataplane->worker_count++] = cpu;
	return 0;
}

int config_cpus_store(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;
	cpu_set_t allowed;

	(void)key;
	if (reader->cpus) {
		allowed = *reader->cpus;
	} else if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0) {
		int error = errno;

		config_reader_fail(
			reader, "cannot ask for this process's CPUs: %s", strerrordesc_np(error));
		return -error;
	}
	if (!value) {
		config->dataplane.worker_cpus[0] = highest_cpu(&allowed);
		config->dataplane.worker_count = 1;
		return 0;
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		int ret;

		config_reader_enter_index(reader, i);
		ret = read_cpu(reader, json_array_get(value, i), &allowed, config);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	return 0;
}
