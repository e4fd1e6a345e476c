/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/conversation.h"

#include <stdbool.h>
#include <string.h>

#include "dataplane/dataplane.h"

void conversation_of(const struct flow_record *flow, struct conversation *ret_conversation)
{
	struct conversation *ret = ret_conversation;
	int order = memcmp(flow->source, flow->destination, sizeof(flow->source));
	bool forward = order < 0 || (order == 0 && flow->source_port <= flow->destination_port);

	memcpy(ret->low_address, forward ? flow->source : flow->destination, 16);
	memcpy(ret->high_address, forward ? flow->destination : flow->source, 16);
	ret->low_port = forward ? flow->source_port : flow->destination_port;
	ret->high_port = forward ? flow->destination_port : flow->source_port;
	ret->vlan_outer = flow->vlan_outer;
	ret->vlan_inner = flow->vlan_inner;
	ret->identifier = flow->identifier;
	ret->version = flow->version;
	ret->protocol = flow->protocol;
	ret->zero = 0;
}
