/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/operation_row.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

void operation_row_init(struct operation_row *row, const struct operation *operation,
	const struct database_outcome *outcome)
{
	const struct operation_request *request = &operation->request;

	*row = (struct operation_row){
		.numbers = {[ROW_SEQUENCE] = (int64_t)operation->sequence,
			[ROW_KIND] = request->kind,
			[ROW_STATUS] = outcome->status,
			[ROW_REQUESTED] = operation->requested,
			[ROW_ELAPSED] = (int64_t)outcome->elapsed,
			[ROW_FLOW_COUNT] = outcome->flow_count,
			[ROW_WINDOW] = request->window,
			[ROW_ASYMMETRIC] = outcome->asymmetric,
			[ROW_SIZE] = (int64_t)outcome->size},
		.texts = {[ROW_ID] = operation->id,
			[ROW_MESSAGE] = outcome->message,
			[ROW_TEXT] = request->text,
			[ROW_PARAMS] = or_empty(request->params),
			[ROW_RECEIPT] = or_empty(outcome->receipt),
			[ROW_CLIENT_TOKEN] = request->client_token},
	};
}

/* Of numbers and texts; the latter with their final NUL, so that no two rows are the same bytes. */
int operation_row_checksum(
	const struct operation_row *row, uint8_t checksum[OPERATION_ROW_CHECKSUM])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t digest[EVP_MAX_MD_SIZE];
	bool good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
		EVP_DigestUpdate(context, row->numbers, sizeof(row->numbers)) == 1;

	for (int i = 0; good && i < ROW_TEXTS; i++)
		good = EVP_DigestUpdate(context, row->texts[i], strlen(row->texts[i]) + 1) == 1;
	good = good && EVP_DigestFinal_ex(context, digest, NULL) == 1;
	EVP_MD_CTX_free(context);
	if (!good)
		return -ENOMEM;
	memcpy(checksum, digest, OPERATION_ROW_CHECKSUM);
	return 0;
}

int operation_row_restore(const struct operation_row *row, struct operation **ret_operation)
{
	struct operation_request request = {
		.kind = (enum walk_kind)row->numbers[ROW_KIND],
		.window = (uint32_t)row->numbers[ROW_WINDOW],
		.text = strdup(row->texts[ROW_TEXT]),
		.params = row->texts[ROW_PARAMS][0] != '\0' ? strdup(row->texts[ROW_PARAMS]) : NULL,
	};
	struct operation_past past = {
		.sequence = (uint64_t)row->numbers[ROW_SEQUENCE],
		.id = row->texts[ROW_ID],
		.status = (enum operation_status)row->numbers[ROW_STATUS],
		.message = row->texts[ROW_MESSAGE],
		.requested = row->numbers[ROW_REQUESTED],
		.elapsed = (uint64_t)row->numbers[ROW_ELAPSED],
		.flow_count = (uint32_t)row->numbers[ROW_FLOW_COUNT],
		.asymmetric = (uint32_t)row->numbers[ROW_ASYMMETRIC],
		.size = (uint64_t)row->numbers[ROW_SIZE],
		.receipt = row->texts[ROW_RECEIPT],
	};
	int error = -ENOMEM;

	strncpy(request.client_token, row->texts[ROW_CLIENT_TOKEN], OPERATION_TOKEN_SIZE - 1);
	if (request.text != NULL && (request.params != NULL || row->texts[ROW_PARAMS][0] == '\0'))
		error = operation_restore(&request, &past, ret_operation);
	if (error != 0) {
		free(request.text);
		free(request.params);
	}
	return error;
}
