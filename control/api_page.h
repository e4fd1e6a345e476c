/* SPDX-License-Identifier: BSD-3-Clause */
/* api_page: MaxResults and NextToken of the lists. */
#ifndef TIDEGATE_CONTROL_API_PAGE_H
#define TIDEGATE_CONTROL_API_PAGE_H

#include "control/api_member.h"
#include "control/token.h"

/* The most rows in an answer that is built at one go, whatever MaxResults allows. */
enum { API_PAGE_MAX = 1000 };

/* How many rows are asked for, up to API_PAGE_MAX. */
uint32_t api_page_count(const struct api_input *input);

/*
 * Where the page begins: the position of NextToken, or *position as it is. scope names the list,
 * see token.h. Returns 0, or -1 with the reply an InvalidRequestException.
 */
int api_page_first(const struct token_key *key, const struct api_input *input, const char *scope,
	uint64_t *position, struct reply *reply);

/* Add NextToken to an answer. Returns 0 or -1. */
int api_page_add_token(
	const struct token_key *key, const char *scope, uint64_t position, json_t *result);

#endif
