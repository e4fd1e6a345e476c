/* SPDX-License-Identifier: BSD-3-Clause */
/* What a configuration's values become: defaults, others, and those that depend on the machine. */
#include "tests/unit/config_fixture.h"
#include "tests/unit/folder.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/config_hugepages.h"
#include "tests/unit/check.h"

static void test_defaults(void **state)
{
	/* Seconds, as dataplane.h lists them. */
	static const uint32_t timeouts[TIMEOUT_COUNT] = {
		[TIMEOUT_TCP_NEW] = 120,
		[TIMEOUT_TCP_SYN_RECEIVED] = 60,
		[TIMEOUT_TCP_ESTABLISHED] = 350,
		[TIMEOUT_TCP_CLOSING] = 120,
		[TIMEOUT_TCP_TIME_WAIT] = 120,
		[TIMEOUT_TCP_CLOSED] = 10,
		[TIMEOUT_UDP_NEW] = 30,
		[TIMEOUT_UDP_ESTABLISHED] = 120,
		[TIMEOUT_SCTP_NEW] = 3,
		[TIMEOUT_SCTP_HEARTBEAT] = 30,
		[TIMEOUT_SCTP_ESTABLISHED] = 210,
		[TIMEOUT_SCTP_CLOSING] = 3,
		[TIMEOUT_SCTP_CLOSED] = 10,
		[TIMEOUT_ICMP] = 30,
		[TIMEOUT_OTHER] = 600,
	};
	struct config *config = config_fixture_load("{" PORTS "}");

	(void)state;
	assert_string_equal(config->firewall_arn,
		"arn:aws:network-firewall:local:000000000000:firewall/tidegate");
	assert_string_equal(config->availability_zone, "local");
	assert_null(config->vpc_endpoint_id);
	assert_null(config->vpc_endpoint_association_arn);
	assert_string_equal(config->socket_path, "/run/tidegate/control.sock");
	assert_null(config->socket_group);
	assert_int_equal(config->socket_request_seconds, 30);
	assert_int_equal(config->dataplane.port_count, 2);
	assert_string_equal(config->dataplane.ports[0].name, "a");
	assert_string_equal(config->dataplane.ports[0].device, "net_null0");
	assert_string_equal(config->dataplane.ports[1].name, "b");
	assert_string_equal(config->dataplane.ports[1].device, "net_null1");
	assert_int_equal(config->dataplane.peers[0], 1);
	assert_int_equal(config->dataplane.peers[1], 0);
	assert_int_equal(config->dataplane.worker_count, 1);
	assert_int_equal(config->dataplane.idle_sleep_us, 50);
	assert_int_equal(config->dataplane.flows.capacity, 262144);
	assert_memory_equal(config->dataplane.flows.timeouts, timeouts, sizeof(timeouts));
	assert_int_equal(config->dataplane.flows.checks, CHECK_BIT(CHECK_COUNT) - 1);
	assert_true(config->dataplane.flows.pass_non_ip);
	assert_false(config->dataplane.flows.tcp_unchecked);
	assert_int_equal(config->document->rules.stream_exception, STREAM_DROP);
	assert_int_equal(config->memory_megabytes, 0);
	assert_int_equal(config->document->rules.stateful_default, 0);
	assert_int_equal(config->on_policy_change, POLICY_REEVALUATE);
	assert_int_equal(config->hugepages_choice, CONFIG_HUGEPAGES_AUTO);
	assert_int_equal(config->document->rules.stateful_count, 0);
	assert_null(config->event_log_path);
	config_destroy(config);
	config_destroy(NULL);
}

static void test_other_values(void **state)
{
	struct config *config = config_fixture_load(
		"{`ports`: [" PORT_A ", {`name`: `c`, `device`: `00:1f.7`},\n"
		"{`name`: `x.Y_z-9`, `device`: `net_af_xdp0,queue_count=1,iface=x123456789abcde`},\n" PORT_B
		"],\n"
		"`pairs`: [[`b`, `c`], [`a`, `x.Y_z-9`]],\n"
		"`firewall_arn`: `arn:aws`, `availability_zone`: `z`,\n"
		"`vpc_endpoint_id`: `vpce-`, `vpc_endpoint_association_arn`: `arn:aws:x`,\n"
		"`idle`: {`mode`: `spin`}, `flows_per_worker`: 64, `non_ip`: `drop`, `tcp_tracking`: `loose`,\n"
		"`stream_exception`: `reject`,\n"
		"`checks`: {`icmp_state`: false},\n"
		"`idle_timeouts`: {`tcp_new`: 1, `other`: 864000}, `default_action`: `drop`,\n"
		"`rules`: [{`action`: `allow`}, {`action`: `drop`, `name`: `~ rule`},\n"
		"{`action`: `allow`, `source`: `ANY`}], `socket_path`: `/s`,\n"
		"`socket_group`: `4294967294`, `socket_request_seconds`: 3600, `on_policy_change`: `keep`,\n"
		"`memory`: {`hugepages`: true, `megabytes`: 1048576}}");
	static const uint8_t peers[] = {2, 3, 0, 1};

	(void)state;
	assert_int_equal(config->dataplane.port_count, 4);
	assert_string_equal(config->dataplane.ports[1].device, "00:1f.7");
	assert_string_equal(config->dataplane.ports[2].name, "x.Y_z-9");
	assert_string_equal(config->dataplane.ports[2].device,
		"net_af_xdp0,queue_count=1,iface=x123456789abcde");
	assert_memory_equal(config->dataplane.peers, peers, sizeof(peers));
	assert_string_equal(config->firewall_arn, "arn:aws");
	assert_string_equal(config->availability_zone, "z");
	assert_string_equal(config->vpc_endpoint_id, "vpce-");
	assert_string_equal(config->vpc_endpoint_association_arn, "arn:aws:x");
	assert_int_equal(config->dataplane.idle_sleep_us, 0);
	assert_int_equal(config->dataplane.flows.capacity, 64);
	assert_int_equal(config->dataplane.flows.checks,
		(CHECK_BIT(CHECK_COUNT) - 1) & ~CHECK_BIT(CHECK_ICMP_STATE));
	assert_false(config->dataplane.flows.pass_non_ip);
	assert_true(config->dataplane.flows.tcp_unchecked);
	assert_int_equal(config->document->rules.stream_exception, STREAM_REJECT);
	assert_int_equal(config->dataplane.flows.timeouts[TIMEOUT_TCP_NEW], 1);
	assert_int_equal(config->dataplane.flows.timeouts[TIMEOUT_TCP_ESTABLISHED], 350);
	assert_int_equal(config->dataplane.flows.timeouts[TIMEOUT_OTHER], 864000);
	assert_int_equal(config->document->rules.stateful_default, DEFAULT_DROP_STRICT);
	assert_int_equal(config->on_policy_change, POLICY_KEEP);
	assert_int_equal(config->hugepages_choice, CONFIG_HUGEPAGES_YES);
	assert_int_equal(config->document->rules.stateful_count, 3);
	assert_string_equal(config->document->stateful[0].msg, "rule 1");
	assert_string_equal(config->document->stateful[1].msg, "~ rule");
	assert_string_equal(config->document->stateful[2].msg, "rule 3");
	assert_string_equal(config->socket_path, "/s");
	assert_string_equal(config->socket_group, "4294967294");
	assert_int_equal(config->socket_request_seconds, 3600);
	assert_true(config->hugepages);
	assert_int_equal(config->memory_megabytes, 1048576);
	config_destroy(config);
}

/* "0-3,8" as the kernel writes it (proc(5), Cpus_allowed_list). */
static void read_allowed_cpus(char list[128])
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[512];

	assert_non_null(file);
	list[0] = '\0';
	while (fgets(line, sizeof(line), file) &&
		sscanf(line, "Cpus_allowed_list: %127s", list) != 1)
		continue;
	fclose(file);
}

static void expect_cpus_refused(const char *cpus, const char *message)
{
	char text[512];
	char line[CONFIG_MESSAGE_SIZE];

	snprintf(text, sizeof(text), "{`worker_cpus`: [%s]" AND_PORTS, cpus);
	snprintf(line, sizeof(line), FILE_NAME ":1: worker_cpus%s", message);
	config_fixture_write_text(FILE_NAME, text);
	assert_true(config_fixture_refuses(FILE_NAME, -EINVAL, line));
}

static void test_worker_cpus(void **state)
{
	struct config *config = config_fixture_load("{" PORTS "}");
	char list[128];
	char text[512];
	cpu_set_t all;
	cpu_set_t one;
	int highest = CPU_SETSIZE - 1;
	int lowest = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(highest, &all))
		highest--;
	while (!CPU_ISSET(lowest, &all))
		lowest++;
	assert_int_equal(config->dataplane.worker_cpus[0], highest);
	config_destroy(config);

	read_allowed_cpus(list);
	snprintf(text, sizeof(text), "[0]: CPU 1023 is not among those this process may use: %s",
		list);
	expect_cpus_refused("1023", text);

	CPU_ZERO(&one);
	CPU_SET(lowest, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	snprintf(text, sizeof(text), "{`worker_cpus`: [%d]" AND_PORTS, lowest);
	config = config_fixture_load(text);
	assert_int_equal(config->dataplane.worker_count, 1);
	assert_int_equal(config->dataplane.worker_cpus[0], lowest);
	config_destroy(config);
	config = config_fixture_load("{" PORTS "}");
	assert_int_equal(config->dataplane.worker_cpus[0], lowest);
	config_destroy(config);

	snprintf(list, sizeof(list), "%d,\n%d", lowest, lowest);
	snprintf(text, sizeof(text), "{`worker_cpus`: [%s]" AND_PORTS, list);
	config_fixture_write_text(FILE_NAME, text);
	snprintf(text, sizeof(text),
		FILE_NAME ":2: worker_cpus[1]: CPU %d is listed twice, and share_cpus is not true",
		lowest);
	assert_true(config_fixture_refuses(FILE_NAME, -EINVAL, text));
	snprintf(text, sizeof(text), "{`worker_cpus`: [%s], `share_cpus`: true" AND_PORTS, list);
	config = config_fixture_load(text);
	assert_int_equal(config->dataplane.worker_count, 2);
	assert_int_equal(config->dataplane.worker_cpus[0], lowest);
	assert_int_equal(config->dataplane.worker_cpus[1], lowest);
	config_destroy(config);
	snprintf(text, sizeof(text), "[0]: CPU %d is not among those this process may use: %d",
		lowest + 1, lowest);
	snprintf(list, sizeof(list), "%d", lowest + 1);
	expect_cpus_refused(list, text);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void make_hugepages(const char *size, const char *free_pages)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "hugepages/%s", size);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "hugepages/%s/free_hugepages", size);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(free_pages, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void remove_hugepages(const char *size)
{
	char path[128];

	snprintf(path, sizeof(path), "hugepages/%s/free_hugepages", size);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "hugepages/%s", size);
	assert_int_equal(rmdir(path), 0);
}

static void test_hugepages(void **state)
{
	struct config *config;

	(void)state;
	assert_int_equal(config_hugepages_free("hugepages"), 0);
	assert_int_equal(mkdir("hugepages", 0700), 0);
	assert_int_equal(config_hugepages_free("hugepages"), 0);
	make_hugepages("hugepages-2048kB", "3\n");
	make_hugepages("hugepages-1048576kB", "2\n");
	make_hugepages("hugepages-64kB", "17\n");
	make_hugepages("other", "1000\n");
	/* 3 × 2 MiB + 2 × 1 GiB + 17 × 64 KiB, rounded down. */
	assert_int_equal(config_hugepages_free("hugepages"), 2055);
	remove_hugepages("hugepages-2048kB");
	remove_hugepages("hugepages-1048576kB");
	remove_hugepages("hugepages-64kB");
	remove_hugepages("other");
	assert_int_equal(rmdir("hugepages"), 0);

	config = config_fixture_load("{`memory`: {`hugepages`: false, `megabytes`: 64}" AND_PORTS);
	assert_false(config->hugepages);
	assert_int_equal(config->memory_megabytes, 64);
	config_destroy(config);
	/* No machine has that much free. */
	config = config_fixture_load(
		"{`memory`: {`hugepages`: `auto`, `megabytes`: 1048576}" AND_PORTS);
	assert_false(config->hugepages);
	config_destroy(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_other_values),
		cmocka_unit_test(test_worker_cpus),
		cmocka_unit_test(test_hugepages),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
