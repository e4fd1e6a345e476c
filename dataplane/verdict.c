/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/verdict.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>

void verdict_tuple(const struct flow_table *table, uint32_t position, struct tuple *tuple)
{
	unsigned source = table->flows[position].source_end;
	const void *key = flow_key(table, position);
	const uint16_t *ports;

	memset(tuple, 0, sizeof(*tuple));
	tuple->version = table->version;
	if (table->version == 4) {
		const struct flow_key4 *v4 = key;

		memcpy(tuple->source, &v4->addresses[source], 4);
		memcpy(tuple->destination, &v4->addresses[!source], 4);
		ports = v4->ports;
		tuple->protocol = KEY_PROTOCOL(v4->domain);
	} else {
		const struct flow_key6 *v6 = key;

		memcpy(tuple->source, v6->addresses[source], 16);
		memcpy(tuple->destination, v6->addresses[!source], 16);
		ports = v6->ports;
		tuple->protocol = KEY_PROTOCOL(v6->domain);
	}
	tuple->source_port = rte_be_to_cpu_16(ports[source]);
	tuple->destination_port = rte_be_to_cpu_16(ports[!source]);
	tuple->has_ports = tuple->protocol == IPPROTO_TCP || tuple->protocol == IPPROTO_UDP ||
		tuple->protocol == IPPROTO_SCTP;
}

void verdict_decide(const struct policy *policy, const struct flow_table *table, uint32_t position)
{
	struct flow *flow = &table->flows[position];
	struct tuple tuple;
	int32_t rule;

	verdict_tuple(table, position, &tuple);
	flow->generation = policy->generation;
	rule = classifier_first(policy->classifier, &tuple);
	if (rule < 0) {
		flow->rule = RULE_NONE;
		flow->action = policy->default_action;
	} else {
		flow->rule = rule;
		flow->action = policy->actions[rule];
	}
}
