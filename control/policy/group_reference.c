/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/group_reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/store.h"

/* One reference while it is read. */
struct reading {
	struct group_references *references;
	struct group_reference item;
};

/* The text of a ResourceArn: itself, or what {"Ref": name} and {"Fn::GetAtt": [name,
 * "RuleGroupArn"]} name. NULL when it is neither. */
static const char *reference_text(const json_t *value)
{
	const json_t *attribute = json_object_get(value, "Fn::GetAtt");

	if (json_is_string(value))
		return json_string_value(value);
	if (json_object_size(value) != 1)
		return NULL;
	if (!attribute)
		return json_string_value(json_object_get(value, "Ref"));
	if (json_array_size(attribute) != 2 || !json_is_string(json_array_get(attribute, 1)) ||
		strcmp(json_string_value(json_array_get(attribute, 1)), "RuleGroupArn") != 0)
		return NULL;
	return json_string_value(json_array_get(attribute, 0));
}

static int find(struct config_reader *reader, const struct group_references *references,
	const char *text, struct rule_group **ret_group)
{
	struct rule_group *found = NULL;

	for (uint32_t i = 0; i < references->group_count; i++) {
		struct rule_group *group = &references->groups[i];

		if (group->stateful != references->stateful || !rule_group_answers(group, text))
			continue;
		/* The whole ARN is better than the name at its end. */
		if (strcmp(group->arn, text) == 0) {
			*ret_group = group;
			return 0;
		}
		if (found)
			return config_reader_fail(reader, "%.256s may mean %s and %s", text,
				found->resource.reader.file, group->resource.reader.file);
		found = group;
	}
	if (!found)
		return config_reader_fail(reader, "no file of a %s rule group is given for %.256s",
			references->stateful ? "stateful" : "stateless", text);
	*ret_group = found;
	return 0;
}

static int store_arn(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;
	const char *text = reference_text(value);
	int ret;

	(void)key;
	if (!text || *text == '\0')
		return config_reader_fail(reader,
			"must be an ARN, {\"Ref\": name} or {\"Fn::GetAtt\": [name, "
			"\"RuleGroupArn\"]}");
	if (json_is_string(value) && strncmp(text, "arn:aws", 7) != 0)
		return config_reader_fail(reader, "must begin with arn:aws, not \"%.64s\"", text);
	ret = find(reader, reading->references, text, &reading->item.group);
	if (ret == 0 && reading->item.group->referenced)
		ret = config_reader_fail(
			reader, "a second reference to the rule group %.256s", text);
	if (ret == 0)
		reading->item.group->referenced = true;
	reading->item.arn = json_string_value(value);
	return ret;
}

/* Called without the member too. */
static int store_priority(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;
	struct group_references *references = reading->references;
	uint32_t priority = (uint32_t)json_integer_value(value);

	(void)key;
	/* Without a strict order that of the file counts. */
	if (references->stateful && !references->builder->strict_order)
		return 0;
	if (!value)
		return config_reader_fail(reader, "is required");
	for (uint32_t i = 0; i < references->count; i++) {
		if (references->items[i].priority == priority)
			return config_reader_fail(
				reader, "%u is the priority of an earlier reference too", priority);
	}
	reading->item.priority = priority;
	return 0;
}

static int leave_out(struct config_reader *reader, struct reading *reading, const char *reason)
{
	return builder_leave_out(reading->references->builder, reader, 0, reason);
}

/* Only managed rule groups have it, and of these nobody has a file. */
static int store_override(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	(void)key;
	return value ? leave_out(reader, target, "Override is not supported") : 0;
}

static int store_inspection(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	(void)key;
	if (!value || json_is_false(value))
		return 0;
	if (!json_is_true(value))
		return config_reader_fail(
			reader, "must be true or false, not %s", config_reader_type(value));
	return leave_out(reader, target, "DeepThreatInspection is not supported");
}

#define MEMBER_ARN                                                                                 \
	{                                                                                          \
		.name = "ResourceArn", .type = CONFIG_MIXED, .required = true, .store = store_arn  \
	}
#define MEMBER_PRIORITY                                                                            \
	{                                                                                          \
		.name = "Priority", .type = CONFIG_INTEGER, .low = 1, .high = UINT16_MAX,          \
		.store = store_priority                                                            \
	}

static const struct config_key stateless_members[] = {
	MEMBER_ARN,
	MEMBER_PRIORITY,
	{.name = NULL},
};

static const struct config_key stateful_members[] = {
	MEMBER_ARN,
	MEMBER_PRIORITY,
	{.name = "Override", .type = CONFIG_MIXED, .store = store_override},
	{.name = "DeepThreatInspection", .type = CONFIG_MIXED, .store = store_inspection},
	{.name = NULL},
};

static int read_reference(
	struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	struct group_references *references = context;
	struct reading reading = {.references = references, .item.index = (uint32_t)index};
	int ret = config_reader_object(reader,
		references->stateful ? stateful_members : stateless_members, value, &reading);

	if (ret == 0)
		references->items[references->count++] = reading.item;
	return ret;
}

static int compare(const void *left, const void *right)
{
	const struct group_reference *a = left, *b = right;

	return (a->priority > b->priority) - (a->priority < b->priority);
}

int group_reference_read(
	struct config_reader *reader, const json_t *value, struct group_references *references)
{
	int ret;

	references->items = calloc(json_array_size(value) + 1, sizeof(*references->items));
	if (!references->items)
		return -ENOMEM;
	ret = store_elements(reader, value, read_reference, references);
	/* Without priorities they are in their order already. */
	if (ret == 0 && (!references->stateful || references->builder->strict_order))
		qsort(references->items, references->count, sizeof(*references->items), compare);
	return ret;
}
