/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/builder.h"

#include <errno.h>
#include <stdlib.h>

int builder_init(struct builder *builder, struct arena *arena, bool skip_unsupported)
{
	*builder = (struct builder){.arena = arena, .skip_unsupported = skip_unsupported};
	return scope_init(&builder->scope, arena, NULL);
}

void builder_fini(struct builder *builder)
{
	scope_fini(&builder->scope);
	free(builder->stateless);
	free(builder->stateful);
	free(builder->metrics);
	free(builder->left_out);
}

int builder_add_stateless(
	struct builder *builder, struct config_reader *reader, const struct stateless_entry *entry)
{
	struct stateless_entry *entries;

	if (builder->stateless_count == POLICY_STATELESS_MAX)
		return config_reader_fail(
			reader, "more than %d stateless rules", POLICY_STATELESS_MAX);
	entries = arena_grow(builder->stateless, builder->stateless_count, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	builder->stateless = entries;
	entries[builder->stateless_count++] = *entry;
	return 0;
}

int builder_add_stateful(
	struct builder *builder, struct config_reader *reader, const struct stateful_entry *entry)
{
	struct stateful_entry *entries;

	if (builder->stateful_count == POLICY_STATEFUL_MAX)
		return config_reader_fail(
			reader, "more than %d stateful rules", POLICY_STATEFUL_MAX);
	entries = arena_grow(builder->stateful, builder->stateful_count, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	builder->stateful = entries;
	entries[builder->stateful_count] = *entry;
	entries[builder->stateful_count].sequence = builder->stateful_count;
	builder->stateful_count++;
	return 0;
}

int builder_add_metric(
	struct builder *builder, struct config_reader *reader, const struct policy_metric *metric)
{
	struct policy_metric *metrics;

	if (builder->metric_count == METRIC_NONE)
		return config_reader_fail(reader, "more than %d custom actions", METRIC_NONE);
	metrics = arena_grow(builder->metrics, builder->metric_count, sizeof(*metrics));
	if (!metrics)
		return -ENOMEM;
	builder->metrics = metrics;
	metrics[builder->metric_count++] = *metric;
	return 0;
}

int builder_leave_out(
	struct builder *builder, struct config_reader *reader, uint32_t sid, const char *reason)
{
	struct policy_left_out *left_out;

	if (!builder->skip_unsupported)
		return config_reader_fail(reader, "%s", reason);
	left_out = arena_grow(builder->left_out, builder->left_out_count, sizeof(*left_out));
	if (!left_out)
		return -ENOMEM;
	builder->left_out = left_out;
	left_out[builder->left_out_count++] = (struct policy_left_out){builder->group, sid, reason};
	builder->stateful_left_out += sid != 0;
	return 0;
}

/* Suricata's order: by action, as the enum has them, then by priority, then as they were read. */
static int compare(const void *left, const void *right)
{
	const struct stateful_entry *a = left, *b = right;

	if (a->rule.action != b->rule.action)
		return a->rule.action < b->rule.action ? -1 : 1;
	if (a->description.priority != b->description.priority)
		return a->description.priority < b->description.priority ? -1 : 1;
	return a->sequence < b->sequence ? -1 : 1;
}

/* Rules apart from their descriptions. */
static int finish_stateless(struct builder *builder, struct policy_document *document)
{
	uint32_t count = builder->stateless_count;
	struct stateless_rule *rules = arena_alloc(builder->arena, count * sizeof(*rules));
	struct policy_rule *descriptions =
		arena_alloc(builder->arena, count * sizeof(*descriptions));

	if (!rules || !descriptions)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		rules[i] = builder->stateless[i].rule;
		descriptions[i] = builder->stateless[i].description;
	}
	document->rules.stateless = rules;
	document->rules.stateless_count = count;
	document->stateless = descriptions;
	return 0;
}

static int finish_stateful(struct builder *builder, struct policy_document *document)
{
	uint32_t count = builder->stateful_count;
	struct stateful_rule *rules = arena_alloc(builder->arena, count * sizeof(*rules));
	struct policy_rule *descriptions =
		arena_alloc(builder->arena, count * sizeof(*descriptions));

	if (!rules || !descriptions)
		return -ENOMEM;
	if (!builder->strict_order && count > 0)
		qsort(builder->stateful, count, sizeof(*builder->stateful), compare);
	for (uint32_t i = 0; i < count; i++) {
		rules[i] = builder->stateful[i].rule;
		descriptions[i] = builder->stateful[i].description;
	}
	document->rules.stateful = rules;
	document->rules.stateful_count = count;
	document->stateful = descriptions;
	return 0;
}

int builder_finish(struct builder *builder, struct policy_document *document)
{
	int ret = finish_stateless(builder, document);

	if (ret == 0)
		ret = finish_stateful(builder, document);
	if (ret < 0)
		return ret;
	document->metrics = arena_copy(builder->arena, builder->metrics,
		builder->metric_count * sizeof(*builder->metrics));
	document->left_out = arena_copy(builder->arena, builder->left_out,
		builder->left_out_count * sizeof(*builder->left_out));
	if (!document->metrics || !document->left_out)
		return -ENOMEM;
	document->rules.metric_count = (uint16_t)builder->metric_count;
	document->left_out_count = builder->left_out_count;
	return 0;
}
