/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control_fixture.h"

#include <dirent.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/rpc.h"
#include "tests/unit/check.h"

/* The longest wait for a reload. */
#define DEADLINE (30 * NANOSECONDS)

static const char configuration[] =
	"{\"firewall_arn\": \"" FIXTURE_ARN "\", \"availability_zone\": \"zone-a\","
	"\"ports\": [{\"name\": \"left\", \"device\": \"net_null0,no-rx=1\"},"
	" {\"name\": \"right\", \"device\": \"net_null1,no-rx=1\"}],"
	"\"flows_per_worker\": 1024, \"memory\": {\"hugepages\": false},"
	"\"pairs\": [[\"left\", \"right\"]],"
	"\"rules\": [{\"name\": \"web \\\"in\\\"\", \"action\": \"allow\"}]}";

static struct config *load_configuration(char *path)
{
	char message[CONFIG_MESSAGE_SIZE] = "";
	struct config *config = NULL;
	int fd;

	strcpy(path, "/tmp/control_fixture.XXXXXX");
	fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, configuration, strlen(configuration)), strlen(configuration));
	close(fd);
	config_load(path, NULL, &config, message, sizeof(message));
	assert_string_equal(message, "");
	return config;
}

static void make_dataplane(struct control_fixture *fixture)
{
	const struct dataplane_eal_config eal = {
		.program = "control_fixture",
		.dataplane = &fixture->config->dataplane,
		.quiet = true,
	};
	char message[CONFIG_MESSAGE_SIZE] = "";
	struct generation *first;

	assert_int_equal(dataplane_init(&eal), 0);
	assert_int_equal(
		generation_create(fixture->config, fixture->config->dataplane.worker_count, &first),
		0);
	dataplane_create(&fixture->config->dataplane, first->policy, message, sizeof(message),
		&fixture->dataplane);
	assert_string_equal(message, "");
	assert_int_equal(
		publisher_create(fixture->base, fixture->dataplane, first, &fixture->publisher), 0);
}

static void init(struct control_fixture *fixture, bool with_dataplane)
{
	static const struct store_limits limits = {
		12 * 3600 * UINT64_C(1000), STORE_COUNT, STORE_MEMORY, UINT64_MAX};
	static const struct xdp_sockets no_sockets;
	struct flow_api *api = &fixture->api;
	cpu_set_t cpus;

	memset(fixture, 0, sizeof(*fixture));
	fixture->config = load_configuration(fixture->path);
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	fixture->base = event_base_new();
	assert_non_null(fixture->base);
	if (with_dataplane)
		make_dataplane(fixture);
	api->config = fixture->config;
	api->publisher = fixture->publisher;
	strcpy(fixture->directory, "/tmp/control_fixture.XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	assert_int_equal(store_create(fixture->base, fixture->directory, &limits, &api->store), 0);
	assert_int_equal(collect_create(fixture->base, fixture->dataplane, fixture->publisher,
				 api->store, &api->collector),
		0);
	if (with_dataplane) {
		assert_int_equal(status_create(fixture->base, api->config, fixture->dataplane,
					 &no_sockets, &api->status),
			0);
		assert_int_equal(reload_create(fixture->base, fixture->path, &cpus, fixture->config,
					 fixture->publisher, &api->reload),
			0);
		assert_int_equal(event_log_create(fixture->base, fixture->config,
					 fixture->dataplane, fixture->publisher, &api->event_log),
			0);
	}
	api->token_key = *store_token_key(api->store);
}

void control_fixture_init_dataplane(struct control_fixture *fixture)
{
	init(fixture, true);
}

/* With the files in it. */
static void remove_directory(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(directory), entry->d_name, 0), 0);
	closedir(directory);
	assert_int_equal(rmdir(path), 0);
}

void control_fixture_fini(struct control_fixture *fixture)
{
	bool with_dataplane = fixture->dataplane != NULL;

	event_log_destroy(fixture->api.event_log);
	reload_destroy(fixture->api.reload);
	status_destroy(fixture->api.status);
	collect_destroy(fixture->api.collector);
	store_destroy(fixture->api.store);
	dataplane_destroy(fixture->dataplane);
	publisher_destroy(fixture->publisher);
	if (with_dataplane)
		dataplane_fini();
	event_base_free(fixture->base);
	config_destroy(fixture->config);
	unlink(fixture->path);
	remove_directory(fixture->directory);
}

static int setup(void **state, bool with_dataplane)
{
	static struct control_fixture fixture;

	init(&fixture, with_dataplane);
	*state = &fixture;
	return 0;
}

int control_fixture_setup(void **state)
{
	return setup(state, false);
}

int control_fixture_setup_dataplane(void **state)
{
	return setup(state, true);
}

int control_fixture_teardown(void **state)
{
	control_fixture_fini(*state);
	return 0;
}

char *control_fixture_exchange(
	const struct control_fixture *fixture, const char *line, size_t length)
{
	struct evbuffer *output = evbuffer_new();
	struct rpc_call *call;
	size_t size;
	char *text;
	int more;

	assert_non_null(output);
	assert_int_equal(rpc_begin(&fixture->api, line, length, &call), 0);
	do
		more = rpc_step(call, output);
	while (more > 0);
	assert_int_equal(more, 0);
	rpc_end(call);
	size = evbuffer_get_length(output);
	text = calloc(1, size + 1);
	assert_non_null(text);
	assert_int_equal(evbuffer_remove(output, text, size), size);
	evbuffer_free(output);
	if (size > 0) {
		assert_int_equal(text[size - 1], '\n');
		assert_ptr_equal(strchr(text, '\n'), text + size - 1); /* one line */
		text[size - 1] = '\0';
	}
	return text;
}

json_t *control_fixture_call(
	const struct control_fixture *fixture, const char *method, const char *params)
{
	char *line, *text;
	json_error_t error;
	json_t *answer;

	assert_true(
		asprintf(&line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
			method, params) > 0);
	text = control_fixture_exchange(fixture, line, strlen(line));
	answer = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (answer == NULL)
		fail_msg("%s answered by %s: %s", line, text, error.text);
	assert_int_equal(json_integer_value(json_object_get(answer, "id")), 1);
	assert_int_equal(json_object_size(answer), 3);
	free(line);
	free(text);
	return answer;
}

const char *control_fixture_text(const json_t *answer, const char *member)
{
	const json_t *result = json_object_get(answer, "result");
	const char *text = json_string_value(json_object_get(result, member));

	if (text == NULL) {
		char *dump = json_dumps(answer, 0);

		fail_msg("no text %s in %s", member, dump);
	}
	return text;
}

void control_fixture_write(const struct control_fixture *fixture, const char *text)
{
	FILE *file = fopen(fixture->path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

json_t *control_fixture_policy(const struct control_fixture *fixture)
{
	json_t *answer = control_fixture_call(fixture, "GetStatus", "{}");
	json_t *found = json_incref(json_object_get(json_object_get(answer, "result"), "Policy"));

	json_decref(answer);
	assert_true(json_is_object(found));
	return found;
}

void control_fixture_begin_reload(const struct control_fixture *fixture)
{
	json_t *answer = control_fixture_call(fixture, "Reload", "{}");

	assert_string_equal(control_fixture_text(answer, "Status"), "IN_PROGRESS");
	assert_int_equal(json_object_size(json_object_get(answer, "result")), 1);
	json_decref(answer);
}

json_t *control_fixture_wait_reload(const struct control_fixture *fixture)
{
	uint64_t deadline = dataplane_now() + DEADLINE;

	for (;;) {
		json_t *found = control_fixture_policy(fixture);
		const json_t *last = json_object_get(found, "LastReload");

		if (strcmp(json_string_value(json_object_get(last, "Status")), "IN_PROGRESS") != 0)
			return found;
		json_decref(found);
		assert_true(dataplane_now() < deadline);
		event_base_loop(fixture->base, EVLOOP_ONCE);
	}
}

json_t *control_fixture_reload(const struct control_fixture *fixture, const char *text)
{
	control_fixture_write(fixture, text);
	control_fixture_begin_reload(fixture);
	return control_fixture_wait_reload(fixture);
}

void control_fixture_refused(const json_t *answer, const char *params, const char *problem)
{
	const json_t *error = json_object_get(answer, "error");
	const char *message = json_string_value(json_object_get(error, "message"));
	char *member = strndup(problem, strcspn(problem, " "));
	char *end;

	assert_non_null(member);
	assert_true(asprintf(&end, "], context: %s", member) > 0);
	if (message == NULL || strncmp(message, problem, strlen(problem)) != 0 ||
		strncmp(message + strlen(problem), ", parameter: [", 14) != 0 ||
		strcmp(message + strlen(message) - strlen(end), end) != 0)
		fail_msg("%s: %s", params, message);
	assert_int_equal(json_integer_value(json_object_get(error, "code")), -32602);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(error, "data"), "__type")),
		"InvalidRequestException");
	free(end);
	free(member);
}
