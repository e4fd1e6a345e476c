/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/httpd/key_file.h"
#include "control/log.h"
#include "control/text_file.h"

static int read_text(const char *path, char **ret_text)
{
	char message[KEY_FILE_MESSAGE_SIZE];
	struct config_reader reader = {.file = path, .message = message, .size = sizeof(message)};
	int error = text_file_read(&reader, ret_text);

	if (error != 0)
		log_write(LOG_ERR, "%s", message);
	return error;
}

int tls_init(struct tls *tls, const struct settings *settings)
{
	char message[KEY_FILE_MESSAGE_SIZE];
	int error;

	*tls = (struct tls){NULL, NULL};
	if (settings->tls_certificate == NULL)
		return 0;
	error = key_file_check(settings->tls_key, message);
	if (error != 0) {
		log_write(LOG_ERR, "%s", message);
		return error;
	}
	error = read_text(settings->tls_certificate, &tls->certificate);
	if (error == 0)
		error = read_text(settings->tls_key, &tls->key);
	if (error != 0)
		tls_fini(tls);
	return error;
}

void tls_fini(struct tls *tls)
{
	if (tls->key != NULL)
		explicit_bzero(tls->key, strlen(tls->key));
	free(tls->key);
	free(tls->certificate);
	*tls = (struct tls){NULL, NULL};
}
