/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_schema.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "control/config.h"
#include "control/config_checks.h"
#include "control/config_cpus.h"
#include "control/config_group.h"
#include "control/config_hugepages.h"
#include "control/config_operations.h"
#include "control/config_policy.h"
#include "control/config_ports.h"
#include "control/config_rules.h"

/* Free hugepages, in megabytes, that "auto" asks for when the file does not say how much memory. */
enum { AUTO_MEGABYTES = 256 };

/* The general store functions of choices write an unsigned int. */
static_assert(sizeof(enum action) == sizeof(unsigned int), "an action is not an unsigned int");
static_assert(sizeof(enum stream_exception) == sizeof(unsigned int),
	"a stream exception is not an unsigned int");
static_assert(sizeof(enum policy_change) == sizeof(unsigned int),
	"a policy change is not an unsigned int");

/* An object whose members have the same target as the object itself. */
static int store_members(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	return value ? config_reader_object(reader, key->members, value, target) : 0;
}

/* ---- idle ---- */

enum idle_mode { IDLE_SLEEP, IDLE_SPIN };

struct idle {
	unsigned int mode; /* enum idle_mode */
	uint32_t max_sleep_us;
};

static const char *const idle_modes[] = {[IDLE_SLEEP] = "sleep", [IDLE_SPIN] = "spin", NULL};

static const struct config_key idle_members[] = {
	{.name = "mode",
		.type = CONFIG_CHOICE,
		.choices = idle_modes,
		.fallback = "\"sleep\"",
		.help = "What a worker does while no packets come: sleep in growing steps, or go "
			"on polling, which takes the whole CPU and saves the time to wake up.",
		.store = config_reader_store_choice,
		.offset = offsetof(struct idle, mode)},
	{.name = "max_sleep_us",
		.type = CONFIG_INTEGER,
		.low = 1,
		.high = 1000,
		.fallback = "50",
		.help = "Longest sleep, in microseconds. Only with mode `sleep`.",
		.store = config_reader_store_number,
		.offset = offsetof(struct idle, max_sleep_us)},
	{.name = NULL},
};

static int store_idle(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;
	struct idle idle;
	int ret = config_reader_object(reader, key->members, value, &idle);

	if (ret < 0)
		return ret;
	if (idle.mode == IDLE_SPIN && json_object_get(value, "max_sleep_us")) {
		config_reader_enter_key(reader, "max_sleep_us");
		return config_reader_fail(reader, "goes with mode \"sleep\" only");
	}
	config->dataplane.idle_sleep_us = idle.mode == IDLE_SPIN ? 0 : idle.max_sleep_us;
	return 0;
}

/* ---- idle_timeouts ---- */

#define TIMEOUT_MEMBER(symbol, key, seconds, text)                                                 \
	{.name = key,                                                                              \
		.type = CONFIG_INTEGER,                                                            \
		.low = 1,                                                                          \
		.high = 864000,                                                                    \
		.fallback = #seconds,                                                              \
		.help = text,                                                                      \
		.store = config_reader_store_number,                                               \
		.offset = offsetof(struct config, dataplane.flows.timeouts[TIMEOUT_##symbol])},

static const struct config_key idle_timeout_members[] = {TIMEOUTS(TIMEOUT_MEMBER){.name = NULL}};

#undef TIMEOUT_MEMBER

/* ---- memory ---- */

struct memory {
	enum config_hugepages hugepages;
	uint32_t megabytes;
};

static int store_hugepages(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct memory *memory = target;

	(void)key;
	if (json_is_string(value) && strcmp(json_string_value(value), "auto") == 0)
		memory->hugepages = CONFIG_HUGEPAGES_AUTO;
	else if (json_is_boolean(value))
		memory->hugepages =
			json_is_true(value) ? CONFIG_HUGEPAGES_YES : CONFIG_HUGEPAGES_NO;
	else
		return config_reader_fail(reader, "must be \"auto\", true or false");
	return 0;
}

static const struct config_key memory_members[] = {
	{.name = "hugepages",
		.type = CONFIG_MIXED,
		.words = "`\"auto\"`, true or false",
		.fallback = "\"auto\"",
		.help = "Whether the memory comes from hugepages, which is faster. `auto`: if "
			"enough of them are free for `megabytes`, or for 256 MB without it.",
		.store = store_hugepages},
	{.name = "megabytes",
		.type = CONFIG_INTEGER,
		.low = 64,
		.high = 1048576,
		.otherwise = "what ports, workers and tables need",
		.help = "Memory for packets and flow tables, of all workers.",
		.store = config_reader_store_number,
		.offset = offsetof(struct memory, megabytes)},
	{.name = NULL},
};

static int store_memory(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;
	struct memory memory = {.megabytes = 0};
	int ret = config_reader_object(reader, key->members, value, &memory);
	uint64_t needed = memory.megabytes > 0 ? memory.megabytes : AUTO_MEGABYTES;

	if (ret < 0)
		return ret;
	config->memory_megabytes = memory.megabytes;
	config->hugepages_choice = memory.hugepages;
	config->hugepages = memory.hugepages == CONFIG_HUGEPAGES_YES ||
		(memory.hugepages == CONFIG_HUGEPAGES_AUTO &&
			config_hugepages_free(CONFIG_HUGEPAGES_DIRECTORY) >= needed);
	return 0;
}

/* ---- non_ip ---- */

static int store_non_ip(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;

	(void)reader;
	(void)key;
	config->dataplane.flows.pass_non_ip = strcmp(json_string_value(value), "pass") == 0;
	return 0;
}

/* ---- tcp_tracking ---- */

static int store_tcp_tracking(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;

	(void)reader;
	(void)key;
	config->dataplane.flows.tcp_unchecked = strcmp(json_string_value(value), "loose") == 0;
	return 0;
}

/* ---- event_log ---- */

static const struct config_key event_log_members[] = {
	{.name = "path",
		.type = CONFIG_STRING,
		.required = true,
		.low = 2,
		.high = PATH_MAX - 1,
		.pattern = "^/[^[:cntrl:]]*[^/[:cntrl:]]$",
		.words = "the absolute path of a file",
		.help = "Absolute path of the log file.",
		.store = config_reader_store_string,
		.offset = offsetof(struct config, event_log_path)},
	{.name = "events_per_second",
		.type = CONFIG_INTEGER,
		.low = 1,
		.high = 100000,
		.fallback = "1000",
		.help = "How many events are written at most; further ones are counted.",
		.store = config_reader_store_number,
		.offset = offsetof(struct config, event_log_rate)},
	{.name = NULL},
};

/* ---- the whole ---- */

static const char *const non_ip_choices[] = {"pass", "drop", NULL};

static const char *const tcp_trackings[] = {"strict", "loose", NULL};

static const char *const stream_exceptions[] = {
	[STREAM_DROP] = "drop", [STREAM_CONTINUE] = "continue", [STREAM_REJECT] = "reject", NULL};

static const char *const policy_changes[] = {
	[POLICY_REEVALUATE] = "reevaluate", [POLICY_KEEP] = "keep", NULL};

const struct config_key config_schema_keys[] = {
	{.name = "firewall_arn",
		.type = CONFIG_STRING,
		.low = 1,
		.high = 256,
		.pattern = "^arn:aws[^[:cntrl:]]*$",
		.words = "text that begins with arn:aws",
		.fallback = "\"arn:aws:network-firewall:local:000000000000:firewall/tidegate\"",
		.help = "The name by which the flow API's `FirewallArn` means this firewall.",
		.store = config_reader_store_string,
		.offset = offsetof(struct config, firewall_arn)},
	{.name = "availability_zone",
		.type = CONFIG_STRING,
		.low = 1,
		.high = 64,
		.pattern = "^[[:graph:]]*$",
		.words = "visible ASCII characters",
		.fallback = "\"local\"",
		.help = "What the flow API's `AvailabilityZone` must be if it is given.",
		.store = config_reader_store_string,
		.offset = offsetof(struct config, availability_zone)},
	{.name = "vpc_endpoint_id",
		.type = CONFIG_STRING,
		.low = 5,
		.high = 256,
		.pattern = "^vpce-[a-zA-Z0-9]*$",
		.words = "vpce- followed by letters and digits",
		.otherwise = "none is accepted",
		.help = "What the flow API's `VpcEndpointId` must be if it is given.",
		.store = config_reader_store_string,
		.offset = offsetof(struct config, vpc_endpoint_id)},
	{.name = "vpc_endpoint_association_arn",
		.type = CONFIG_STRING,
		.low = 1,
		.high = 256,
		.pattern = "^arn:aws[^[:cntrl:]]*$",
		.words = "text that begins with arn:aws",
		.otherwise = "none is accepted",
		.help = "What the flow API's `VpcEndpointAssociationArn` must be if it is given.",
		.store = config_reader_store_string,
		.offset = offsetof(struct config, vpc_endpoint_association_arn)},
	{.name = "ports",
		.type = CONFIG_ARRAY,
		.required = true,
		.low = 1,
		.high = PORT_MAX,
		.members = config_ports_members,
		.help = "The ports, an object each.",
		.store = config_ports_store},
	{.name = "pairs",
		.type = CONFIG_ARRAY,
		.low = 1,
		.high = PORT_MAX / 2,
		.otherwise = "the two ports where there are two; else required",
		.help = "The inline pairs, each an array of two port names: what comes in by one "
			"port leaves by the other. Every port is in exactly one pair.",
		.store = config_ports_store_pairs},
	{.name = "share_cpus",
		.type = CONFIG_BOOLEAN,
		.fallback = "false",
		.help = "Whether several workers may have the same CPU. They take turns, by the "
			"kernel's scheduler, so they forward no more together than one alone.",
		.store = config_cpus_store_sharing},
	{.name = "worker_cpus",
		.type = CONFIG_ARRAY,
		.low = 1,
		.high = WORKER_MAX,
		.otherwise = "the highest CPU the daemon may use",
		.help = "The number of a CPU for each worker. They must be in the CPU affinity of "
			"the daemon, and different unless `share_cpus` is true.",
		.store = config_cpus_store},
	{.name = "idle",
		.type = CONFIG_OBJECT,
		.members = idle_members,
		.fallback = "{}",
		.help = "What a worker does while no packets come.",
		.store = store_idle},
	{.name = "flows_per_worker",
		.type = CONFIG_INTEGER,
		.low = 64,
		.high = 16777216,
		.fallback = "262144",
		.help = "How many IPv4 flows a worker holds, and as many of IPv6.",
		.store = config_reader_store_number,
		.offset = offsetof(struct config, dataplane.flows.capacity)},
	{.name = "idle_timeouts",
		.type = CONFIG_OBJECT,
		.members = idle_timeout_members,
		.fallback = "{}",
		.help = "After how many seconds without a packet a flow ends.",
		.store = store_members},
	{.name = "checks",
		.type = CONFIG_OBJECT,
		.members = config_checks_members,
		.fallback = "{}",
		.help = "Which packets are dropped whatever the rules say.",
		.store = config_checks_store},
	{.name = "non_ip",
		.type = CONFIG_CHOICE,
		.choices = non_ip_choices,
		.fallback = "\"pass\"",
		.help = "What becomes of frames that are neither IPv4 nor IPv6, such as ARP.",
		.store = store_non_ip},
	{.name = "tcp_tracking",
		.type = CONFIG_CHOICE,
		.choices = tcp_trackings,
		.fallback = "\"strict\"",
		.help = "Whether TCP segments and SCTP packets that cannot be their connection's "
			"are dropped: by flags, state, and the window of sequence numbers, or by "
			"chunks and verification tag; or all are taken.",
		.store = store_tcp_tracking},
	{.name = "default_action",
		.type = CONFIG_CHOICE,
		.choices = config_rules_actions,
		.fallback = "\"allow\"",
		.help = "What becomes of a flow that no rule matches.",
		.store = config_reader_store_choice,
		.offset = offsetof(struct config, default_action)},
	{.name = "rules",
		.type = CONFIG_ARRAY,
		.low = 0,
		.high = CLASSIFIER_MATCH_MAX,
		.members = config_rules_members,
		.fallback = "[]",
		.help = "The rules, an object each. The first that matches a new flow decides.",
		.store = config_rules_store},
	{.name = "stream_exception",
		.type = CONFIG_CHOICE,
		.choices = stream_exceptions,
		.fallback = "\"drop\"",
		.help = "What becomes of a TCP segment or SCTP packet that belongs to no flow and "
			"does not open one: it is dropped, picked up as a flow, or dropped and "
			"answered by a RST, or an ICMP error for SCTP.",
		.store = config_reader_store_choice,
		.offset = offsetof(struct config, stream_exception)},
	{.name = "policy",
		.type = CONFIG_OBJECT,
		.members = config_policy_members,
		.otherwise = "`rules` and `default_action` hold the rules",
		.help = "The documents of AWS Network Firewall that hold the rules. Excludes "
			"`rules`, `default_action` and `stream_exception`.",
		.store = config_policy_store},
	{.name = "on_policy_change",
		.type = CONFIG_CHOICE,
		.choices = policy_changes,
		.fallback = "\"reevaluate\"",
		.help = "What a reload of this file does to the flows that are there: each is "
			"judged again at its next packet, or they keep their verdicts.",
		.store = config_reader_store_choice,
		.offset = offsetof(struct config, on_policy_change)},
	{.name = "socket_path",
		.type = CONFIG_STRING,
		.low = 2,
		.high = 107, /* sun_path of unix(7), less the final NUL */
		.pattern = "^/[^[:cntrl:]]*[^/[:cntrl:]]$",
		.words = "the absolute path of a file",
		.fallback = "\"/run/tidegate/control.sock\"",
		.help = "Absolute path of the Unix socket that takes requests.",
		.store = config_reader_store_string,
		.offset = offsetof(struct config, socket_path)},
	{.name = "socket_group",
		.type = CONFIG_STRING,
		.low = 1,
		.high = 64,
		.pattern = "^[[:graph:]]*$",
		.words = "visible ASCII characters",
		.otherwise = "the daemon's own group",
		.help = "Name of the group, which must exist, or its number, that the socket "
			"belongs to. Its members may connect.",
		.store = config_group_store,
		.offset = offsetof(struct config, socket_group)},
	{.name = "socket_request_seconds",
		.type = CONFIG_INTEGER,
		.low = 1,
		.high = 3600,
		.fallback = "30",
		.help = "How long a client of the socket may take to send a request, from its "
			"first byte to the end of its line. One that takes longer is cut off.",
		.store = config_reader_store_number,
		.offset = offsetof(struct config, socket_request_seconds)},
	{.name = "event_log",
		.type = CONFIG_OBJECT,
		.members = event_log_members,
		.otherwise = "none is written",
		.help = "The log of alerts, drops and rejects of stateful rules, a JSON line each.",
		.store = store_members},
	{.name = "operations",
		.type = CONFIG_OBJECT,
		.members = config_operations_members,
		.fallback = "{}",
		.help = "Where captures and flushes and their results are kept, and for how long.",
		.store = store_members},
	{.name = "memory",
		.type = CONFIG_OBJECT,
		.members = memory_members,
		.fallback = "{}",
		.help = "Where packets and flow tables are kept.",
		.store = store_memory},
	{.name = NULL},
};
