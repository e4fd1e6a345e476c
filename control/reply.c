/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <uuid/uuid.h>

#include "control/log.h"
#include "control/page.h"

static const struct {
	int code;
	const char *exception;
} errors[REPLY_ERROR_COUNT] = {
#define REPLY_ROW(symbol, code, exception) [REPLY_##symbol] = {code, exception},
	REPLY_ERRORS(REPLY_ROW)
#undef REPLY_ROW
};

void reply_trim(char *text)
{
	size_t end = strlen(text), lead = end;
	unsigned char first;
	size_t length;

	/* RFC 3629 section 3: continuation bytes are 10xxxxxx, and the lead byte tells how many. */
	while (lead > 0 && end - lead < 4 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead == 0)
		return;
	first = text[lead - 1];
	length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (end - (lead - 1) < length)
		text[lead - 1] = '\0';
}

int reply_fail(struct reply *reply, enum reply_error error, const char *format, ...)
{
	va_list arguments;

	reply->error = error;
	va_start(arguments, format);
	vsnprintf(reply->message, sizeof(reply->message), format, arguments);
	va_end(arguments);
	reply_trim(reply->message);
	return -1;
}

void reply_set_result(struct reply *reply, json_t *result)
{
	reply->result = result;
	if (result == NULL)
		reply_fail(reply, REPLY_INTERNAL, "no memory for the answer");
}

static json_t *internal_error_object(const struct reply *reply)
{
	char id[UUID_STR_LEN];
	uuid_t uuid;

	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, id);
	log_write(LOG_ERR, "request %s failed: %s", id, reply->message);
	return json_pack("{s:i, s:s, s:{s:s, s:s}}", "code", errors[reply->error].code, "message",
		"internal error", "data", "__type", errors[reply->error].exception, "RequestId",
		id);
}

json_t *reply_error_object(const struct reply *reply)
{
	int code = errors[reply->error].code;
	const char *exception = errors[reply->error].exception;

	if (reply->error == REPLY_INTERNAL)
		return internal_error_object(reply);
	if (exception == NULL)
		return json_pack("{s:i, s:s}", "code", code, "message", reply->message);
	return json_pack("{s:i, s:s, s:{s:s}}", "code", code, "message", reply->message, "data",
		"__type", exception);
}

void reply_fini(struct reply *reply)
{
	json_decref(reply->result);
	page_destroy(reply->page);
	memset(reply, 0, sizeof(*reply));
}
