/* SPDX-License-Identifier: BSD-3-Clause */
/* From the rules of a file to verdicts: packets go through the offline dataplane. */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/config.h"

enum { TCP = 6, UDP = 17, GRE = 47, ICMPV6 = 58 };

static const char text[] =
	"{\"ports\": [{\"name\": \"a\", \"device\": \"net_null0\"},"
	" {\"name\": \"b\", \"device\": \"net_null1\"}],"
	"\"default_action\": \"drop\","
	"\"rules\": ["
	"{\"name\": \"one host\", \"action\": \"drop\", \"source\": \"10.1.2.3\"},"
	"{\"name\": \"web\", \"action\": \"allow\", \"source\": [\"10.0.0.0/8\", \"2001:db8::/32\"],"
	" \"destination\": \"ANY\", \"source_ports\": \"1024:65535\","
	" \"destination_ports\": [80, \"443\", \"8080:8089\"], \"protocols\": [\"tcp\", \"17\"]},"
	"{\"name\": \"tunnels\", \"action\": \"allow\", \"destination\": \"192.0.2.0/24\","
	" \"protocols\": 47},"
	"{\"name\": \"ping\", \"action\": \"allow\", \"protocols\": \"icmpv6\"}]}";

static const struct {
	const char *source;
	const char *destination;
	uint16_t source_port;
	uint16_t destination_port;
	uint8_t protocol;
	bool passed;
	uint32_t rule;
} packets[] = {
	{"10.1.2.3", "192.0.2.1", 1024, 80, TCP, false, 0},
	{"10.1.2.4", "192.0.2.1", 1024, 80, TCP, true, 1},
	{"10.1.2.4", "192.0.2.1", 1023, 80, TCP, false, RULE_NONE},
	{"10.1.2.4", "192.0.2.1", 65535, 443, UDP, true, 1},
	{"10.1.2.4", "192.0.2.1", 65535, 8089, TCP, true, 1},
	{"10.1.2.4", "192.0.2.1", 65535, 8090, TCP, false, RULE_NONE},
	{"11.1.2.4", "192.0.2.1", 1024, 80, TCP, false, RULE_NONE},
	{"2001:db8:1::1", "2001:db9::1", 1024, 8080, UDP, true, 1},
	{"2001:db9:1::1", "2001:db9::1", 1024, 8080, UDP, false, RULE_NONE},
	{"198.51.100.1", "192.0.2.1", 0, 0, GRE, true, 2},
	{"198.51.100.1", "192.0.3.1", 0, 0, GRE, false, RULE_NONE},
	{"fe80::1", "2001:db8::1", 0, 0, ICMPV6, true, 3},
};

static void put16(uint8_t *at, unsigned int number)
{
	at[0] = (uint8_t)(number >> 8);
	at[1] = (uint8_t)number;
}

/* Write an Ethernet frame with the packet's IP and transport headers; returns its length. */
static uint32_t write_frame(size_t packet, uint8_t frame[128])
{
	bool ipv6 = strchr(packets[packet].source, ':');
	uint8_t protocol = packets[packet].protocol;
	uint32_t payload = protocol == TCP ? 20 : 8;
	uint8_t *ip = frame + 14;
	uint8_t *transport = ip + (ipv6 ? 40 : 20);

	memset(frame, 0, 128);
	put16(frame + 12, ipv6 ? 0x86dd : 0x0800);
	ip[0] = ipv6 ? 0x60 : 0x45;
	put16(ip + (ipv6 ? 4 : 2), ipv6 ? payload : 20 + payload);
	ip[ipv6 ? 7 : 8] = 64; /* hop limit, time to live */
	ip[ipv6 ? 6 : 9] = protocol;
	assert_int_equal(
		inet_pton(ipv6 ? AF_INET6 : AF_INET, packets[packet].source, ip + (ipv6 ? 8 : 12)),
		1);
	assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, packets[packet].destination,
				 ip + (ipv6 ? 24 : 16)),
		1);
	if (protocol == TCP) {
		transport[12] = 5 << 4; /* data offset */
		transport[13] = 2;	/* SYN */
	}
	if (protocol == UDP)
		put16(transport + 4, payload);
	if (protocol == ICMPV6)
		transport[0] = 128; /* echo request */
	if (protocol == TCP || protocol == UDP) {
		put16(transport, packets[packet].source_port);
		put16(transport + 2, packets[packet].destination_port);
	}
	return (uint32_t)(transport - frame) + payload;
}

static void ignore_flow(const struct flow_record *flow, void *context)
{
	(void)flow;
	(void)context;
}

static void keep_verdict(const struct offline_verdict *verdict, void *context)
{
	*(struct offline_verdict *)context = *verdict;
}

static void test_verdicts(void **state)
{
	const struct dataplane_eal_config eal = {.program = "test_config_document", .quiet = true};
	struct config *config = *state;
	struct policy *policy = NULL;
	struct offline *offline = NULL;
	struct offline_verdict verdict = {0};

	assert_int_equal(dataplane_init(&eal), 0);
	assert_int_equal(policy_create(&config->document->rules, 1, &policy), 0);
	config->dataplane.flows.capacity = 64;
	config->dataplane.flows.checks = 0; /* the frames have no checksums */
	assert_int_equal(offline_create(&config->dataplane.flows, policy, ignore_flow, keep_verdict,
				 &verdict, &offline),
		0);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		uint8_t frame[128];
		uint32_t length = write_frame(i, frame);

		assert_int_equal(offline_packet(offline, frame, length, length, i), 0);
		assert_int_equal(verdict.number, i);
		if (verdict.passed != packets[i].passed)
			fail_msg("%s > %s: passed %d", packets[i].source, packets[i].destination,
				verdict.passed);
		if (verdict.passed)
			assert_int_equal(verdict.flow.rule, packets[i].rule);
		else
			assert_int_equal(verdict.reason,
				packets[i].rule == RULE_NONE ? DROP_DEFAULT_ACTION : DROP_RULE);
	}
	offline_destroy(offline);
	policy_destroy(policy);
	dataplane_fini();
}

static int load(void **state)
{
	char path[] = "/tmp/test_config_document.XXXXXX";
	char message[CONFIG_MESSAGE_SIZE];
	struct config *config = NULL;
	int file = mkstemp(path);

	if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
		return -1;
	close(file);
	if (config_load(path, NULL, &config, message, sizeof(message)) != 0)
		print_error("%s\n", message);
	unlink(path);
	*state = config;
	return config ? 0 : -1;
}

static int unload(void **state)
{
	config_destroy(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verdicts, load, unload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
