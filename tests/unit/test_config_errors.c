/* SPDX-License-Identifier: BSD-3-Clause */
/* Every way in which a configuration can be wrong, but for its rules. */
#include "tests/unit/config_fixture.h"
#include "tests/unit/folder.h"

#include <errno.h>

#include "tests/unit/check.h"

static const struct config_fixture_error bad[] = {
	/* The file as JSON. Behind the line it is jansson that speaks. */
	{"", ":1: the file is empty"},
	{"\n", ":2: unexpected token near end of file"},
	{"{\n`ports`: [\n", ":3: ']' expected near end of file"},
	{"{" PORTS ",}", ":1: string or '}' expected near '}'"},
	{"{" PORTS "}\n}", ":2: end of file expected near '}'"},
	{"{" PORTS "}\n{}", ":2: end of file expected near '{'"},
	{"{" PORTS ",\n`non_ip`: `pass`,\n`non_ip`: `pass`}",
		":3: duplicate object key near '`non_ip`'"},
	{"{`ports`: [{`name`: `a`,\n`name`: `a`}]}", ":2: duplicate object key near '`name`'"},
	{"{`flows_per_worker`: 99999999999999999999" AND_PORTS,
		":1: too big integer near '99999999999999999999'"},
	{"{`firewall_arn`: `arn:aws\\u0000`" AND_PORTS,
		":1: \\u0000 is not allowed without JSON_ALLOW_NUL near '`arn:aws\\u0000`'"},
	{"{`firewall_arn`:\n`arn:aws\xff`" AND_PORTS,
		":2: unable to decode byte 0xff near '`arn:aws'"},
	{"{`firewall_arn`: `arn:aws\n`" AND_PORTS, ":1: unexpected newline near '`arn:aws'"},
	{"[]", ":1: must be an object, not an array"},
	{"\n\n`text`", ":3: must be an object, not a string"},
	{"5", ":1: must be an object, not an integer"},
	/* Keys. */
	{"{" PORTS ",\n`Ports`: []}", ":2: Ports: unknown key"},
	{"{" PORTS ",\n\n`prots`: {\n}}", ":3: prots: unknown key"},
	{"{" PORTS ", `a\\nb\\u007f`: 1}", ":1: a?b?: unknown key"},
	{"{" PORTS ", `" X64 "x`: 1}", ":1: " X64 ": unknown key"},
	{"{`idle`: {`mode`: `spin`,\n`mod`: 1}" AND_PORTS, ":2: idle.mod: unknown key"},
	{"\n{}", ":2: ports: is required"},
	{"{`rules`: [{}," PORT_A "]" AND_PORTS, ":1: rules[0].action: is required"},
	/* Identity. */
	{"{`firewall_arn`: 5" AND_PORTS, ":1: firewall_arn: must be a string, not an integer"},
	{"{`firewall_arn`: ``" AND_PORTS, ":1: firewall_arn: must be 1 to 256 bytes long, not 0"},
	{"{`firewall_arn`: `arn:aws" X256 "`" AND_PORTS,
		":1: firewall_arn: must be 1 to 256 bytes long, not 263"},
	{"{`firewall_arn`: `arn:tidegate`" AND_PORTS,
		":1: firewall_arn: must be text that begins with arn:aws, not `arn:tidegate`"},
	{"{`firewall_arn`: `arn:aws\\n`" AND_PORTS,
		":1: firewall_arn: must be text that begins with arn:aws, not `arn:aws?`"},
	{"{`availability_zone`: null" AND_PORTS,
		":1: availability_zone: must be a string, not null"},
	{"{`availability_zone`: `zone 1`" AND_PORTS,
		":1: availability_zone: must be visible ASCII characters, not `zone 1`"},
	{"{`availability_zone`: `" X64 "x`" AND_PORTS,
		":1: availability_zone: must be 1 to 64 bytes long, not 65"},
	{"{`vpc_endpoint_id`: `vpce`" AND_PORTS,
		":1: vpc_endpoint_id: must be 5 to 256 bytes long, not 4"},
	{"{`vpc_endpoint_id`: `vpce-1-2`" AND_PORTS,
		":1: vpc_endpoint_id: must be vpce- followed by letters and digits, not "
		"`vpce-1-2`"},
	{"{`vpc_endpoint_association_arn`: `aws`" AND_PORTS,
		":1: vpc_endpoint_association_arn: must be text that begins with arn:aws, not "
		"`aws`"},
	/* Ports. */
	{"{`ports`: {}}", ":1: ports: must be an array, not an object"},
	{"{`ports`: []}", ":1: ports: must have 1 to 32 elements, not 0"},
	{"{`ports`: [" PORT_A ",\n7]}", ":2: ports[1]: must be an object, not an integer"},
	{"{`ports`: [" PORT_A ",\n{`name`: `b`}]}", ":2: ports[1].device: is required"},
	{"{`ports`: [" PORT_A ",\n{`device`: `net_null1`}]}", ":2: ports[1].name: is required"},
	{"{`ports`: [{`name`: `a b`, `device`: `net_null0`}]}",
		":1: ports[0].name: must be letters, digits, _, . and -, not `a b`"},
	{"{`ports`: [{`name`: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`, `device`: `net_null0`}]}",
		":1: ports[0].name: must be 1 to 31 bytes long, not 32"},
	{"{`ports`: [" PORT_A ", {\n`device`: `net_null1`,\n`name`: `a`}]}",
		":3: ports[1].name: `a` is the name of ports[0] as well"},
	{"{`ports`: [{`name`: `a`, `device`: `net_" X256 "`}]}",
		":1: ports[0].device: must be 1 to 255 bytes long, not 260"},
	{"{`ports`: [{`name`: `a`, `device`: `eth0`}]}",
		":1: ports[0].device: `eth0` is neither a PCI address nor a virtual device, which "
		"begins with net_"},
	{"{`ports`: [{`name`: `a`, `device`: `net_`}]}",
		":1: ports[0].device: `net_` is neither a PCI address nor a virtual device, which "
		"begins with net_"},
	{"{`ports`: [{`name`: `a`, `device`: `00:1f.8`}]}",
		":1: ports[0].device: `00:1f.8` is neither a PCI address nor a virtual device, "
		"which begins with net_"},
	{"{`ports`: [{`name`: `a`, `device`: `0000:00:1f.0,x=1`}]}",
		":1: ports[0].device: `0000:00:1f.0,x=1` is neither a PCI address nor a virtual "
		"device, which begins with net_"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,xiface=e`}]}",
		":1: ports[0].device: an AF_XDP device needs its interface: iface=NAME"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=,x=1`}]}",
		":1: ports[0].device: an AF_XDP device needs its interface: iface=NAME"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=x123456789abcdef`}]}",
		":1: ports[0].device: the name of an interface has at most 15 bytes, not 16"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=e1,use_cni=1`}]}",
		":1: ports[0].device: `use_cni=1` is no argument of an AF_XDP device"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,force_copy,iface=e1`}]}",
		":1: ports[0].device: `force_copy` is no argument of an AF_XDP device"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=e1,`}]}",
		":1: ports[0].device: `` is no argument of an AF_XDP device"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=e1,queue_count=0`}]}",
		":1: ports[0].device: queue_count is an integer of 1 to 64"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=e1,busy_budget=65536`}]}",
		":1: ports[0].device: busy_budget is an integer of 0 to 65535"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=e1,busy_budget=-1`}]}",
		":1: ports[0].device: busy_budget is an integer of 0 to 65535"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,force_copy=,iface=e1`}]}",
		":1: ports[0].device: force_copy is an integer of 0 to 1"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,start_queue=1x,iface=e1`}]}",
		":1: ports[0].device: start_queue is an integer of 0 to 65535"},
	{"{`ports`: [" PORT_A ",\n{`name`: `b`, `device`: `net_null0,no-rx=1`}]}",
		":2: ports[1].device: port `a` has the same device"},
	{"{`ports`: [{`name`: `a`, `device`: `0000:03:0A.1`},\n"
	 "{`name`: `b`, `device`: `03:0a.1`}]}",
		":2: ports[1].device: port `a` has the same device"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=e1`},\n"
	 "{`name`: `b`, `device`: `net_af_xdp1,start_queue=1,iface=e1`}]}",
		":2: ports[1].device: port `a` has the same interface"},
	/* Pairs. */
	{"{`ports`: [\n" PORT_A "]}", ":1: pairs: is required unless there are exactly two ports"},
	{"{" PORTS ",\n`pairs`: {}}", ":2: pairs: must be an array, not an object"},
	{"{" PORTS ",\n`pairs`: []}", ":2: pairs: must have 1 to 16 elements, not 0"},
	{"{" PORTS ",\n`pairs`: [`a`, `b`]}", ":2: pairs[0]: must be an array, not a string"},
	{"{" PORTS ",\n`pairs`: [[`a`]]}", ":2: pairs[0]: must have 2 elements, not 1"},
	{"{" PORTS ",\n`pairs`: [[`a`, `b`, `a`]]}", ":2: pairs[0]: must have 2 elements, not 3"},
	{"{" PORTS ",\n`pairs`: [[`a`,\n1]]}", ":3: pairs[0][1]: must be a string, not an integer"},
	{"{`pairs`: [[`a`,\n`c`]]" AND_PORTS, ":2: pairs[0][1]: no port is called `c`"},
	{"{" PORTS ",\n`pairs`: [[`a`, `a`]]}", ":2: pairs[0]: port `a` is paired with itself"},
	{"{" PORTS ",\n`pairs`: [[`a`, `b`],\n[`b`, `a`]]}",
		":3: pairs[1][0]: port `b` is in a pair already"},
	{"{`ports`: [" PORT_A ", " PORT_B
	 ", {`name`: `c`, `device`: `net_null2`}],\n`pairs`: [[`b`, `a`]]}",
		":2: pairs: port `c` is in no pair"},
	/* Workers. */
	{"{`worker_cpus`: 1" AND_PORTS, ":1: worker_cpus: must be an array, not an integer"},
	{"{`worker_cpus`: []" AND_PORTS, ":1: worker_cpus: must have 1 to 64 elements, not 0"},
	{"{`worker_cpus`: [\n`0`]" AND_PORTS,
		":2: worker_cpus[0]: must be an integer, not a string"},
	{"{`worker_cpus`: [-1]" AND_PORTS, ":1: worker_cpus[0]: must be 0 to 1023, not -1"},
	{"{`share_cpus`: 1" AND_PORTS, ":1: share_cpus: must be true or false, not an integer"},
	{"{`idle`: `spin`" AND_PORTS, ":1: idle: must be an object, not a string"},
	{"{`idle`: {`mode`: `doze`}" AND_PORTS,
		":1: idle.mode: must be `sleep` or `spin`, not `doze`"},
	{"{`idle`: {`mode`: true}" AND_PORTS, ":1: idle.mode: must be a string, not true"},
	{"{`idle`: {`max_sleep_us`: 0}" AND_PORTS,
		":1: idle.max_sleep_us: must be 1 to 1000, not 0"},
	{"{`idle`: {\n`mode`: `spin`,\n`max_sleep_us`: 50}" AND_PORTS,
		":3: idle.max_sleep_us: goes with mode `sleep` only"},
	/* Flows. */
	{"{`flows_per_worker`: 63" AND_PORTS,
		":1: flows_per_worker: must be 64 to 16777216, not 63"},
	{"{`flows_per_worker`: 16777217" AND_PORTS,
		":1: flows_per_worker: must be 64 to 16777216, not 16777217"},
	{"{`flows_per_worker`: 100.0" AND_PORTS,
		":1: flows_per_worker: must be an integer, not a number with a fraction or "
		"exponent"},
	{"{`flows_per_worker`: 1e3" AND_PORTS,
		":1: flows_per_worker: must be an integer, not a number with a fraction or "
		"exponent"},
	{"{`flows_per_worker`: true" AND_PORTS,
		":1: flows_per_worker: must be an integer, not true"},
	{"{`idle_timeouts`: [350]" AND_PORTS, ":1: idle_timeouts: must be an object, not an array"},
	{"{`idle_timeouts`: {`tcp`: 1}" AND_PORTS, ":1: idle_timeouts.tcp: unknown key"},
	{"{`idle_timeouts`: {\n`icmp`: 30,\n`other`: 864001}" AND_PORTS,
		":3: idle_timeouts.other: must be 1 to 864000, not 864001"},
	{"{`checks`: {`icmp_state`: 1}" AND_PORTS,
		":1: checks.icmp_state: must be true or false, not an integer"},
	{"{`checks`: {`ttl`: true}" AND_PORTS, ":1: checks.ttl: unknown key"},
	{"{`non_ip`: `allow`" AND_PORTS, ":1: non_ip: must be `pass` or `drop`, not `allow`"},
	{"{`default_action`: `pass`" AND_PORTS,
		":1: default_action: must be `allow` or `drop`, not `pass`"},
	{"{`stream_exception`: `pass`" AND_PORTS,
		":1: stream_exception: must be `drop` or `continue` or `reject`, not `pass`"},
	{"{`tcp_tracking`: `off`" AND_PORTS,
		":1: tcp_tracking: must be `strict` or `loose`, not `off`"},
	{"{`on_policy_change`: `flush`" AND_PORTS,
		":1: on_policy_change: must be `reevaluate` or `keep`, not `flush`"},
	/* Socket and memory. */
	{"{`socket_path`: `run/t.sock`" AND_PORTS,
		":1: socket_path: must be the absolute path of a file, not `run/t.sock`"},
	{"{`socket_path`: `/run/`" AND_PORTS,
		":1: socket_path: must be the absolute path of a file, not `/run/`"},
	{"{`socket_path`: `/" X64 "1234567890123456789012345678901234567890123`" AND_PORTS,
		":1: socket_path: must be 2 to 107 bytes long, not 108"},
	{"{`socket_group`: `no-such-group`" AND_PORTS,
		":1: socket_group: no group is called `no-such-group`"},
	{"{`socket_group`: `4294967295`" AND_PORTS,
		":1: socket_group: `4294967295` is no group number, which is 0 to 4294967294"},
	{"{`socket_group`: `0x10`" AND_PORTS,
		":1: socket_group: `0x10` is no group number, which is 0 to 4294967294"},
	{"{`socket_request_seconds`: 0" AND_PORTS,
		":1: socket_request_seconds: must be 1 to 3600, not 0"},
	{"{`socket_request_seconds`: 3601" AND_PORTS,
		":1: socket_request_seconds: must be 1 to 3600, not 3601"},
	{"{`socket_group`: 0" AND_PORTS, ":1: socket_group: must be a string, not an integer"},
	{"{`memory`: {`hugepages`: `yes`}" AND_PORTS,
		":1: memory.hugepages: must be `auto`, true or false"},
	{"{`memory`: {`megabytes`: 63}" AND_PORTS,
		":1: memory.megabytes: must be 64 to 1048576, not 63"},
};

static void test_bad_files(void **state)
{
	(void)state;
	config_fixture_check(bad, sizeof(bad) / sizeof(bad[0]));
}

static void test_unreadable_files(void **state)
{
	(void)state;
	assert_true(config_fixture_refuses(
		"none.json", -ENOENT, "none.json: No such file or directory"));
	assert_true(config_fixture_refuses(".", -EISDIR, ".: Is a directory"));
	assert_true(config_fixture_refuses(
		"/proc/self/mem", -EIO, "/proc/self/mem: Input/output error"));
	assert_true(config_fixture_refuses("/dev/zero", -EFBIG, "/dev/zero: File too large"));
	config_fixture_write(FILE_NAME, "{\n\"a\0b\"", 7);
	assert_true(config_fixture_refuses(FILE_NAME, -EINVAL, FILE_NAME ":2: a NUL byte"));
}

/* A message that does not fit is cut off, and terminated. */
static void test_short_message(void **state)
{
	struct config *config = NULL;
	char message[12];

	(void)state;
	config_fixture_write_text(FILE_NAME, "{}");
	assert_int_equal(config_load(FILE_NAME, NULL, &config, message, sizeof(message)), -EINVAL);
	assert_string_equal(message, "t.json:1: p");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_unreadable_files),
		cmocka_unit_test(test_short_message),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
