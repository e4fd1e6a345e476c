/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/store.h"
#include "control/text_file.h"

int resource_store_body(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct resource *resource = target;

	(void)key;
	resource->body = value;
	resource->reader = *reader;
	return 0;
}

/* A CloudFormation resource. */
struct formation {
	const char *type;
	const json_t *properties;
};

static int store_type(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct formation *formation = target;

	(void)key;
	formation->type = json_string_value(value);
	return config_reader_string(reader, value);
}

static int store_properties(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct formation *formation = target;

	(void)reader;
	(void)key;
	formation->properties = value;
	return 0;
}

static const struct config_key formation_members[] = {
	{.name = "Type", .type = CONFIG_MIXED, .required = true, .store = store_type},
	{.name = "Properties", .type = CONFIG_MIXED, .required = true, .store = store_properties},
	STORE_IGNORED("Condition"),
	STORE_IGNORED("CreationPolicy"),
	STORE_IGNORED("DeletionPolicy"),
	STORE_IGNORED("DependsOn"),
	STORE_IGNORED("Metadata"),
	STORE_IGNORED("UpdatePolicy"),
	STORE_IGNORED("UpdateReplacePolicy"),
	{.name = NULL},
};

static int read_wrapping(struct config_reader *reader, const struct resource_kind *kind,
	const json_t *wrapping, struct resource *resource)
{
	resource->wrapping = wrapping;
	resource->response = json_object_get(wrapping, kind->response);
	return config_reader_object(reader, kind->members, wrapping, resource);
}

static int unwrap(struct config_reader *reader, const struct resource_kind *kind,
	const json_t *root, struct resource *resource)
{
	struct formation formation = {0};
	int ret;

	if (json_object_get(root, kind->body) || json_object_get(root, kind->response))
		return read_wrapping(reader, kind, root, resource);
	if (!json_object_get(root, "Properties")) {
		resource->body = root;
		return 0;
	}
	ret = config_reader_object(reader, formation_members, root, &formation);
	if (ret < 0)
		return ret;
	if (strcmp(formation.type, kind->type) != 0) {
		config_reader_enter_key(reader, "Type");
		return config_reader_fail(
			reader, "must be %s, not \"%.64s\"", kind->type, formation.type);
	}
	config_reader_enter_key(reader, "Properties");
	return read_wrapping(reader, kind, formation.properties, resource);
}

int resource_open(struct resource *resource, const struct resource_kind *kind, const char *path,
	char *message, size_t size)
{
	struct config_reader reader;
	int ret;

	resource->reader = (struct config_reader){.file = path, .message = message, .size = size};
	ret = text_file_read(&resource->reader, &resource->text);
	if (ret == 0)
		ret = text_file_json(&resource->reader, &resource->root);
	if (ret < 0)
		return ret;
	/* The one that walks; the resource's own gets a copy of it at the body. */
	reader = resource->reader;
	return unwrap(&reader, kind, resource->root, resource);
}

void resource_file_name(const char *path, char name[RESOURCE_FILE_NAME_SIZE])
{
	const char *slash = strrchr(path, '/');
	const char *file = slash ? slash + 1 : path;
	size_t length = strlen(file);

	if (length > 5 && strcmp(file + length - 5, ".json") == 0)
		length -= 5;
	snprintf(name, RESOURCE_FILE_NAME_SIZE, "%.*s", (int)length, file);
}

const json_t *resource_member(const struct resource *resource, const char *name)
{
	const json_t *value = json_object_get(resource->response, name);

	return value ? value : json_object_get(resource->wrapping, name);
}

void resource_close(struct resource *resource)
{
	json_decref(resource->root);
	free(resource->text);
}
