/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/operation_message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a worker left undone, in the letters that StatusMessage may have; "" when nothing. */
static void describe_worker(
	const struct operation_worker *worker, uint16_t index, char *text, size_t size)
{
	const struct walk_close *close = &worker->close;

	text[0] = '\0';
	if (worker->state == WORKER_REFUSED)
		snprintf(text, size, "worker %u took no request", index);
	else if (worker->state == WORKER_WALKING)
		snprintf(text, size, "worker %u did not answer", index);
	else if (close->walked < close->positions)
		snprintf(text, size, "worker %u walked %u of 100 percent", index,
			operation_coverage(worker));
}

void operation_message_append(char message[OPERATION_MESSAGE_SIZE], const char *format, ...)
{
	size_t length = strlen(message);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message + length, OPERATION_MESSAGE_SIZE - length, format, arguments);
	va_end(arguments);
}

/*
 * "Flow timeout - worker 0 walked 40 of 100 percent - worker 2 did not answer"; as many workers as
 * leave room for what comes behind them, of tail bytes.
 */
static void write_timeouts(struct operation *operation, size_t tail)
{
	static const char more[] = " - and 64 more workers";
	char *message = operation->outcome_message;
	unsigned int omitted = 0;

	for (uint16_t i = 0; i < operation->worker_count; i++) {
		char text[64];

		describe_worker(&operation->workers[i], i, text, sizeof(text));
		if (text[0] == '\0')
			continue;
		if (message[0] == '\0')
			operation_message_append(message, "Flow timeout");
		if (strlen(message) + strlen(" - ") + strlen(text) + strlen(more) + tail <
			OPERATION_MESSAGE_SIZE)
			operation_message_append(message, " - %s", text);
		else
			omitted++;
	}
	if (omitted > 0)
		operation_message_append(message, " - and %u more workers", omitted);
}

static uint64_t missed_in_window(const struct operation *operation)
{
	uint64_t missed = 0;

	for (uint16_t i = 0; i < operation->worker_count; i++)
		missed += operation->workers[i].close.window_lost;
	return missed;
}

bool operation_message_write(struct operation *operation)
{
	char *message = operation->outcome_message, tail[OPERATION_MESSAGE_SIZE] = "";
	uint64_t missed = missed_in_window(operation);

	if (operation->past_limit != 0)
		operation_message_append(
			tail, " - %" PRIu64 " flows past the limit", operation->past_limit);
	if (missed != 0)
		operation_message_append(tail, " - %" PRIu64 " flows missed in the window", missed);
	if (operation->without_memory != 0)
		operation_message_append(
			tail, " - no memory for %" PRIu64 " flows", operation->without_memory);
	write_timeouts(operation, strlen(tail));
	if (message[0] == '\0' && tail[0] != '\0')
		operation_message_append(message, "Flow operation error");
	operation_message_append(message, "%s", tail);
	return message[0] != '\0';
}
