/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_operations.h"

#include "control/config.h"

const struct config_key config_operations_members[] = {
	{.name = "directory",
		.type = CONFIG_STRING,
		.low = 2,
		.high = 3072,
		.pattern = "^/[^[:cntrl:]]*[^/[:cntrl:]]$",
		.words = "the absolute path of a directory",
		.fallback = "\"/var/lib/tidegate\"",
		.help = "Absolute path of the directory that they are kept in, of this daemon "
			"alone. It is made if the one above is there.",
		.store = config_reader_store_string,
		.offset = offsetof(struct config, operations_directory)},
	{.name = "retention_seconds",
		.type = CONFIG_INTEGER,
		.low = 1,
		.high = 31536000,
		.fallback = "43200",
		.help = "How long after its end an operation is kept.",
		.store = config_reader_store_number,
		.offset = offsetof(struct config, operations_retention)},
	{.name = "size_limit_megabytes",
		.type = CONFIG_INTEGER,
		.low = 1,
		.high = 1048576,
		.fallback = "4096",
		.help = "How much disk the results may take; the oldest go first, the newest stays "
			"whatever it takes.",
		.store = config_reader_store_number,
		.offset = offsetof(struct config, operations_size)},
	{.name = NULL},
};
