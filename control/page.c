/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/page.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "control/flow_json.h"

enum { PIECE = 256 }; /* flows written at one go: some hundred µs */

struct page {
	struct operation *operation;
	uint32_t first;
	uint32_t next;
	uint32_t end;
};

int page_create(struct operation *operation, uint32_t first, uint32_t count, struct page **ret_page)
{
	struct page *page = malloc(sizeof(*page));

	if (page == NULL)
		return -ENOMEM;
	page->operation = operation_ref(operation);
	page->first = first;
	page->next = first;
	page->end = first + count;
	*ret_page = page;
	return 0;
}

void page_destroy(struct page *page)
{
	if (page == NULL)
		return;
	operation_unref(page->operation);
	free(page);
}

/* Append one flow. rule: see flow_json_write(). */
static int write_flow(const struct flow_record *flow, const char *rule, struct evbuffer *output)
{
	size_t size = FLOW_JSON_SIZE + (rule != NULL ? strlen(rule) : 0);
	struct evbuffer_iovec space;
	int length;

	if (evbuffer_reserve_space(output, (ev_ssize_t)size, &space, 1) != 1)
		return -ENOMEM;
	length = flow_json_write(flow, rule, space.iov_base, size);
	if (length < 0)
		return -EINVAL;
	space.iov_len = (size_t)length;
	return evbuffer_commit_space(output, &space, 1) == 0 ? 0 : -ENOMEM;
}

static int write_named_flow(
	struct page *page, const struct flow_record *flow, struct evbuffer *output)
{
	const struct rule_name *name = operation_rule(page->operation, flow);
	char *rule;
	int error;

	if (name == NULL)
		return write_flow(flow, NULL, output);
	rule = rule_names_json(name, flow->rule_kind);
	error = rule != NULL ? write_flow(flow, rule, output) : -ENOMEM;
	free(rule);
	return error;
}

int page_write(struct page *page, struct evbuffer *output)
{
	for (int i = 0; i < PIECE && page->next < page->end; i++, page->next++) {
		const struct flow_record *flow = merge_flow(page->operation->flows, page->next);
		int error;

		if (page->next > page->first && evbuffer_add(output, ",", 1) != 0)
			return -ENOMEM;
		error = write_named_flow(page, flow, output);
		if (error != 0)
			return error;
	}
	return page->next < page->end ? 1 : 0;
}
