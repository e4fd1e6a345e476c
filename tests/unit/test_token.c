/* SPDX-License-Identifier: BSD-3-Clause */
/* NextToken: what this process gave for a list is taken for that list, and nothing else is. */
#include "control/token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

static const char scope[] = "ListFlowOperationResults/01234567-89ab-cdef-0123-456789abcdef";
static const uint64_t positions[] = {0, 1, 100, 65536, UINT32_MAX, UINT64_MAX};

static int setup(void **state)
{
	static struct token_key key;

	assert_int_equal(token_key_init(&key), 0);
	*state = &key;
	return 0;
}

static void test_round_trip(void **state)
{
	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		char token[TOKEN_SIZE];
		uint64_t position;

		assert_int_equal(token_make(*state, scope, positions[i], token), 0);
		assert_int_equal(strlen(token), TOKEN_SIZE - 1);
		/* PaginationToken of the API model: [0-9A-Za-z:\/+=]+$ */
		assert_int_equal(strspn(token,
					 "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz:/+="),
			strlen(token));
		assert_int_equal(token_read(*state, scope, token, &position), 0);
		assert_int_equal(position, positions[i]);
	}
}

static void check_refused(const struct token_key *key, const char *for_scope, const char *token)
{
	uint64_t position = 42;

	assert_int_equal(token_read(key, for_scope, token, &position), -EINVAL);
	assert_int_equal(position, 42);
}

static void test_other_list(void **state)
{
	char token[TOKEN_SIZE];
	struct token_key other;

	assert_int_equal(token_make(*state, scope, 100, token), 0);
	check_refused(
		*state, "ListFlowOperationResults/01234567-89ab-cdef-0123-456789abcdee", token);
	check_refused(*state, "ListFlowOperations/", token);
	check_refused(*state, "", token);
	assert_int_equal(token_key_init(&other), 0);
	check_refused(&other, scope, token);
}

/* Every character of a token matters, and so does its length. */
static void test_forged(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=: \n";
	char token[TOKEN_SIZE], forged[TOKEN_SIZE + 1];

	assert_int_equal(token_make(*state, scope, 100, token), 0);
	for (size_t i = 0; i < TOKEN_SIZE - 1; i++) {
		for (const char *c = alphabet; *c != '\0'; c++) {
			strcpy(forged, token);
			forged[i] = *c;
			if (*c != token[i])
				check_refused(*state, scope, forged);
		}
		strcpy(forged, token);
		forged[i] = '\0';
		check_refused(*state, scope, forged);
	}
	strcpy(forged, token);
	check_refused(*state, scope, strcat(forged, "A"));
	check_refused(*state, scope, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_other_list),
		cmocka_unit_test(test_forged),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
