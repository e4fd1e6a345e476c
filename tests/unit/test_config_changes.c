/* SPDX-License-Identifier: BSD-3-Clause */
/* Every key is either put in force by a reload, or named as one that needs a restart. */
#include "control/config_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "control/config_schema.h"
#include "tests/unit/check.h"

/* The configuration that the others are compared with: all keys that a file may leave out are. */
static const char running[] = "{\"ports\": [{\"name\": \"a\", \"device\": \"net_null0\"},"
			      " {\"name\": \"b\", \"device\": \"net_null1\"},"
			      " {\"name\": \"c\", \"device\": \"net_null2\"},"
			      " {\"name\": \"d\", \"device\": \"net_null3\"}],"
			      "\"pairs\": [[\"a\", \"b\"], [\"c\", \"d\"]]}";

static const char policy_document[] =
	"{\"StatelessDefaultActions\": [\"aws:pass\"],"
	" \"StatelessFragmentDefaultActions\": [\"aws:pass\"],"
	" \"StatefulEngineOptions\": {\"FlowTimeouts\": {\"TcpIdleTimeoutSeconds\": 600}}}";

/* {"file": PATH}, where PATH holds this document. */
static char policy_value[64];

/* Another value of each key. */
static const struct {
	const char *key;
	const char *value;
	bool live;
} others[] = {
	{"firewall_arn", "\"arn:aws:x\"", false},
	{"availability_zone", "\"z\"", false},
	{"vpc_endpoint_id", "\"vpce-1\"", false},
	{"vpc_endpoint_association_arn", "\"arn:aws:y\"", false},
	{"ports",
		"[{\"name\": \"a\", \"device\": \"net_null0\"},"
		" {\"name\": \"b\", \"device\": \"net_null1\"},"
		" {\"name\": \"c\", \"device\": \"net_null2\"},"
		" {\"name\": \"d\", \"device\": \"net_null4\"}]",
		false},
	{"pairs", "[[\"a\", \"c\"], [\"b\", \"d\"]]", false},
	{"share_cpus", "true", false},
	{"worker_cpus", "[3]", false},
	{"idle", "{\"mode\": \"spin\"}", false},
	{"flows_per_worker", "64", false},
	{"idle_timeouts", "{\"icmp\": 31}", true},
	{"checks", "{\"icmp_state\": false}", false},
	{"non_ip", "\"drop\"", false},
	{"tcp_tracking", "\"loose\"", false},
	{"default_action", "\"drop\"", true},
	{"stream_exception", "\"continue\"", true},
	{"rules", "[{\"action\": \"drop\"}]", true},
	{"policy", policy_value, true},
	{"on_policy_change", "\"keep\"", true},
	{"event_log", "{\"path\": \"/tmp/events\"}", false},
	{"socket_path", "\"/run/other.sock\"", false},
	{"socket_group", "\"0\"", false},
	{"socket_request_seconds", "31", false},
	{"operations", "{\"directory\": \"/tmp/operations\"}", false},
	{"operations", "{\"retention_seconds\": 43201}", false},
	{"operations", "{\"size_limit_megabytes\": 4095}", false},
	{"memory", "{\"hugepages\": true}", false},
	{"memory", "{\"megabytes\": 64}", false},
};

/* The same values, written in another way. */
static const char *const same[][2] = {
	{"pairs", "[[\"d\", \"c\"], [\"b\", \"a\"]]"},
	{"worker_cpus", "[5]"},
	{"idle", "{\"mode\": \"sleep\", \"max_sleep_us\": 50}"},
	{"checks", "{\"icmp_state\": true}"},
	{"operations", "{\"directory\": \"/var/lib/tidegate\"}"},
	{"memory", "{\"hugepages\": \"auto\"}"},
	{"availability_zone", "\"local\""},
};

/* Load what is running, with another value of one key. */
static struct config *load(const char *key, const char *value)
{
	char path[] = "/tmp/test_config_changes.XXXXXX", message[CONFIG_MESSAGE_SIZE];
	json_t *root = json_loads(running, 0, NULL);
	struct config *config = NULL;
	cpu_set_t cpus;
	int file = mkstemp(path);

	CPU_ZERO(&cpus);
	CPU_SET(3, &cpus);
	CPU_SET(5, &cpus);
	assert_true(file >= 0);
	if (key != NULL)
		assert_int_equal(
			json_object_set_new(root, key, json_loads(value, JSON_DECODE_ANY, NULL)),
			0);
	assert_int_equal(json_dumpfd(root, file, 0), 0);
	close(file);
	json_decref(root);
	config_load(path, &cpus, &config, message, sizeof(message));
	unlink(path);
	assert_string_equal(message, "");
	return config;
}

static void test_other_values(void **state)
{
	struct config *before = load(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct config *after = load(others[i].key, others[i].value);
		const char *first = config_changes_restart(before, after, 0);

		if (others[i].live)
			assert_null(first);
		else
			assert_string_equal(first != NULL ? first : "none", others[i].key);
		if (first != NULL)
			assert_null(config_changes_restart(before, after, 1));
		config_destroy(after);
	}
	config_destroy(before);
}

static void test_same_values(void **state)
{
	struct config *before = load(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct config *after = load(same[i][0], same[i][1]);

		assert_null(config_changes_restart(before, after, 0));
		config_destroy(after);
	}
	config_destroy(before);
}

/* The table above has every key. */
static void test_every_key(void **state)
{
	(void)state;
	for (const struct config_key *key = config_schema_keys; key->name != NULL; key++) {
		bool found = false;

		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			found = found || strcmp(others[i].key, key->name) == 0;
		if (!found)
			fail_msg("%s is not tried", key->name);
	}
}

static int write_policy(void **state)
{
	static char path[] = "/tmp/test_config_changes.XXXXXX";
	int file = mkstemp(path);
	ssize_t written = file >= 0 ? write(file, policy_document, strlen(policy_document)) : -1;

	close(file);
	snprintf(policy_value, sizeof(policy_value), "{\"file\": \"%s\"}", path);
	*state = path;
	return written == (ssize_t)strlen(policy_document) ? 0 : -1;
}

static int remove_policy(void **state)
{
	return unlink(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_values),
		cmocka_unit_test(test_same_values),
		cmocka_unit_test(test_every_key),
	};

	return cmocka_run_group_tests(tests, write_policy, remove_policy);
}
