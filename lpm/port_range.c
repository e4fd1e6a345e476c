/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/lpm.h"

#include <errno.h>
#include <string.h>

/* Digits up to the end or a colon. *text moves behind them; a port past 65535 becomes 65536. */
static int parse_port(const char **text, uint32_t *ret_port)
{
	size_t digits = strspn(*text, "0123456789");
	uint32_t port = 0;

	if (digits == 0)
		return -EINVAL;
	for (size_t i = 0; i < digits && port <= UINT16_MAX; i++)
		port = port * 10 + (uint32_t)((*text)[i] - '0');
	*text += digits;
	*ret_port = port;
	return 0;
}

int port_range_parse(const char *text, uint16_t *ret_low, uint16_t *ret_high)
{
	uint32_t low, high;

	if (parse_port(&text, &low) != 0)
		return -EINVAL;
	high = low;
	if (*text == ':') {
		text++;
		if (parse_port(&text, &high) != 0)
			return -EINVAL;
	}
	if (*text != '\0')
		return -EINVAL;
	if (low > high || high > UINT16_MAX)
		return -ERANGE;
	*ret_low = (uint16_t)low;
	*ret_high = (uint16_t)high;
	return 0;
}
