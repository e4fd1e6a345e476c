/* SPDX-License-Identifier: BSD-3-Clause */
/* tidegate: the command line client of tidegated. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/client/arguments.h"
#include "control/client/help.h"
#include "control/client/message.h"
#include "control/client/program.h"
#include "control/client/session.h"

/* Where stdin, stdout or stderr is closed, no file or socket of ours may take its number: what is
 * printed would go there. Nothing can be written to what is opened here. */
static int fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			return -errno;
	return 0;
}

static int run(const struct arguments *arguments)
{
	if (arguments->values[OPTION_HELP] != NULL) {
		help_print(stdout, arguments->command);
		return EXIT_CODE_OK;
	}
	if (arguments->values[OPTION_VERSION] != NULL) {
		puts("tidegate " TIDEGATE_VERSION);
		return EXIT_CODE_OK;
	}
	if (arguments->command->program != NULL)
		return program_run(arguments->command, arguments->words);
	return session_run(arguments);
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	char *message = NULL;
	int error;
	int code;

	if (fill_standard_descriptors() != 0)
		return EXIT_CODE_LOCAL;
	setlocale(LC_CTYPE, "");
	/* A reader that goes away shows as EPIPE: the command ends, and says nothing. */
	signal(SIGPIPE, SIG_IGN);
	error = arguments_parse(argc, argv, &arguments, &message);
	if (error != 0) {
		message_print_free(NULL, message);
		return error == -ENOMEM ? EXIT_CODE_LOCAL : EXIT_CODE_USAGE;
	}
	code = run(&arguments);
	arguments_fini(&arguments);
	/* What session_run() printed is flushed, and its errors are told. */
	if (fclose(stdout) != 0 && errno != EPIPE && code == EXIT_CODE_OK) {
		message_print(NULL, "cannot print the answer: %s", strerror(errno));
		code = EXIT_CODE_LOCAL;
	}
	return code;
}
