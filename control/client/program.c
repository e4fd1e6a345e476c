/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/program.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/client/message.h"

/* The path of the program in the directory of this one. Returns whether there is a directory. */
static bool beside(const char *program, char path[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (length < 0)
		return false;
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL || (size_t)(slash + 1 - path) + strlen(program) >= PATH_MAX)
		return false;
	strcpy(slash + 1, program);
	return true;
}

int program_run(const struct command *command, char **words)
{
	const char *program = command->program;
	char path[PATH_MAX];
	size_t count = 0;
	char **argv;

	while (words[count] != NULL)
		count++;
	argv = calloc(count + 2, sizeof(*argv));
	if (argv == NULL) {
		message_print_free(command->name, NULL);
		return EXIT_CODE_LOCAL;
	}
	argv[0] = (char *)program;
	memcpy(&argv[1], words, count * sizeof(*argv));
	signal(SIGPIPE, SIG_DFL); /* it would be inherited */
	if (beside(program, path))
		execv(path, argv);
	execvp(program, argv);
	message_print(command->name, "cannot run %s: %s", program, strerror(errno));
	free(argv);
	return EXIT_CODE_LOCAL;
}
