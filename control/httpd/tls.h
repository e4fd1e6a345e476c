/* SPDX-License-Identifier: BSD-3-Clause */
/* tls: the certificate and its private key. */
#ifndef TIDEGATE_CONTROL_HTTPD_TLS_H
#define TIDEGATE_CONTROL_HTTPD_TLS_H

#include "control/httpd/settings.h"

/* Texts as PEM on the heap; NULL without TLS. */
struct tls {
	char *certificate;
	char *key;
};

/*
 * Read what the settings name, which may be nothing. The key's file is to have mode 0600 or less.
 * Returns 0, or -errno with the cause logged.
 */
int tls_init(struct tls *tls, const struct settings *settings);
void tls_fini(struct tls *tls);

#endif
