/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses, CIDRs and port ranges as text: RFC 4632, RFC 4291 and, for what is written, RFC 5952.
 */
#include <errno.h>
#include <string.h>

#include "lpm/lpm.h"
#include "tests/unit/check.h"

struct prefix_case {
	const char *text;
	int result;
	const char *canonical; /* with results 0 and -EDOM */
	uint8_t version;
};

static const struct prefix_case prefixes[] = {
	{"192.0.2.1", 0, "192.0.2.1/32", 4},
	{"10.0.0.0/8", 0, "10.0.0.0/8", 4},
	{"0.0.0.0/0", 0, "0.0.0.0/0", 4},
	{"255.255.255.255/32", 0, "255.255.255.255/32", 4},
	{"128.0.0.0/1", 0, "128.0.0.0/1", 4},
	{"10.1.2.3/8", -EDOM, "10.0.0.0/8", 4},
	{"10.0.0.1/0", -EDOM, "0.0.0.0/0", 4},
	{"192.0.2.129/25", -EDOM, "192.0.2.128/25", 4},
	{"::/0", 0, "::/0", 6},
	{"::1", 0, "::1/128", 6},
	{"2001:db8::/32", 0, "2001:db8::/32", 6},
	{"2001:DB8:0:0:0:0:0:1", 0, "2001:db8::1/128", 6},
	{"2001:db8:0:1::/64", 0, "2001:db8:0:1::/64", 6},
	/* RFC 5952 section 4.2.3: the longest run of zeros is shortened, of equal ones the first.
	 */
	{"2001:0:0:1:0:0:0:1", 0, "2001:0:0:1::1/128", 6},
	{"2001:db8:0:0:1:0:0:1", 0, "2001:db8::1:0:0:1/128", 6},
	{"::ffff:192.0.2.1", 0, "::ffff:192.0.2.1/128", 6},
	{"2001:db8::1/32", -EDOM, "2001:db8::/32", 6},
	{"8000::1/1", -EDOM, "8000::/1", 6},
	{"ff00::/129", -EINVAL, NULL, 0},
	{"10.0.0.0/33", -EINVAL, NULL, 0},
	{"10.0.0.0/", -EINVAL, NULL, 0},
	{"10.0.0.0/08", -EINVAL, NULL, 0},
	{"10.0.0.0/00", -EINVAL, NULL, 0},
	{"10.0.0.0/+8", -EINVAL, NULL, 0},
	{"10.0.0.0/-1", -EINVAL, NULL, 0},
	{"10.0.0.0/8 ", -EINVAL, NULL, 0},
	{" 10.0.0.0/8", -EINVAL, NULL, 0},
	{"10.0.0.0/8/8", -EINVAL, NULL, 0},
	{"10.0.0.0/255.0.0.0", -EINVAL, NULL, 0},
	{"10.0.0.0/4294967304", -EINVAL, NULL, 0},
	{"10.0.0", -EINVAL, NULL, 0},
	{"10.0.0.256", -EINVAL, NULL, 0},
	{"010.0.0.1", -EINVAL, NULL, 0},
	{"0x0a.0.0.1", -EINVAL, NULL, 0},
	{"10.0.0.1.2", -EINVAL, NULL, 0},
	{"fe80::1%eth0", -EINVAL, NULL, 0},
	{"2001:db8::1::2", -EINVAL, NULL, 0},
	{"2001:db8", -EINVAL, NULL, 0},
	{"12345::", -EINVAL, NULL, 0},
	{"1:2:3:4:5:6:7:8:9", -EINVAL, NULL, 0},
	{"/8", -EINVAL, NULL, 0},
	{"", -EINVAL, NULL, 0},
	{"ANY", -EINVAL, NULL, 0},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff", -EINVAL,
		NULL, 0},
};

static void test_prefix_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const struct prefix_case *one = &prefixes[i];
		char text[PREFIX_TEXT_SIZE];
		struct prefix prefix, untouched;

		memset(&prefix, 0xa5, sizeof(prefix));
		untouched = prefix;
		if (prefix_parse(one->text, &prefix) != one->result)
			fail_msg("\"%s\": not %d", one->text, one->result);
		if (one->canonical == NULL) {
			assert_memory_equal(&prefix, &untouched, sizeof(prefix));
			continue;
		}
		assert_string_equal(prefix_format(&prefix, text), one->canonical);
		assert_int_equal(prefix.version, one->version);
		/* What is written is read back as the same. */
		assert_int_equal(prefix_parse(text, &untouched), 0);
		assert_memory_equal(&prefix, &untouched, sizeof(prefix));
	}
}

static void test_port_range(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint16_t low, high;
	} cases[] = {
		{"0", 0, 0, 0},
		{"1994", 0, 1994, 1994},
		{"65535", 0, 65535, 65535},
		{"1990:1994", 0, 1990, 1994},
		{"0:65535", 0, 0, 65535},
		{"80:80", 0, 80, 80},
		{"65536", -ERANGE, 0, 0},
		{"1:65536", -ERANGE, 0, 0},
		{"4294967376", -ERANGE, 0, 0},
		{"99999999999999999999", -ERANGE, 0, 0},
		{"81:80", -ERANGE, 0, 0},
		{"", -EINVAL, 0, 0},
		{":", -EINVAL, 0, 0},
		{"1024:", -EINVAL, 0, 0},
		{":1024", -EINVAL, 0, 0},
		{"1:2:3", -EINVAL, 0, 0},
		{"80-90", -EINVAL, 0, 0},
		{"+80", -EINVAL, 0, 0},
		{"-1", -EINVAL, 0, 0},
		{" 80", -EINVAL, 0, 0},
		{"80 ", -EINVAL, 0, 0},
		{"0x50", -EINVAL, 0, 0},
		{"ANY", -EINVAL, 0, 0},
		{"http", -EINVAL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t low = 7, high = 8;

		if (port_range_parse(cases[i].text, &low, &high) != cases[i].result)
			fail_msg("\"%s\": not %d", cases[i].text, cases[i].result);
		assert_int_equal(low, cases[i].result == 0 ? cases[i].low : 7);
		assert_int_equal(high, cases[i].result == 0 ? cases[i].high : 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefix_parse),
		cmocka_unit_test(test_port_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
