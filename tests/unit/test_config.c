/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The configuration: every way in which a file can be wrong, the defaults, a full file, and
 * docs/configuration.md. In the texts here a backtick stands for a double quote.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/config.h"
#include "control/config_hugepages.h"

#define FILE_NAME "t.json" /* in the test's directory, which is the working directory */
#define A "{`name`: `a`, `device`: `net_null0`}"
#define B "{`name`: `b`, `device`: `net_null1`}"
#define PORTS "`ports`: [" A ", " B "]"
#define AND_PORTS ",\n" PORTS "}"
#define RULE(members) "{`rules`: [{`action`: `drop`},\n{`action`: `drop`,\n" members "}]" AND_PORTS
#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256 X64 X64 X64 X64

static const struct {
	const char *text;
	const char *message; /* behind the file's name */
} bad[] = {
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
	{"{`rules`: [{}," A "]" AND_PORTS, ":1: rules[0].action: is required"},
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
	{"{`ports`: [" A ",\n7]}", ":2: ports[1]: must be an object, not an integer"},
	{"{`ports`: [" A ",\n{`name`: `b`}]}", ":2: ports[1].device: is required"},
	{"{`ports`: [" A ",\n{`device`: `net_null1`}]}", ":2: ports[1].name: is required"},
	{"{`ports`: [{`name`: `a b`, `device`: `net_null0`}]}",
		":1: ports[0].name: must be letters, digits, _, . and -, not `a b`"},
	{"{`ports`: [{`name`: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`, `device`: `net_null0`}]}",
		":1: ports[0].name: must be 1 to 31 bytes long, not 32"},
	{"{`ports`: [" A ", {\n`device`: `net_null1`,\n`name`: `a`}]}",
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
	{"{`ports`: [" A ",\n{`name`: `b`, `device`: `net_null0,no-rx=1`}]}",
		":2: ports[1].device: port `a` has the same device"},
	{"{`ports`: [{`name`: `a`, `device`: `0000:03:0A.1`},\n"
	 "{`name`: `b`, `device`: `03:0a.1`}]}",
		":2: ports[1].device: port `a` has the same device"},
	{"{`ports`: [{`name`: `a`, `device`: `net_af_xdp0,iface=e1`},\n"
	 "{`name`: `b`, `device`: `net_af_xdp1,start_queue=1,iface=e1`}]}",
		":2: ports[1].device: port `a` has the same interface"},
	/* Pairs. */
	{"{`ports`: [\n" A "]}", ":1: pairs: is required unless there are exactly two ports"},
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
	{"{`ports`: [" A ", " B ", {`name`: `c`, `device`: `net_null2`}],\n`pairs`: [[`b`, `a`]]}",
		":2: pairs: port `c` is in no pair"},
	/* Workers. */
	{"{`worker_cpus`: 1" AND_PORTS, ":1: worker_cpus: must be an array, not an integer"},
	{"{`worker_cpus`: []" AND_PORTS, ":1: worker_cpus: must have 1 to 64 elements, not 0"},
	{"{`worker_cpus`: [\n`0`]" AND_PORTS,
		":2: worker_cpus[0]: must be an integer, not a string"},
	{"{`worker_cpus`: [-1]" AND_PORTS, ":1: worker_cpus[0]: must be 0 to 1023, not -1"},
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
	{"{`non_ip`: `allow`" AND_PORTS, ":1: non_ip: must be `pass` or `drop`, not `allow`"},
	{"{`default_action`: `pass`" AND_PORTS,
		":1: default_action: must be `allow` or `drop`, not `pass`"},
	{"{`on_policy_change`: `flush`" AND_PORTS,
		":1: on_policy_change: must be `reevaluate` or `keep`, not `flush`"},
	/* Rules. */
	{"{`rules`: {}" AND_PORTS, ":1: rules: must be an array, not an object"},
	{"{`rules`: [[]]" AND_PORTS, ":1: rules[0]: must be an object, not an array"},
	{RULE("`port`: 1"), ":3: rules[1].port: unknown key"},
	{"{`rules`: [{`action`: `reject`}]" AND_PORTS,
		":1: rules[0].action: must be `allow` or `drop`, not `reject`"},
	{RULE("`name`: `tab\\t`"),
		":3: rules[1].name: must be printable ASCII characters, not `tab?`"},
	{RULE("`name`: `" X64 "x`"), ":3: rules[1].name: must be 1 to 64 bytes long, not 65"},
	{RULE("`name`: `rule 1`"),
		":3: rules[1].name: `rule 1` is what rules[0] is called, which has no name"},
	{"{`rules`: [{`name`: `r`, `action`: `drop`}, {`action`: `drop`},\n"
	 "{`action`: `allow`,\n`name`: `r`}]" AND_PORTS,
		":3: rules[2].name: `r` is the name of rules[0] as well"},
	{RULE("`source`: 10"),
		":3: rules[1].source: must be a string, or an array of such, not an integer"},
	{RULE("`source`: []"), ":3: rules[1].source: must have 1 to 1024 elements, not 0"},
	{RULE("`source`: [`10.0.0.0/8`,\n{}]"),
		":4: rules[1].source[1]: must be a string, not an object"},
	{RULE("`source`: `10.0.0`"), ":3: rules[1].source: `10.0.0` is no address or CIDR"},
	{RULE("`source`: `any`"), ":3: rules[1].source: `any` is no address or CIDR"},
	{RULE("`destination`: `10.0.0.0/33`"),
		":3: rules[1].destination: `10.0.0.0/33` is no address or CIDR"},
	{RULE("`destination`: [`::/0`,\n`2001:DB8::1/32`]"),
		":4: rules[1].destination[1]: `2001:DB8::1/32` has bits set behind its prefix "
		"length, the prefix is 2001:db8::/32"},
	{RULE("`source`: `10.1.2.3/8`"),
		":3: rules[1].source: `10.1.2.3/8` has bits set behind its prefix length, the "
		"prefix is 10.0.0.0/8"},
	{RULE("`source`: [`10.0.0.0/8`, `ANY`]"),
		":3: rules[1].source[1]: `ANY` stands alone, not in an array"},
	{RULE("`source_ports`: 65536"), ":3: rules[1].source_ports: must be 0 to 65535, not 65536"},
	{RULE("`source_ports`: 80.0"),
		":3: rules[1].source_ports: must be an integer or a string, or an array of such, "
		"not a number with a fraction or exponent"},
	{RULE("`source_ports`: [true]"),
		":3: rules[1].source_ports[0]: must be an integer or a string, not true"},
	{RULE("`source_ports`: `http`"),
		":3: rules[1].source_ports: `http` is no port or range such as `1990:1994`"},
	{RULE("`destination_ports`: [80, `443:`]"),
		":3: rules[1].destination_ports[1]: `443:` is no port or range such as "
		"`1990:1994`"},
	{RULE("`destination_ports`: `1994:1990`"),
		":3: rules[1].destination_ports: `1994:1990`: ports are 0 to 65535, and a range "
		"begins with the lower one"},
	{RULE("`destination_ports`: `65536`"),
		":3: rules[1].destination_ports: `65536`: ports are 0 to 65535, and a range "
		"begins with the lower one"},
	{RULE("`destination_ports`: [`ANY`]"),
		":3: rules[1].destination_ports[0]: `ANY` stands alone, not in an array"},
	{RULE("`protocols`: 256"), ":3: rules[1].protocols: must be 0 to 255, not 256"},
	{RULE("`protocols`: [`tcp`,\n`256`]"),
		":4: rules[1].protocols[1]: `256` is no protocol: a number from 0 to 255, or tcp, "
		"udp, icmp, icmpv6, sctp, gre, esp or ah"},
	{RULE("`protocols`: `06`"),
		":3: rules[1].protocols: `06` is no protocol: a number from 0 to 255, or tcp, "
		"udp, icmp, icmpv6, sctp, gre, esp or ah"},
	{RULE("`source`: [`10.0.0.0/8`, `192.0.2.1`], `destination`: `::/0`"),
		":2: rules[1]: can never match: source and destination are of different IP "
		"versions"},
	{RULE("`source_ports`: `ANY`, `destination_ports`: 80, `protocols`: [`icmp`, 47]"),
		":2: rules[1]: can never match: there are ports, but no protocol of tcp, udp and "
		"sctp"},
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
	{"{`socket_group`: 0" AND_PORTS, ":1: socket_group: must be a string, not an integer"},
	{"{`memory`: {`hugepages`: `yes`}" AND_PORTS,
		":1: memory.hugepages: must be `auto`, true or false"},
	{"{`memory`: {`megabytes`: 63}" AND_PORTS,
		":1: memory.megabytes: must be 64 to 1048576, not 63"},
};

static void write_bytes(const char *bytes, size_t length)
{
	FILE *file = fopen(FILE_NAME, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* A copy with backticks made double quotes. */
static char *quote(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *at = copy; (at = strchr(at, '`'));)
		*at = '"';
	return copy;
}

static void write_text(const char *text)
{
	char *quoted = quote(text);

	write_bytes(quoted, strlen(quoted));
	free(quoted);
}

/* Whether a file is refused with one message; prints what it is when it is another. */
static bool refuses(const char *path, int error, const char *message)
{
	struct config *config = NULL;
	char *expected = quote(message);
	char actual[CONFIG_MESSAGE_SIZE] = "none";
	int ret = config_load(path, NULL, &config, actual, sizeof(actual));
	bool same = ret == error && !config && strcmp(actual, expected) == 0;

	if (!same)
		print_error("%d %s\n  expected %d %s\n", ret, actual, error, expected);
	config_destroy(config);
	free(expected);
	return same;
}

static struct config *load(const char *text)
{
	struct config *config = NULL;
	char message[CONFIG_MESSAGE_SIZE] = "";

	write_text(text);
	if (config_load(FILE_NAME, NULL, &config, message, sizeof(message)) != 0)
		fail_msg("%s", message);
	return config;
}

static void test_bad_files(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char message[CONFIG_MESSAGE_SIZE];

		snprintf(message, sizeof(message), "%s%s", FILE_NAME, bad[i].message);
		write_text(bad[i].text);
		wrong += !refuses(FILE_NAME, -EINVAL, message);
	}
	assert_int_equal(wrong, 0);
}

static void test_unreadable_files(void **state)
{
	(void)state;
	assert_true(refuses("none.json", -ENOENT, "none.json: No such file or directory"));
	assert_true(refuses(".", -EISDIR, ".: Is a directory"));
	assert_true(refuses("/proc/self/mem", -EIO, "/proc/self/mem: Input/output error"));
	assert_true(refuses("/dev/zero", -EFBIG, "/dev/zero: File too large"));
	write_bytes("{\n\"a\0b\"", 7);
	assert_true(refuses(FILE_NAME, -EINVAL, FILE_NAME ":2: a NUL byte"));
}

/* A message that does not fit is cut off, and terminated. */
static void test_short_message(void **state)
{
	struct config *config = NULL;
	char message[12];

	(void)state;
	write_text("{}");
	assert_int_equal(config_load(FILE_NAME, NULL, &config, message, sizeof(message)), -EINVAL);
	assert_string_equal(message, "t.json:1: p");
}

static void test_defaults(void **state)
{
	/* Seconds, as dataplane.h lists them. */
	static const uint32_t timeouts[TIMEOUT_COUNT] = {
		[TIMEOUT_TCP_NEW] = 120,
		[TIMEOUT_TCP_ESTABLISHED] = 350,
		[TIMEOUT_TCP_CLOSING] = 120,
		[TIMEOUT_TCP_CLOSED] = 10,
		[TIMEOUT_UDP_NEW] = 30,
		[TIMEOUT_UDP_ESTABLISHED] = 120,
		[TIMEOUT_ICMP] = 30,
		[TIMEOUT_OTHER] = 600,
	};
	struct config *config = load("{" PORTS "}");

	(void)state;
	assert_string_equal(config->firewall_arn,
		"arn:aws:network-firewall:local:000000000000:firewall/tidegate");
	assert_string_equal(config->availability_zone, "local");
	assert_null(config->vpc_endpoint_id);
	assert_null(config->vpc_endpoint_association_arn);
	assert_string_equal(config->socket_path, "/run/tidegate/control.sock");
	assert_null(config->socket_group);
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
	assert_true(config->dataplane.flows.pass_non_ip);
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
	struct config *config = load(
		"{`ports`: [" A ", {`name`: `c`, `device`: `00:1f.7`},\n"
		"{`name`: `x.Y_z-9`, `device`: `net_af_xdp0,queue_count=1,iface=x123456789abcde`},\n" B
		"],\n"
		"`pairs`: [[`b`, `c`], [`a`, `x.Y_z-9`]],\n"
		"`firewall_arn`: `arn:aws`, `availability_zone`: `z`,\n"
		"`vpc_endpoint_id`: `vpce-`, `vpc_endpoint_association_arn`: `arn:aws:x`,\n"
		"`idle`: {`mode`: `spin`}, `flows_per_worker`: 64, `non_ip`: `drop`,\n"
		"`idle_timeouts`: {`tcp_new`: 1, `other`: 864000}, `default_action`: `drop`,\n"
		"`rules`: [{`action`: `allow`}, {`action`: `drop`, `name`: `~ rule`},\n"
		"{`action`: `allow`, `source`: `ANY`}], `socket_path`: `/s`,\n"
		"`socket_group`: `4294967294`, `on_policy_change`: `keep`,\n"
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
	assert_false(config->dataplane.flows.pass_non_ip);
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
	write_text(text);
	assert_true(refuses(FILE_NAME, -EINVAL, line));
}

static void test_worker_cpus(void **state)
{
	struct config *config = load("{" PORTS "}");
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
	config = load(text);
	assert_int_equal(config->dataplane.worker_count, 1);
	assert_int_equal(config->dataplane.worker_cpus[0], lowest);
	config_destroy(config);
	config = load("{" PORTS "}");
	assert_int_equal(config->dataplane.worker_cpus[0], lowest);
	config_destroy(config);

	snprintf(list, sizeof(list), "%d,\n%d", lowest, lowest);
	snprintf(text, sizeof(text), "{`worker_cpus`: [%s]" AND_PORTS, list);
	write_text(text);
	snprintf(
		text, sizeof(text), FILE_NAME ":2: worker_cpus[1]: CPU %d is listed twice", lowest);
	assert_true(refuses(FILE_NAME, -EINVAL, text));
	snprintf(text, sizeof(text), "[0]: CPU %d is not among those this process may use: %d",
		lowest + 1, lowest);
	snprintf(list, sizeof(list), "%d", lowest + 1);
	expect_cpus_refused(list, text);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

/* As many rules as there may be, and one more. */
static void test_most_rules(void **state)
{
	static const char rule[] = "{\"action\": \"drop\", \"source\": \"10.0.0.0/8\"},\n";
	size_t size = sizeof(rule) * (CLASSIFIER_MATCH_MAX + 1) + 256;
	char *text = malloc(size);
	char *end;
	struct config *config;

	(void)state;
	assert_non_null(text);
	end = stpcpy(text, "{`rules`: [\n");
	for (size_t i = 0; i < CLASSIFIER_MATCH_MAX - 1; i++)
		end = stpcpy(end, rule);
	strcpy(end, "{`action`: `drop`}]" AND_PORTS);
	config = load(text);
	assert_int_equal(config->document->rules.stateful_count, 65536);
	assert_string_equal(config->document->stateful[65535].msg, "rule 65536");
	config_destroy(config);

	end = stpcpy(end, rule);
	strcpy(end, "{`action`: `drop`}]" AND_PORTS);
	write_text(text);
	assert_true(refuses(FILE_NAME, -EINVAL,
		FILE_NAME ":1: rules: must have 0 to 65536 elements, not 65537"));
	free(text);
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

	config = load("{`memory`: {`hugepages`: false, `megabytes`: 64}" AND_PORTS);
	assert_false(config->hugepages);
	assert_int_equal(config->memory_megabytes, 64);
	config_destroy(config);
	/* No machine has that much free. */
	config = load("{`memory`: {`hugepages`: `auto`, `megabytes`: 1048576}" AND_PORTS);
	assert_false(config->hugepages);
	config_destroy(config);
}

static int enter_directory(void **state)
{
	static char directory[] = "/tmp/test_config.XXXXXX";

	*state = directory;
	return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int leave_directory(void **state)
{
	return unlink(FILE_NAME) == 0 && chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_unreadable_files),
		cmocka_unit_test(test_short_message),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_other_values),
		cmocka_unit_test(test_worker_cpus),
		cmocka_unit_test(test_most_rules),
		cmocka_unit_test(test_hugepages),
	};

	return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
