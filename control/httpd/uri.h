/* SPDX-License-Identifier: BSD-3-Clause */
/* uri: path and query of a request in the canonical form of Signature Version 4. */
#ifndef TIDEGATE_CONTROL_HTTPD_URI_H
#define TIDEGATE_CONTROL_HTTPD_URI_H

#include <stddef.h>
#include <stdio.h>

/*
 * Write the path without "." and ".." segments and repeated slashes, every byte percent-encoded but
 * those of RFC 3986 section 2.3 and the slash. What was encoded before is encoded once more, as all
 * services but S3 have it. Returns 0 or -ENOMEM.
 */
int uri_write_path(FILE *out, const char *path, size_t length);

/*
 * Write the parameters decoded, encoded anew and sorted by name and value. query is what is behind
 * the question mark, without a fragment. Returns 0, -EINVAL for a percent sign without two digits
 * or too many parameters, or -ENOMEM.
 */
int uri_write_query(FILE *out, const char *query);

#endif
