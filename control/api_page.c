/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api_page.h"

uint32_t api_page_count(const struct api_input *input)
{
	int64_t count = api_member_integer(input, MEMBER_MAX_RESULTS);

	return count < API_PAGE_MAX ? (uint32_t)count : API_PAGE_MAX;
}

int api_page_first(const struct token_key *key, const struct api_input *input, const char *scope,
	uint64_t *position, struct reply *reply)
{
	const char *token = api_member_string(input, MEMBER_NEXT_TOKEN);

	if (token == NULL || token_read(key, scope, token, position) == 0)
		return 0;
	return api_member_fail(reply, REPLY_PARAMETER, "NextToken",
		input->values[MEMBER_NEXT_TOKEN], "is none that this list returned");
}

int api_page_add_token(
	const struct token_key *key, const char *scope, uint64_t position, json_t *result)
{
	char token[TOKEN_SIZE];

	if (token_make(key, scope, position, token) != 0)
		return -1;
	return json_object_set_new(result, "NextToken", json_string(token));
}
