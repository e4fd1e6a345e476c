/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * firewall_api: ListFirewalls and DescribeFirewall, of which there is one; and what the API's
 * resources of this machine are called.
 */
#ifndef TIDEGATE_CONTROL_FIREWALL_API_H
#define TIDEGATE_CONTROL_FIREWALL_API_H

#include "control/api_member.h"
#include "control/config.h"
#include "control/publisher.h"
#include "control/token.h"

/* Room for an ARN that is made here: of a firewall's, and of a name behind it. */
enum { FIREWALL_API_ARN_SIZE = 512 };

/* An entry of VpcIds. */
extern const struct api_constraint firewall_api_vpc_id;

/* The whole ARN of a resource; see struct policy_resource. */
void firewall_api_arn(
	const struct config *config, const char *arn, char text[FIREWALL_API_ARN_SIZE]);

/*
 * Whether a request names its resource by either member, as it has to. Returns 0, or -1 with the
 * reply an InvalidRequestException.
 */
int firewall_api_check_named(const struct api_input *input, enum api_member arn,
	enum api_member name, struct reply *reply);

void firewall_api_list(const struct config *config, const struct token_key *key,
	const struct api_input *input, struct reply *reply);
void firewall_api_describe(const struct config *config, const struct publisher *publisher,
	const struct api_input *input, struct reply *reply);

#endif
