/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/store.h"

int store_object(struct config_reader *reader, const struct config_key *key, const json_t *value,
	void *target)
{
	return value ? config_reader_object(reader, key->members, value, target) : 0;
}

int store_ignored(struct config_reader *reader, const struct config_key *key, const json_t *value,
	void *target)
{
	(void)reader;
	(void)key;
	(void)value;
	(void)target;
	return 0;
}

int store_elements(struct config_reader *reader, const json_t *array, store_element_fn *function,
	void *context)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		int ret;

		config_reader_enter_index(reader, i);
		ret = function(reader, json_array_get(array, i), i, context);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	return 0;
}
