/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conversation: what the records of a conversation have in common, whichever end is the source.
 * Part of the public header dataplane.h.
 */
#ifndef TIDEGATE_DATAPLANE_CONVERSATION_H
#define TIDEGATE_DATAPLANE_CONVERSATION_H

#include <assert.h>
#include <stdint.h>

#include "dataplane/hash.h"

struct flow_record;

/* Hashed and compared as words: no padding. The ends are in a fixed order. */
struct conversation {
	uint8_t low_address[16];
	uint8_t high_address[16];
	uint16_t low_port;
	uint16_t high_port;
	uint16_t vlan_outer;
	uint16_t vlan_inner;
	uint16_t identifier;
	uint8_t version;
	uint8_t protocol;
	uint32_t zero;
};

enum { CONVERSATION_WORDS = sizeof(struct conversation) / sizeof(uint32_t) };

static_assert((int)CONVERSATION_WORDS == (int)HASH_WORDS_MAX, "hashed at once");

void conversation_of(const struct flow_record *flow, struct conversation *ret_conversation);

static inline uint32_t conversation_hash(
	const struct hash_secret *secret, const struct conversation *conversation)
{
	return hash_words(secret, conversation, CONVERSATION_WORDS);
}

#endif
