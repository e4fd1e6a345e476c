/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * filter: flow filters of the command line, as the FlowFilters of the flow API.
 *
 * A filter is a JSON object or an array of objects, which goes to the server as it is; or
 * shorthand, whose keys are the members of FlowFilter or the short keys src, dst, sport, dport and
 * proto; or file://PATH with one of these in the file.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_FILTER_H
#define TIDEGATE_CONTROL_CLIENT_FILTER_H

#include <jansson.h>

/*
 * Append what text holds to the array filters. Returns 0; or -errno with a message for the user
 * (NULL when memory is out): -EINVAL when the text is no filter, else a file cannot be read.
 */
int filter_parse(const char *text, json_t *filters, char **ret_message);

#endif
