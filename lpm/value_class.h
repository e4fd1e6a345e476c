/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * value_class: the classes of the ports, or of the protocol numbers and TCP flags, by table.
 *
 * Protocol and flags are one dimension: the values up to 255 are protocol numbers, those from
 * VALUE_TCP on are TCP with each flags byte.
 */
#ifndef TIDEGATE_LPM_VALUE_CLASS_H
#define TIDEGATE_LPM_VALUE_CLASS_H

#include <stddef.h>
#include <stdint.h>

#include "lpm/layout.h"
#include "lpm/sweep.h"

enum {
	VALUE_TCP = 256,
	VALUE_FLAGS = 256,
	VALUE_PROTOCOLS = VALUE_TCP + VALUE_FLAGS,
	VALUE_PORTS = 65536
};

struct value_class {
	uint16_t *numbers; /* by value: which of the classes. NULL: there is only one */
	uint32_t absent;   /* which class has a tuple without the field */
	uint32_t *classes; /* those there are */
	uint32_t class_count;
	uint32_t value_count;
};

/* A dimension of DIMENSION_SOURCE_PORT to DIMENSION_PROTOCOL. Returns 0 or -ENOMEM. */
int value_class_init(struct value_class *values, struct sweep *sweep, const struct layout *layout,
	enum dimension dimension);
void value_class_fini(struct value_class *values);
size_t value_class_memory(const struct value_class *values);

#endif
