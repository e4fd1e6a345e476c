/* SPDX-License-Identifier: BSD-3-Clause */
/* paramfile: values of the command line that name a file, as "file://PATH". */
#ifndef TIDEGATE_CONTROL_CLIENT_PARAMFILE_H
#define TIDEGATE_CONTROL_CLIENT_PARAMFILE_H

/*
 * The text that a value stands for: of "file://PATH" the file's content, of any other a copy of it.
 * *ret_text is on the heap. Returns 0 or -errno, and then *ret_message says which file cannot be
 * read and why.
 */
int paramfile_load(const char *value, char **ret_text, char **ret_message);

#endif
