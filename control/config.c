/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/config_document.h"
#include "control/config_policy.h"
#include "control/config_reader.h"
#include "control/config_rules.h"
#include "control/config_schema.h"
#include "control/text_file.h"

/* Read the text into the configuration, with the document of its rules. */
static int read_text(struct config_reader *reader, struct config *config)
{
	json_t *root;
	int ret = text_file_json(reader, &root);

	if (ret < 0)
		return ret;
	ret = config_policy_check(reader, root);
	if (ret == 0)
		ret = config_reader_object(reader, config_schema_keys, root, config);
	if (ret == 0)
		ret = config_document_make(reader, config);
	json_decref(root);
	return ret;
}

int config_load(const char *path, const cpu_set_t *cpus, struct config **ret_config, char *message,
	size_t size)
{
	struct config_reader reader = {
		.file = path, .cpus = cpus, .message = message, .size = size};
	struct config *config = NULL;
	char *text;
	int ret;

	message[0] = '\0';
	ret = text_file_read(&reader, &text);
	if (ret < 0)
		goto describe;
	config = calloc(1, sizeof(*config));
	ret = config ? read_text(&reader, config) : -ENOMEM;
	free(text);
	if (ret == 0) {
		*ret_config = config;
		return 0;
	}
	config_destroy(config);
describe:
	if (message[0] == '\0')
		snprintf(message, size, "%s: %s", path, strerrordesc_np(-ret));
	/* One line, whatever the file holds. */
	for (char *at = message; *at != '\0'; at++) {
		if (iscntrl((unsigned char)*at))
			*at = '?';
	}
	return ret;
}

void config_destroy(struct config *config)
{
	if (!config)
		return;
	config_rules_destroy(config);
	config_policy_fini(&config->policy);
	policy_document_destroy(config->document);
	free(config->firewall_arn);
	free(config->availability_zone);
	free(config->vpc_endpoint_id);
	free(config->vpc_endpoint_association_arn);
	free(config->socket_path);
	free(config->socket_group);
	free(config->event_log_path);
	free(config->operations_directory);
	free(config);
}
