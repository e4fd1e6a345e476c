/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * address_key: IPv4 addresses as signed numbers of the same order, which is how processors compare
 * several at once.
 */
#ifndef TIDEGATE_LPM_ADDRESS_KEY_H
#define TIDEGATE_LPM_ADDRESS_KEY_H

#include <stdint.h>

#include <rte_common.h>

/* Of an address in host order: less 2^31. */
static __rte_always_inline int32_t address_key(uint32_t address)
{
	return (int32_t)(address ^ UINT32_C(1) << 31);
}

#endif
