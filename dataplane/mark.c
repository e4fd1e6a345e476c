/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/mark.h"

#include <errno.h>
#include <stdalign.h>

#include <rte_errno.h>

int mark_register(struct mark *mark)
{
	const struct rte_mbuf_dynfield field = {
		.name = "tidegate_first_fragment",
		.size = sizeof(struct first_fragment),
		.align = alignof(struct first_fragment),
	};
	const struct rte_mbuf_dynflag flag = {.name = "tidegate_fragment_marked"};
	int offset = rte_mbuf_dynfield_register(&field);
	int bit = rte_mbuf_dynflag_register(&flag);

	if (offset < 0 || bit < 0)
		return -rte_errno;
	mark->offset = offset;
	mark->flag = UINT64_C(1) << bit;
	return 0;
}
