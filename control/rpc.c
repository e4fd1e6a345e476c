/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/rpc.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/page.h"

/* 15 digits hold every decimal number of as many digits, and no rounding error shows. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

struct rpc_call {
	const struct flow_api *api;
	json_t *requests; /* array; NULL: the line as a whole is in error */
	size_t next;	  /* index of the request to answer next */
	bool batch;
	bool answered;	    /* something was written */
	struct reply error; /* of the line as a whole */
	struct page *page;  /* the rest of the answer that is being written, or NULL */
};

static int write_text(struct evbuffer *output, const char *text)
{
	return evbuffer_add(output, text, strlen(text)) == 0 ? 0 : -ENOMEM;
}

/* The text of an id just as it was given; a number with the fewest digits that mean the same. */
static char *id_text(const json_t *id)
{
	char *text;

	if (!json_is_real(id))
		return json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY);
	for (size_t digits = 15; digits < 17; digits++) {
		text = json_dumps(id, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
		if (text == NULL || strtod(text, NULL) == json_real_value(id))
			return text;
		free(text);
	}
	return json_dumps(id, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
}

/* {"jsonrpc":"2.0","id":ID,"NAME": and the value, less the last cut characters of it. */
static int write_answer(struct evbuffer *output, const json_t *id, const char *name,
	const json_t *value, size_t cut)
{
	char *id_json = id_text(id), *text = value != NULL ? json_dumps(value, DUMP_FLAGS) : NULL;
	int error = -ENOMEM;

	if (id_json != NULL && text != NULL &&
		evbuffer_add_printf(
			output, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"%s\":", id_json, name) >= 0 &&
		evbuffer_add(output, text, strlen(text) - cut) == 0)
		error = 0;
	free(id_json);
	free(text);
	return error;
}

static int write_error(struct evbuffer *output, const json_t *id, const struct reply *reply)
{
	json_t *object = reply_error_object(reply);
	int error = write_answer(output, id, "error", object, 0);

	json_decref(object);
	return error != 0 ? error : write_text(output, "}");
}

int rpc_write_error(struct evbuffer *output, const struct reply *reply)
{
	int error = write_error(output, json_null(), reply);

	return error != 0 ? error : write_text(output, "\n");
}

/* The last member of a result, and the end of the answer. */
static int write_tail(struct evbuffer *output, const struct reply *reply)
{
	if (evbuffer_add_printf(output, ",\"%s\":", reply->tail_name) < 0)
		return -ENOMEM;
	return write_text(output, reply->tail) == 0 ? write_text(output, "}}") : -ENOMEM;
}

/* The bracket or comma that comes before an answer. */
static int write_separator(struct rpc_call *call, struct evbuffer *output)
{
	int error = 0;

	if (call->batch)
		error = write_text(output, call->answered ? "," : "[");
	call->answered = true;
	return error;
}

/* The result up to where the flows of its page go, or with its tail. */
static int write_result(
	struct rpc_call *call, struct evbuffer *output, const json_t *id, struct reply *reply)
{
	bool whole = reply->page == NULL && reply->tail == NULL;
	int error = write_answer(output, id, "result", reply->result, whole ? 0 : 1);

	if (error != 0 || whole)
		return error != 0 ? error : write_text(output, "}");
	if (reply->tail != NULL)
		return write_tail(output, reply);
	call->page = reply->page;
	reply->page = NULL;
	return write_text(output, ",\"Flows\":[");
}

/* Append flows of the page under way. Returns 1 while there are more. */
static int write_page(struct rpc_call *call, struct evbuffer *output)
{
	int more = page_write(call->page, output);

	if (more != 0)
		return more;
	page_destroy(call->page);
	call->page = NULL;
	return write_text(output, "]}}");
}

/* The name of a member that no request has, or NULL. */
static const char *find_unknown(json_t *request)
{
	static const char *const members[] = {"jsonrpc", "id", "method", "params"};
	const char *name;
	json_t *value;

	json_object_foreach(request, name, value) {
		bool known = false;

		for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
			known = known || strcmp(name, members[i]) == 0;
		if (!known)
			return name;
	}
	return NULL;
}

/* What the request is (JSON-RPC 2.0 section 4); *ret_id: NULL for a notification. */
static void carry_out(
	const struct flow_api *api, json_t *request, const json_t **ret_id, struct reply *reply)
{
	json_t *id = json_object_get(request, "id");
	json_t *method = json_object_get(request, "method");
	const char *version = json_string_value(json_object_get(request, "jsonrpc"));
	const char *unknown = find_unknown(request);

	*ret_id = json_null();
	if (!json_is_object(request)) {
		reply_fail(reply, REPLY_REQUEST, "a request must be an object");
	} else if (id != NULL && !json_is_string(id) && !json_is_number(id) && !json_is_null(id)) {
		reply_fail(reply, REPLY_REQUEST, "id must be a string, a number or null");
	} else if (version == NULL || strcmp(version, "2.0") != 0) {
		*ret_id = id != NULL ? id : json_null();
		reply_fail(reply, REPLY_REQUEST, "jsonrpc must be \"2.0\"");
	} else if (!json_is_string(method)) {
		*ret_id = id != NULL ? id : json_null();
		reply_fail(reply, REPLY_REQUEST, "method must be a string");
	} else if (unknown != NULL) {
		*ret_id = id != NULL ? id : json_null();
		reply_fail(reply, REPLY_REQUEST, "%.64s is not a member of a request", unknown);
	} else {
		*ret_id = id;
		flow_api_call(
			api, json_string_value(method), json_object_get(request, "params"), reply);
	}
}

static int answer(struct rpc_call *call, json_t *request, struct evbuffer *output)
{
	struct reply reply = {0};
	const json_t *id;
	int error = 0;

	carry_out(call->api, request, &id, &reply);
	if (id != NULL) {
		error = write_separator(call, output);
		if (error == 0 && reply.error != REPLY_OK)
			error = write_error(output, id, &reply);
		else if (error == 0)
			error = write_result(call, output, id, &reply);
	}
	reply_fini(&reply);
	return error;
}

/* Returns 1 while there are requests left, else ends the line. */
static int end_step(struct rpc_call *call, struct evbuffer *output)
{
	if (call->page != NULL || call->next < json_array_size(call->requests))
		return 1;
	if (!call->answered)
		return 0;
	return write_text(output, call->batch ? "]\n" : "\n");
}

int rpc_step(struct rpc_call *call, struct evbuffer *output)
{
	int error;

	if (call->requests == NULL)
		return rpc_write_error(output, &call->error);
	if (call->page != NULL) {
		error = write_page(call, output);
	} else {
		error = answer(call, json_array_get(call->requests, call->next), output);
		call->next++;
	}
	return error != 0 ? error : end_step(call, output);
}

/*
 * Whether a text has more values than are taken, by its commas and opening brackets; those in
 * strings count as well, which no request comes near.
 */
static bool has_many_values(const char *text, size_t length)
{
	size_t count = 1;

	for (size_t i = 0; i < length; i++)
		count += text[i] == ',' || text[i] == '[' || text[i] == '{';
	return count > RPC_VALUE_MAX;
}

/* The requests of a line, or NULL with the reply an error. */
static json_t *parse(const char *line, size_t length, bool *ret_batch, struct reply *reply)
{
	json_error_t error;
	json_t *root, *requests;

	if (has_many_values(line, length)) {
		reply_fail(reply, REPLY_PARSE, "parse error: more than %d values", RPC_VALUE_MAX);
		return NULL;
	}
	root = json_loadb(line, length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		if (json_error_code(&error) == json_error_out_of_memory)
			reply_fail(reply, REPLY_INTERNAL, "no memory for the request");
		else
			reply_fail(reply, REPLY_PARSE, "parse error at byte %d: %s", error.position,
				error.text);
		return NULL;
	}
	*ret_batch = json_is_array(root);
	if (!*ret_batch) {
		requests = json_pack("[o]", root);
		if (requests == NULL)
			reply_fail(reply, REPLY_INTERNAL, "no memory for the request");
		return requests;
	}
	if (json_array_size(root) >= 1 && json_array_size(root) <= RPC_BATCH_MAX)
		return root;
	reply_fail(reply, REPLY_REQUEST, "a batch must have from 1 to %d requests", RPC_BATCH_MAX);
	json_decref(root);
	return NULL;
}

int rpc_begin(
	const struct flow_api *api, const char *line, size_t length, struct rpc_call **ret_call)
{
	struct rpc_call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		return -ENOMEM;
	call->api = api;
	call->requests = parse(line, length, &call->batch, &call->error);
	*ret_call = call;
	return 0;
}

void rpc_end(struct rpc_call *call)
{
	if (call == NULL)
		return;
	json_decref(call->requests);
	page_destroy(call->page);
	reply_fini(&call->error);
	free(call);
}
