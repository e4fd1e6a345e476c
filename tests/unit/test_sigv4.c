/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signature Version 4: the cases of the public test suite (aws-sig-v4-test-suite) with its
 * documented
 * signatures, and what may stand in an Authorization header.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/httpd/sigv4.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define DATE "20150830T123600Z"
#define CREDENTIAL "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
#define SIGNATURE "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
#define WHOLE                                                                                      \
	"AWS4-HMAC-SHA256 Credential=" CREDENTIAL                                                  \
	", SignedHeaders=host;x-amz-date, Signature=" SIGNATURE

enum { HEADER_MAX = 8 };

/* clang-format off */
static const struct {
	const char *name;
	const char *method;
	const char *target;
	struct sigv4_header more[HEADER_MAX - 2]; /* besides Host and X-Amz-Date */
	const char *body;
	const char *signed_headers;
	const char *signature;
} cases[] = {
	{"get-header-key-duplicate", "GET", "/", {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}, "", "host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
	{"get-header-value-multiline", "GET", "/", {{"My-Header1", "value1\n  value2\n     value3"}}, "", "host;my-header1;x-amz-date", "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"},
	{"get-header-value-order", "GET", "/", {{"My-Header1", "value4"}, {"My-Header1", "value1"}, {"My-Header1", "value3"}, {"My-Header1", "value2"}}, "", "host;my-header1;x-amz-date", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
	{"get-header-value-trim", "GET", "/", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}, "", "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	{"get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", {{NULL, NULL}}, "", "host;x-amz-date", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
	{"get-utf8", "GET", "/ሴ", {{NULL, NULL}}, "", "host;x-amz-date", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
	{"get-vanilla-query-order-encoded", "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", {{NULL, NULL}}, "", "host;x-amz-date", "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
	{"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", {{NULL, NULL}}, "", "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{"get-vanilla-query-order-key", "GET", "/?Param1=value2&Param1=Value1", {{NULL, NULL}}, "", "host;x-amz-date", "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
	{"get-vanilla-query-order-value", "GET", "/?Param1=value2&Param1=value1", {{NULL, NULL}}, "", "host;x-amz-date", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
	{"get-vanilla-query-unreserved", "GET", "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", {{NULL, NULL}}, "", "host;x-amz-date", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
	{"get-vanilla-utf8-query", "GET", "/?ሴ=bar", {{NULL, NULL}}, "", "host;x-amz-date", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
	{"get-vanilla", "GET", "/", {{NULL, NULL}}, "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-relative-relative", "GET", "/example1/example2/../..", {{NULL, NULL}}, "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-relative", "GET", "/example/..", {{NULL, NULL}}, "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-slash-dot-slash", "GET", "/./", {{NULL, NULL}}, "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-slash-pointless-dot", "GET", "/./example", {{NULL, NULL}}, "", "host;x-amz-date", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
	{"get-slash", "GET", "//", {{NULL, NULL}}, "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-slashes", "GET", "//example//", {{NULL, NULL}}, "", "host;x-amz-date", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
	{"get-space", "GET", "/example space/", {{NULL, NULL}}, "", "host;x-amz-date", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
	{"get-special-character", "GET", "/example/$delete", {{NULL, NULL}}, "", "host;x-amz-date", "a853c9b21b528b19643d00910d35b83a10c366a10833ceefb45edd6c80e40f27"},
	{"post-header-key-case", "POST", "/", {{NULL, NULL}}, "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{"post-header-key-sort", "POST", "/", {{"My-Header1", "value1"}}, "", "host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
	{"post-header-value-case", "POST", "/", {{"My-Header1", "VALUE1"}}, "", "host;my-header1;x-amz-date", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
	{"post-vanilla-query", "POST", "/?Param1=value1", {{NULL, NULL}}, "", "host;x-amz-date", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
	{"post-vanilla", "POST", "/", {{NULL, NULL}}, "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{"post-x-www-form-urlencoded-parameters", "POST", "/", {{"Content-Type", "application/x-www-form-urlencoded; charset=utf8"}}, "Param1=value1", "content-type;host;x-amz-date", "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
	{"post-x-www-form-urlencoded", "POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "Param1=value1", "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
};
/* clang-format on */

static void parse(const char *value, struct sigv4_authorization *authorization)
{
	const char *problem = "";
	int error = sigv4_authorization_parse(value, authorization, &problem);

	if (error != 0)
		fail_msg("%s: %d %s", value, error, problem);
}

static void test_suite(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sigv4_header headers[HEADER_MAX] = {
			{"Host", "example.amazonaws.com"}, {"X-Amz-Date", DATE}};
		struct sigv4_request request = {cases[i].method, cases[i].target, headers, 2,
			cases[i].body, strlen(cases[i].body)};
		struct sigv4_authorization authorization;
		char value[512], signature[SIGV4_HASH_SIZE];

		for (size_t j = 0; j < HEADER_MAX - 2 && cases[i].more[j].name != NULL; j++)
			headers[request.header_count++] = cases[i].more[j];
		snprintf(value, sizeof(value),
			"AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=%s, Signature=%s",
			CREDENTIAL, cases[i].signed_headers, cases[i].signature);
		parse(value, &authorization);
		assert_int_equal(sigv4_sign(&request, &authorization, DATE, SECRET, signature), 0);
		if (!sigv4_signatures_equal(&authorization, signature))
			fail_msg("%s: %s", cases[i].name, signature);
		signature[63] ^= 1;
		assert_false(sigv4_signatures_equal(&authorization, signature));
		sigv4_authorization_fini(&authorization);
	}
}

/* As the documentation writes it out for "get-vanilla". */
static void test_canonical_request(void **state)
{
	const struct sigv4_header headers[] = {
		{"Host", "example.amazonaws.com"}, {"X-Amz-Date", DATE}};
	const struct sigv4_request request = {"GET", "/", headers, 2, "", 0};
	struct sigv4_authorization authorization;
	char *text;

	(void)state;
	parse(WHOLE, &authorization);
	assert_int_equal(sigv4_canonical_request(&request, &authorization, &text), 0);
	assert_string_equal(text,
		"GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
		"host;x-amz-date\n"
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	free(text);
	sigv4_authorization_fini(&authorization);
}

static void test_no_canonical_request(void **state)
{
	static const char *const targets[] = {"/?a=%", "/?a=%4", "/?a=%4g", "/?%zz"};
	struct sigv4_header headers[] = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", DATE}};
	struct sigv4_request request = {"GET", "/", headers, 1, "", 0};
	struct sigv4_authorization authorization;
	char *text, query[512] = "/?";

	(void)state;
	parse(WHOLE, &authorization);
	/* A signed header is not there. */
	assert_int_equal(sigv4_canonical_request(&request, &authorization, &text), -EINVAL);
	request.header_count = 2;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		request.target = targets[i];
		assert_int_equal(sigv4_canonical_request(&request, &authorization, &text), -EINVAL);
	}
	for (int i = 0; i < 64; i++)
		strcat(query, "a&");
	request.target = query;
	assert_int_equal(sigv4_canonical_request(&request, &authorization, &text), 0);
	free(text);
	strcat(query, "a&");
	assert_int_equal(sigv4_canonical_request(&request, &authorization, &text), -EINVAL);
	sigv4_authorization_fini(&authorization);
}

static void test_authorization(void **state)
{
	struct sigv4_authorization authorization;

	(void)state;
	parse(WHOLE, &authorization);
	assert_string_equal(authorization.access_key, "AKIDEXAMPLE");
	assert_string_equal(authorization.date, "20150830");
	assert_string_equal(authorization.region, "us-east-1");
	assert_string_equal(authorization.service, "service");
	assert_int_equal(authorization.signed_count, 2);
	assert_true(sigv4_is_signed(&authorization, "host"));
	assert_true(sigv4_is_signed(&authorization, "x-amz-date"));
	assert_false(sigv4_is_signed(&authorization, "x-amz-target"));
	assert_string_equal(authorization.signature, SIGNATURE);
	sigv4_authorization_fini(&authorization);
	/* Any order, and no blanks. */
	parse("AWS4-HMAC-SHA256 Signature=" SIGNATURE ",SignedHeaders=host,Credential=" CREDENTIAL,
		&authorization);
	assert_string_equal(authorization.access_key, "AKIDEXAMPLE");
	sigv4_authorization_fini(&authorization);
}

#define FIRST "AWS4-HMAC-SHA256 Credential=" CREDENTIAL ", "
#define LAST ", SignedHeaders=host, Signature=" SIGNATURE

static void test_malformed(void **state)
{
	static const char *const values[] = {
		"",
		" ",
		",",
		"=",
		"Basic dXNlcjpwYXNz",
		"AWS4-HMAC-SHA256",
		"AWS4-HMAC-SHA256 ",
		"AWS4-HMAC-SHA256\t,,,",
		"AWS4-HMAC-SHA512 Credential=" CREDENTIAL LAST,
		"aws4-hmac-sha256 Credential=" CREDENTIAL LAST,
		"AWS4-HMAC-SHA256 Credential=" CREDENTIAL
		" SignedHeaders=host Signature=" SIGNATURE,
		FIRST "SignedHeaders=host",
		FIRST "Signature=" SIGNATURE,
		"AWS4-HMAC-SHA256 SignedHeaders=host, Signature=" SIGNATURE,
		FIRST "SignedHeaders=host, SignedHeaders=host, Signature=" SIGNATURE,
		FIRST "SignedHeaders=host, Signature=" SIGNATURE ", Else=1",
		FIRST "SignedHeaders=host, Signature=" SIGNATURE ",",
		FIRST "SignedHeaders=, Signature=" SIGNATURE,
		FIRST "SignedHeaders=;, Signature=" SIGNATURE,
		FIRST "SignedHeaders=host;, Signature=" SIGNATURE,
		FIRST "SignedHeaders=Host, Signature=" SIGNATURE,
		FIRST "SignedHeaders=host;host, Signature=" SIGNATURE,
		FIRST "SignedHeaders=x-amz-date;host, Signature=" SIGNATURE,
		FIRST "SignedHeaders=host, Signature=",
		FIRST "SignedHeaders=host, Signature=" SIGNATURE "0",
		FIRST
		"SignedHeaders=host, Signature=5FA00FA31553B73EBF1942676E86291E8372FF2A2260956D9B8AAE1D763FBF31",
		"AWS4-HMAC-SHA256 Credential=" LAST,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE" LAST,
		"AWS4-HMAC-SHA256 Credential=/20150830/us-east-1/service/aws4_request" LAST,
		"AWS4-HMAC-SHA256 Credential=AKID EXAMPLE/20150830/us-east-1/service/aws4_request" LAST,
		"AWS4-HMAC-SHA256 Credential=AKID\x01/20150830/us-east-1/service/aws4_request" LAST,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/2015083/us-east-1/service/aws4_request" LAST,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/2015083x/us-east-1/service/aws4_request" LAST,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830//service/aws4_request" LAST,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service" LAST,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4" LAST,
		"AWS4-HMAC-SHA256 Credential=" CREDENTIAL "/" LAST,
		"AWS4-HMAC-SHA256 Credential=" CREDENTIAL "/x" LAST,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct sigv4_authorization authorization;
		const char *problem = NULL;

		if (sigv4_authorization_parse(values[i], &authorization, &problem) != -EINVAL)
			fail_msg("taken: %s", values[i]);
		assert_non_null(problem);
	}
}

/* Every beginning of a good header, and the header with each byte changed to some others. */
static void test_damaged(void **state)
{
	static const char bytes[] = ",;=/ \t\x7f\xff%A0";
	struct sigv4_authorization authorization;
	const char *problem;
	char text[sizeof(WHOLE)];

	(void)state;
	for (size_t length = 0; length < strlen(WHOLE); length++) {
		memcpy(text, WHOLE, length);
		text[length] = '\0';
		assert_int_equal(
			sigv4_authorization_parse(text, &authorization, &problem), -EINVAL);
	}
	for (size_t at = 0; at < strlen(WHOLE); at++)
		for (const char *byte = bytes; *byte != '\0'; byte++) {
			memcpy(text, WHOLE, sizeof(WHOLE));
			text[at] = *byte;
			if (sigv4_authorization_parse(text, &authorization, &problem) != 0)
				continue;
			assert_true(strlen(authorization.signature) == 64);
			assert_true(authorization.signed_count >= 1);
			sigv4_authorization_fini(&authorization);
		}
}

static void test_many_headers(void **state)
{
	struct sigv4_authorization authorization;
	const char *problem;
	char text[1024];

	(void)state;
	for (int count = 64; count <= 65; count++) {
		size_t used = (size_t)snprintf(text, sizeof(text), FIRST "SignedHeaders=");

		for (int i = 0; i < count; i++)
			used += (size_t)snprintf(
				text + used, sizeof(text) - used, "%sh%02d", i > 0 ? ";" : "", i);
		snprintf(text + used, sizeof(text) - used, ", Signature=" SIGNATURE);
		assert_int_equal(sigv4_authorization_parse(text, &authorization, &problem),
			count == 64 ? 0 : -EINVAL);
		if (count == 64)
			sigv4_authorization_fini(&authorization);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suite),
		cmocka_unit_test(test_canonical_request),
		cmocka_unit_test(test_no_canonical_request),
		cmocka_unit_test(test_authorization),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_many_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
