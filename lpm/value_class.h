/* SPDX-License-Identifier: BSD-3-Clause */
/* value_class: the class of a port, a protocol number or a TCP flags byte, by table. */
#ifndef TIDEGATE_LPM_VALUE_CLASS_H
#define TIDEGATE_LPM_VALUE_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lpm/layout.h"
#include "lpm/sweep.h"

struct value_class {
	uint32_t *classes; /* by value; at [absent] the class of a tuple without the field */
	uint32_t absent;   /* number of values */
};

/* A dimension of DIMENSION_SOURCE_PORT to DIMENSION_FLAGS. Returns 0 or -ENOMEM. */
int value_class_init(struct value_class *values, struct sweep *sweep, const struct layout *layout,
	enum dimension dimension);
void value_class_fini(struct value_class *values);
size_t value_class_memory(const struct value_class *values);

static inline uint32_t value_class_find(
	const struct value_class *values, bool present, uint32_t value)
{
	return values->classes[present ? value : values->absent];
}

#endif
