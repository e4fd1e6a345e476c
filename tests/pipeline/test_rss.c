/* SPDX-License-Identifier: BSD-3-Clause */
/* The queue of a flow by receive side scaling, against the values that NICs are verified with. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "dataplane/parse.h"
#include "dataplane/rss.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define ALL_FUNCTIONS (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP)

/* Microsoft, "Verifying the RSS Hash Calculation": the key, and hashes with ports and without. */
static const uint8_t verification_key[40] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41,
	0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4,
	0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01,
	0xfa};

static const struct {
	const char *destination;
	uint16_t destination_port;
	const char *source;
	uint16_t source_port;
	uint32_t with_ports;
	uint32_t without;
} vectors[] = {
	{"161.142.100.80", 1766, "66.9.149.187", 2794, 0x51ccc178, 0x323e8fc2},
	{"65.69.140.83", 4739, "199.92.111.2", 14230, 0xc626b0ea, 0xd718262a},
	{"12.22.207.184", 38024, "24.19.198.95", 12898, 0x5c2b394a, 0xd2d0a5de},
	{"209.142.163.6", 2217, "38.27.205.30", 48228, 0xafc7327f, 0x82989176},
	{"202.188.127.2", 1303, "153.39.163.191", 44251, 0x10e828a2, 0x5d1809c5},
	{"3ffe:2501:200:3::1", 1766, "3ffe:2501:200:1fff::7", 2794, 0x40207d3d, 0x2cc18cd5},
	{"ff02::1", 4739, "3ffe:501:8::260:97ff:fe40:efab", 14230, 0xdde51bbf, 0x0f0c461c},
	{"fe80::200:f8ff:fe21:67cf", 38024, "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251,
		0x02d1feef, 0x4b61e985},
};

static void parse_spec(struct rig *rig, const struct frame_spec *spec, struct packet *packet)
{
	uint8_t frame[FRAME_SIZE];
	uint32_t l3;
	struct rte_mbuf *mbuf = rig_mbuf(rig, frame, frame_build(spec, frame, &l3), 0, 0);

	assert_int_equal(parse_packet(mbuf, packet), DROP_NONE);
	rte_pktmbuf_free(mbuf);
}

static void test_verification_suite(void **state)
{
	static const uint8_t protocols[] = {6, 17, 132};
	struct rss rss = {.functions = ALL_FUNCTIONS, .reta_size = 128, .queues = 8};
	struct packet packet;
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	memcpy(rss.key, verification_key, sizeof(verification_key));
	for (unsigned i = 0; i < RTE_DIM(vectors); i++) {
		struct frame_spec spec = {.source = vectors[i].source,
			.destination = vectors[i].destination,
			.source_port = vectors[i].source_port,
			.destination_port = vectors[i].destination_port};

		for (unsigned j = 0; j < RTE_DIM(protocols); j++) {
			spec.protocol = protocols[j];
			rss.functions = ALL_FUNCTIONS;
			parse_spec(&rig, &spec, &packet);
			assert_int_equal(rss_hash(&rss, &packet), vectors[i].with_ports);
			assert_int_equal(rss_queue(&rss, &packet), vectors[i].with_ports % 128 % 8);
			rss.functions = RTE_ETH_RSS_IP;
			assert_int_equal(rss_hash(&rss, &packet), vectors[i].without);
		}
		spec.protocol = 47;
		rss.functions = ALL_FUNCTIONS;
		parse_spec(&rig, &spec, &packet);
		assert_int_equal(rss_hash(&rss, &packet), vectors[i].without);
	}
	rig_fini(&rig);
}

/* With the key that the ports are given both directions have one hash, and flows differ. */
static void test_symmetric(void **state)
{
	struct rss rss = {.functions = ALL_FUNCTIONS, .reta_size = 512, .queues = 4};
	unsigned counts[4] = {0};
	struct packet packet;
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	rss_set_key(&rss, 0x6d5a);
	for (unsigned i = 0; i < 1000; i++) {
		bool ipv4 = i % 2 == 0;
		struct frame_spec spec = {.source = ipv4 ? "10.0.0.1" : "2001:db8::1",
			.destination = ipv4 ? "10.0.0.2" : "2001:db8::2",
			.protocol = 17,
			.source_port = i,
			.destination_port = 53};
		struct frame_spec back = {.source = spec.destination,
			.destination = spec.source,
			.protocol = 17,
			.source_port = 53,
			.destination_port = i};
		uint32_t hash;

		parse_spec(&rig, &spec, &packet);
		hash = rss_hash(&rss, &packet);
		counts[rss_queue(&rss, &packet)]++;
		parse_spec(&rig, &back, &packet);
		assert_int_equal(rss_hash(&rss, &packet), hash);
	}
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(counts[i], 150, 350);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verification_suite),
		cmocka_unit_test(test_symmetric),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
