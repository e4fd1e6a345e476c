/* SPDX-License-Identifier: BSD-3-Clause */
/* text_file: a whole file in memory, and the JSON text that it holds. */
#ifndef TIDEGATE_CONTROL_TEXT_FILE_H
#define TIDEGATE_CONTROL_TEXT_FILE_H

#include <jansson.h>

#include "control/config_reader.h"

/*
 * Read reader->file into a malloc'ed text of reader->length bytes and a final NUL, which
 * reader->text then is. A NUL byte in the file is an error. Returns 0, or -errno with the message
 * written.
 */
int text_file_read(struct config_reader *reader, char **ret_text);

/* Parse the text of the reader as one JSON text. Returns 0, or -errno with the message written. */
int text_file_json(struct config_reader *reader, json_t **ret_root);

#endif
