/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/page.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/chunk.h"
#include "control/flow_json.h"

enum { PIECE = 256 }; /* flows written at one go: some hundred µs */

struct page {
	struct store *store;
	struct operation *operation;
	uint32_t first;
	uint32_t next;
	uint32_t end;
	struct chunk_reader *chunk; /* that the next flow is in, at its place; NULL: to be read */
};

/* The next flow, and the members that name its rule, or NULL. */
static int next_flow(struct page *page, struct flow_record *ret_flow, const char **ret_rule)
{
	int result = chunk_reader_next(page->chunk, ret_flow, ret_rule);

	if (result != 1)
		return result < 0 ? result : -EBADMSG;
	return 0;
}

/* Read the chunk of the next flow, up to that. */
static int read_chunk(struct page *page)
{
	struct flow_record flow;
	const char *rule;
	int error =
		store_read(page->store, page->operation, page->next / CHUNK_RECORDS, &page->chunk);

	for (uint32_t i = 0; error == 0 && i < page->next % CHUNK_RECORDS; i++)
		error = next_flow(page, &flow, &rule);
	return error;
}

int page_create(struct store *store, struct operation *operation, uint32_t first, uint32_t count,
	struct page **ret_page)
{
	struct page *page = calloc(1, sizeof(*page));
	int error = 0;

	if (page == NULL)
		return -ENOMEM;
	page->store = store;
	page->operation = operation_ref(operation);
	page->first = first;
	page->next = first;
	page->end = first + count;
	if (count > 0)
		error = read_chunk(page);
	if (error != 0) {
		page_destroy(page);
		return error;
	}
	*ret_page = page;
	return 0;
}

void page_destroy(struct page *page)
{
	if (page == NULL)
		return;
	chunk_reader_destroy(page->chunk);
	operation_unref(page->operation);
	free(page);
}

/* Append one flow. rule: see flow_json_write(). */
static int write_flow(
	const struct flow_record *flow, const char *rule, bool window, struct evbuffer *output)
{
	size_t size = FLOW_JSON_SIZE + (rule != NULL ? strlen(rule) : 0);
	struct evbuffer_iovec space;
	int length;

	if (evbuffer_reserve_space(output, (ev_ssize_t)size, &space, 1) != 1)
		return -ENOMEM;
	length = flow_json_write(flow, rule, window, space.iov_base, size);
	if (length < 0)
		return -EINVAL;
	space.iov_len = (size_t)length;
	return evbuffer_commit_space(output, &space, 1) == 0 ? 0 : -ENOMEM;
}

static int write_next(struct page *page, struct evbuffer *output)
{
	struct flow_record flow;
	const char *rule;
	int error = 0;

	if (page->chunk == NULL)
		error = read_chunk(page);
	if (error == 0)
		error = next_flow(page, &flow, &rule);
	if (error == 0 && page->next > page->first && evbuffer_add(output, ",", 1) != 0)
		error = -ENOMEM;
	if (error == 0)
		error = write_flow(&flow, rule, page->operation->request.window != 0, output);
	return error;
}

int page_write(struct page *page, struct evbuffer *output)
{
	for (int i = 0; i < PIECE && page->next < page->end; i++) {
		int error = write_next(page, output);

		if (error != 0)
			return error;
		if (++page->next % CHUNK_RECORDS == 0) {
			chunk_reader_destroy(page->chunk);
			page->chunk = NULL;
		}
	}
	return page->next < page->end ? 1 : 0;
}
