/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * key_file: the file of access keys.
 *
 * Its secrets come into no message: of what is wrong the line is told, and which key of JSON it is.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_KEY_FILE_H
#define TIDEGATE_CONTROL_HTTPD_KEY_FILE_H

#include <stddef.h>

#include "control/httpd/keys.h"

enum { KEY_FILE_KEYS_MAX = 1000, KEY_FILE_MESSAGE_SIZE = 512 };

struct key_list {
	size_t count;
	struct key keys[KEY_FILE_KEYS_MAX];
};

/*
 * Whether a file of secrets is to be trusted: mode 0600 or less, of this user or root. Returns 0 or
 * -errno with a message of one line.
 */
int key_file_check(const char *path, char message[KEY_FILE_MESSAGE_SIZE]);

/* Returns 0, or -errno with a message of one line. The limits are not set. */
int key_file_read(
	const char *path, struct key_list **ret_list, char message[KEY_FILE_MESSAGE_SIZE]);

/* Free the list, and wipe its secrets. */
void key_file_destroy(struct key_list *list);

#endif
