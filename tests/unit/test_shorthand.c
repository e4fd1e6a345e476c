/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shorthand syntax. The cases are those of the aws command's own tests (aws-cli,
 * tests/unit/test_shorthand.py) and of its user guide, re-expressed, with cases of our own behind
 * them.
 */
#include "control/client/shorthand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/check.h"

/* Text and the JSON it stands for. */
static const struct {
	const char *text;
	const char *json;
} valid[] = {
	/* pairs */
	{"foo=bar", "{\"foo\":\"bar\"}"},
	{"foo=bar,baz=qux", "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
	{"a=b,c=d,e=f", "{\"a\":\"b\",\"c\":\"d\",\"e\":\"f\"}"},
	{"foo=", "{\"foo\":\"\"}"},
	{"foo=,bar=", "{\"foo\":\"\",\"bar\":\"\"}"},
	{"foo=\xe2\x9c\x93", "{\"foo\":\"\xe2\x9c\x93\"}"},
	/* further values make a list */
	{"foo=\xe2\x9c\x93,\xe2\x9c\x93", "{\"foo\":[\"\xe2\x9c\x93\",\"\xe2\x9c\x93\"]}"},
	{"foo=a,b", "{\"foo\":[\"a\",\"b\"]}"},
	{"foo=a,b,c", "{\"foo\":[\"a\",\"b\",\"c\"]}"},
	{"foo=a,b,bar=c,d", "{\"foo\":[\"a\",\"b\"],\"bar\":[\"c\",\"d\"]}"},
	{"foo=a,b,c,bar=d,e,f", "{\"foo\":[\"a\",\"b\",\"c\"],\"bar\":[\"d\",\"e\",\"f\"]}"},
	/* blanks in values */
	{"foo=a,b=with space", "{\"foo\":\"a\",\"b\":\"with space\"}"},
	{"foo=a,b=with trailing space  ", "{\"foo\":\"a\",\"b\":\"with trailing space\"}"},
	{"foo=first space", "{\"foo\":\"first space\"}"},
	{"foo=a space,bar=a space,baz=a space",
		"{\"foo\":\"a space\",\"bar\":\"a space\",\"baz\":\"a space\"}"},
	/* keys */
	{"with-dash=bar", "{\"with-dash\":\"bar\"}"},
	{"with_underscore=bar", "{\"with_underscore\":\"bar\"}"},
	{"with.dot=bar", "{\"with.dot\":\"bar\"}"},
	{"#key=value", "{\"#key\":\"value\"}"},
	{"some/thing=value", "{\"some/thing\":\"value\"}"},
	{"aws:service:region:124:foo/bar=baz", "{\"aws:service:region:124:foo/bar\":\"baz\"}"},
	/* lists */
	{"foo=[]", "{\"foo\":[]}"},
	{"foo=[a]", "{\"foo\":[\"a\"]}"},
	{"foo=[a,b]", "{\"foo\":[\"a\",\"b\"]}"},
	{"foo=[a,b,c]", "{\"foo\":[\"a\",\"b\",\"c\"]}"},
	{"foo=[a,b],bar=c,d", "{\"foo\":[\"a\",\"b\"],\"bar\":[\"c\",\"d\"]}"},
	{"foo=[a,b],bar=[c,d]", "{\"foo\":[\"a\",\"b\"],\"bar\":[\"c\",\"d\"]}"},
	{"foo=a,b,bar=[c,d]", "{\"foo\":[\"a\",\"b\"],\"bar\":[\"c\",\"d\"]}"},
	{"foo=[a=b,c=d]", "{\"foo\":[\"a=b\",\"c=d\"]}"},
	{"foo=[ a , b  , c  ]", "{\"foo\":[\"a\",\"b\",\"c\"]}"},
	{"foo  =  [ a , b  , c  ]", "{\"foo\":[\"a\",\"b\",\"c\"]}"},
	{"foo=[,,]", "{\"foo\":[\"\",\"\"]}"},
	/* quotes */
	{"foo='bar'", "{\"foo\":\"bar\"}"},
	{"foo='bar,baz'", "{\"foo\":\"bar,baz\"}"},
	{"foo='bar','baz'", "{\"foo\":[\"bar\",\"baz\"]}"},
	{"foo=bar,'baz'", "{\"foo\":[\"bar\",\"baz\"]}"},
	{"foo=bar,'baz=qux'", "{\"foo\":[\"bar\",\"baz=qux\"]}"},
	{"foo=bar,'--option=bar space'", "{\"foo\":[\"bar\",\"--option=bar space\"]}"},
	{"foo='bar\\'baz'", "{\"foo\":\"bar'baz\"}"},
	{"foo='bar\\\\baz'", "{\"foo\":\"bar\\\\baz\"}"},
	{"foo=\"bar\"", "{\"foo\":\"bar\"}"},
	{"foo=\"bar,baz\"", "{\"foo\":\"bar,baz\"}"},
	{"foo=\"bar\",\"baz\"", "{\"foo\":[\"bar\",\"baz\"]}"},
	{"foo=bar,\"baz=qux\"", "{\"foo\":[\"bar\",\"baz=qux\"]}"},
	{"foo=bar,\"--option=bar space\"", "{\"foo\":[\"bar\",\"--option=bar space\"]}"},
	{"foo=\"bar\\\"baz\"", "{\"foo\":\"bar\\\"baz\"}"},
	{"foo=\"bar\\\\baz\"", "{\"foo\":\"bar\\\\baz\"}"},
	/* escaped commas */
	{"foo=a\\,b", "{\"foo\":\"a,b\"}"},
	{"foo=a\\,", "{\"foo\":\"a,\"}"},
	{"foo=\\,", "{\"foo\":\",\"}"},
	{"foo=a,b\\,c", "{\"foo\":[\"a\",\"b,c\"]}"},
	{"foo=a,b\\,", "{\"foo\":[\"a\",\"b,\"]}"},
	{"foo=a,\\,bc", "{\"foo\":[\"a\",\",bc\"]}"},
	/* blanks around */
	{"foo= bar", "{\"foo\":\"bar\"}"},
	{"foo =bar", "{\"foo\":\"bar\"}"},
	{"foo = bar", "{\"foo\":\"bar\"}"},
	{"foo  =   bar", "{\"foo\":\"bar\"}"},
	{"foo = bar,baz = qux", "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
	{"a = b,  c = d , e = f", "{\"a\":\"b\",\"c\":\"d\",\"e\":\"f\"}"},
	{"foo = ", "{\"foo\":\"\"}"},
	{"a=b,c=  d,  e,  f", "{\"a\":\"b\",\"c\":[\"d\",\"e\",\"f\"]}"},
	{"Name=foo,Values=  a  ,  b  ,  c  ", "{\"Name\":\"foo\",\"Values\":[\"a\",\"b\",\"c\"]}"},
	{"Name=foo,Values= a,  b  ,  c", "{\"Name\":\"foo\",\"Values\":[\"a\",\"b\",\"c\"]}"},
	{"Name=foo,\nValues=a,b,c", "{\"Name\":\"foo\",\"Values\":[\"a\",\"b\",\"c\"]}"},
	{"A=b,\nC=d,\nE=f\n", "{\"A\":\"b\",\"C\":\"d\",\"E\":\"f\"}"},
	/* hashes */
	{"Name={foo=bar,baz=qux}", "{\"Name\":{\"foo\":\"bar\",\"baz\":\"qux\"}}"},
	{"Name={foo=[a,b,c],bar=baz}", "{\"Name\":{\"foo\":[\"a\",\"b\",\"c\"],\"bar\":\"baz\"}}"},
	{"Name={foo=bar},Bar=baz", "{\"Name\":{\"foo\":\"bar\"},\"Bar\":\"baz\"}"},
	{"Bar=baz,Name={foo=bar}", "{\"Bar\":\"baz\",\"Name\":{\"foo\":\"bar\"}}"},
	{"a={b={c=d}}", "{\"a\":{\"b\":{\"c\":\"d\"}}}"},
	{"a={b={c=d,e=f},g=h}", "{\"a\":{\"b\":{\"c\":\"d\",\"e\":\"f\"},\"g\":\"h\"}}"},
	{"Name=[{foo=bar}, {baz=qux}]", "{\"Name\":[{\"foo\":\"bar\"},{\"baz\":\"qux\"}]}"},
	{"Name=[{foo=[a,b]}, {bar=[c,d]}]",
		"{\"Name\":[{\"foo\":[\"a\",\"b\"]},{\"bar\":[\"c\",\"d\"]}]}"},
	/* "@=" with values that name no file */
	{"foo@=bar,baz@=qux", "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
	{"foo@=,bar@=", "{\"foo\":\"\",\"bar\":\"\"}"},
	{"foo@=a,b,bar=c,d", "{\"foo\":[\"a\",\"b\"],\"bar\":[\"c\",\"d\"]}"},
	{"foo=a,b@=with trailing space  ", "{\"foo\":\"a\",\"b\":\"with trailing space\"}"},
	{"foo  @=  [ a , b  , c  ]", "{\"foo\":[\"a\",\"b\",\"c\"]}"},
	{"Bar@=baz,Name={foo@=bar}", "{\"Bar\":\"baz\",\"Name\":{\"foo\":\"bar\"}}"},
	{"Name=[{foo@=[a,b]}, {bar=[c,d]}]",
		"{\"Name\":[{\"foo\":[\"a\",\"b\"]},{\"bar\":[\"c\",\"d\"]}]}"},
	/* the user guide's, and those of flow filters */
	{"ReadCapacityUnits=10,WriteCapacityUnits=5",
		"{\"ReadCapacityUnits\":\"10\",\"WriteCapacityUnits\":\"5\"}"},
	{"Key=My1stTag,Value=Value1", "{\"Key\":\"My1stTag\",\"Value\":\"Value1\"}"},
	{"SourceAddress={AddressDefinition=10.0.0.0/8},DestinationPort=443,Protocols=6",
		"{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.0/8\"},"
		"\"DestinationPort\":\"443\",\"Protocols\":\"6\"}"},
	{"SourceAddress={AddressDefinition=2001:db8::/32},SourcePort=1990:1994",
		"{\"SourceAddress\":{\"AddressDefinition\":\"2001:db8::/32\"},"
		"\"SourcePort\":\"1990:1994\"}"},
	/* a quoted value that ends in an escaped backslash ends there */
	{"foo='a\\\\','b'", "{\"foo\":[\"a\\\\\",\"b\"]}"},
	{"foo='a\\b'", "{\"foo\":\"a\\\\b\"}"},
};

/* Text and the message about it. */
static const struct {
	const char *text;
	const char *message;
} invalid[] = {
	/* messages of the aws command's tests */
	{"a=b,c==d",
		"Expected: ',', received: '=' for input:\n"
		"a=b,c==d\n"
		"      ^"},
	{"a={b",
		"Expected: '=', received: 'EOF' for input:\n"
		"a={b\n"
		"    ^"},
	{"foo=bar,foo=baz",
		"Second instance of key \"foo\" encountered for input:\n"
		"foo=bar,foo=baz\n"
		"        ^\n"
		"This is often because there is a preceding \",\" instead of a space."},
	/* texts of the aws command's tests */
	{"foo", "Expected: '=', received: 'EOF' for input:\nfoo\n   ^"},
	{"foo=\"bar",
		"Expected: '<double quoted>', received: '<none>' for input:\nfoo=\"bar\n    ^"},
	{"\"foo=bar", "Expected: '=', received: '\"' for input:\n\"foo=bar\n^"},
	{"foo='bar", "Expected: '<single quoted>', received: '<none>' for input:\nfoo='bar\n    ^"},
	{"foo=[bar", "Expected: ',', received: 'EOF' for input:\nfoo=[bar\n        ^"},
	{"foo={bar", "Expected: '=', received: 'EOF' for input:\nfoo={bar\n        ^"},
	{"foo={bar}", "Expected: '=', received: '}' for input:\nfoo={bar}\n        ^"},
	{"foo={bar=bar", "Expected: ',', received: 'EOF' for input:\nfoo={bar=bar\n            ^"},
	{"foo=bar,", "Expected: '<second>', received: '<none>' for input:\nfoo=bar,\n        ^"},
	{"foo==bar,\nbar=baz",
		"Expected: ',', received: '=' for input:\n"
		"foo==bar,\n"
		"    ^\n"
		"bar=baz"},
	/* our own */
	{"", "Expected: '=', received: 'EOF' for input:\n\n^"},
	{"foo=bar,\nb==z,\nc=d",
		"Expected: ',', received: '=' for input:\n"
		"foo=bar,\n"
		"b==z,\n"
		"  ^\n"
		"c=d"},
	{"f=\xc3\xa9,g=\xc3\xa9'",
		"Expected: ',', received: ''' for input:\n"
		"f=\xc3\xa9,g=\xc3\xa9'\n"
		"       ^"},
	{"f=a,g\xc3\xa9=b",
		"Expected: '=', received: '\xc3\xa9' for input:\nf=a,g\xc3\xa9=b\n     ^"},
	{"a={b=1,b=2}",
		"Second instance of key \"b\" encountered for input:\n"
		"a={b=1,b=2}\n"
		"       ^\n"
		"This is often because there is a preceding \",\" instead of a space."},
	{"a=b,c\\,d=e", "Expected: '=', received: '\\' for input:\na=b,c\\,d=e\n     ^"},
	{"foo=a,[b", "Expected: '=', received: '[' for input:\nfoo=a,[b\n      ^"},
	{"a=[b]c", "Expected: ',', received: 'c' for input:\na=[b]c\n     ^"},
	{"a=b\x01", "Expected: ',', received: '\x01' for input:\na=b\x01\n   ^"},
};

static void test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		json_t *object = NULL;
		char *message = NULL;
		int error = shorthand_parse(valid[i].text, &object, &message);
		char *json;

		if (error != 0)
			fail_msg("%s: %s", valid[i].text, message);
		json = json_dumps(object, JSON_COMPACT);
		assert_string_equal(json, valid[i].json);
		free(json);
		json_decref(object);
	}
}

static void test_invalid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		json_t *object = NULL;
		char *message = NULL;

		assert_int_equal(shorthand_parse(invalid[i].text, &object, &message), -EINVAL);
		assert_null(object);
		assert_string_equal(message, invalid[i].message);
		free(message);
	}
}

/* Nesting is bounded, so that no text can use up the stack. */
static void test_depth(void **state)
{
	enum { DEPTH = 100000 };
	char *text = malloc(DEPTH + 3);
	json_t *object = NULL;
	char *message = NULL;

	(void)state;
	assert_non_null(text);
	memset(text, '[', DEPTH + 2);
	memcpy(text, "a=", 2);
	text[DEPTH + 2] = '\0';
	assert_int_equal(shorthand_parse(text, &object, &message), -E2BIG);
	assert_string_equal(message, "more than 32 lists and hashes in one another");
	free(message);
	free(text);
	assert_int_equal(shorthand_parse("a=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
					 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
				 &object, &message),
		0);
	json_decref(object);
}

/* "key@=file://PATH" reads the file; "key=file://PATH" does not. */
static void test_file(void **state)
{
	char path[] = "/tmp/test_shorthand.XXXXXX";
	int fd = mkstemp(path);
	char text[128];
	json_t *object = NULL;
	char *message = NULL;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "content,123", 11), 11);
	close(fd);
	snprintf(text, sizeof(text), "a@=[b, file://%s],c={d@=file://%s},e=file://%s", path, path,
		path);
	assert_int_equal(shorthand_parse(text, &object, &message), 0);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(object, "a"), 0)), "b");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(object, "a"), 1)), "content,123");
	assert_string_equal(json_string_value(json_object_get(json_object_get(object, "c"), "d")),
		"content,123");
	assert_memory_equal(json_string_value(json_object_get(object, "e")), "file://", 7);
	json_decref(object);
	unlink(path);
	assert_int_equal(shorthand_parse(text, &object, &message), -ENOENT);
	snprintf(text, sizeof(text), "%s: No such file or directory", path);
	assert_string_equal(message, text);
	free(message);
}

static void test_not_utf8(void **state)
{
	json_t *object = NULL;
	char *message = NULL;

	(void)state;
	assert_int_equal(shorthand_parse("a=\xff", &object, &message), -EILSEQ);
	assert_string_equal(message, "\xff: not UTF-8 text");
	free(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
