/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control/client/message.h"
#include "control/client/screen.h"

/* Wait for the next time. Returns whether somebody reads still. A signal ends the wait: that is
 * the one that continues after a stop, and then the screen is to be drawn anew. */
static bool wait_next(const struct session *session)
{
	struct pollfd reader = {.fd = STDOUT_FILENO};

	return poll(&reader, 1, (int)session->arguments->interval * 1000) <= 0;
}

/* Whether what has come is worth another look. */
static bool goes_on(int code)
{
	return code == EXIT_CODE_OK || code == EXIT_CODE_INCOMPLETE;
}

/* One answer, as text on the heap. */
static int answer_text(
	struct session *session, int (*once)(struct session *session), char **ret_text)
{
	FILE *stream = session->output.stream;
	size_t size;
	int code;

	*ret_text = NULL;
	session->output.stream = open_memstream(ret_text, &size);
	if (session->output.stream == NULL) {
		session->output.stream = stream;
		return session_written(session, -ENOMEM);
	}
	code = once(session);
	if (fclose(session->output.stream) != 0 && goes_on(code))
		code = session_written(session, -ENOMEM);
	session->output.stream = stream;
	return code;
}

/* "2026-01-31T14:02:03Z, every 2 s", of a list also ", 12 flows", above the table. */
static void make_title(const struct session *session, char *title, size_t size)
{
	time_t now = time(NULL);
	struct tm utc;
	char clock[32] = "";
	int used;

	if (gmtime_r(&now, &utc) != NULL)
		strftime(clock, sizeof(clock), "%FT%TZ", &utc);
	used = snprintf(title, size, "%s, every %u s", clock, session->arguments->interval);
	if (session->arguments->command->view == &view_flows)
		snprintf(title + used, size - (size_t)used, ", %zu flows", session->output.rows);
}

static int watch_screen(struct session *session, int (*once)(struct session *session))
{
	struct screen screen;
	char *text = NULL, title[80];
	int code = EXIT_CODE_LOCAL;
	int error = screen_enter(&screen);

	if (error != 0)
		return session_written(session, error);
	do {
		free(text);
		code = answer_text(session, once, &text);
		if (!goes_on(code))
			break;
		make_title(session, title, sizeof(title));
		error = screen_draw(&screen, title, text);
		if (error != 0) {
			code = session_written(session, error);
			break;
		}
	} while (wait_next(session));
	free(text);
	screen_leave(&screen);
	return code;
}

int watch_run(struct session *session, int (*once)(struct session *session))
{
	int code;

	if (session->output.format == &output_table && isatty(STDOUT_FILENO))
		return watch_screen(session, once);
	for (;;) {
		code = once(session);
		if (!goes_on(code) || ferror(stdout) || !wait_next(session))
			return code;
		if (session->output.format == &output_table)
			putchar('\n');
	}
}
