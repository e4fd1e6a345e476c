/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/screen.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

/* Control sequences of xterm and its likes (ECMA-48, and DEC private modes 25 and 1049). */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[0m\033[?25h\033[?1049l"
#define HOME "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"

enum {
	COLUMNS_DEFAULT = 80,
	ROWS_DEFAULT = 24,
	KEPT_SIZE = 1024, /* of stderr, what is shown */
};

static const int endings[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/* Without stdio, for signal handlers. A terminal that takes nothing is past help. */
static void write_sequence(const char *sequence)
{
	ssize_t written = write(STDOUT_FILENO, sequence, strlen(sequence));

	(void)written;
}

/* The signal is handled once (SA_RESETHAND): this time it ends the process. */
static void on_end(int number)
{
	write_sequence(LEAVE);
	raise(number);
}

static int handle(int number, void (*handler)(int))
{
	struct sigaction action = {
		.sa_handler = handler, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_RESTART)};

	return sigaction(number, &action, NULL) == 0 ? 0 : -errno;
}

/* raise() returns when the process goes on; the next draw fills the screen. */
static void on_stop(int number)
{
	int error = errno;

	write_sequence(LEAVE);
	raise(number);
	handle(number, on_stop);
	write_sequence(ENTER);
	errno = error;
}

static int handle_all(void)
{
	int error = handle(SIGTSTP, on_stop);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && error == 0; i++)
		error = handle(endings[i], on_end);
	return error;
}

static void unhandle_all(void)
{
	signal(SIGTSTP, SIG_DFL);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		signal(endings[i], SIG_DFL);
}

int screen_enter(struct screen *screen)
{
	int error;

	screen->kept_fd = memfd_create("stderr", MFD_CLOEXEC);
	if (screen->kept_fd < 0)
		return -errno;
	screen->error_fd = dup(STDERR_FILENO);
	if (screen->error_fd < 0 || dup2(screen->kept_fd, STDERR_FILENO) < 0) {
		error = -errno;
		goto close_fds;
	}
	error = handle_all();
	if (error != 0)
		goto restore;
	write_sequence(ENTER);
	return 0;
restore:
	unhandle_all();
	dup2(screen->error_fd, STDERR_FILENO);
close_fds:
	if (screen->error_fd >= 0)
		close(screen->error_fd);
	close(screen->kept_fd);
	return error;
}

/* What stderr got since the last call. */
static void take_kept(struct screen *screen, char text[KEPT_SIZE])
{
	ssize_t length = pread(screen->kept_fd, text, KEPT_SIZE - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	if (length > 0 && ftruncate(screen->kept_fd, 0) == 0)
		lseek(screen->kept_fd, 0, SEEK_SET);
}

void screen_leave(struct screen *screen)
{
	char kept[KEPT_SIZE];

	take_kept(screen, kept);
	write_sequence(LEAVE);
	unhandle_all();
	dup2(screen->error_fd, STDERR_FILENO);
	close(screen->error_fd);
	close(screen->kept_fd);
	fputs(kept, stderr);
}

/* The bytes of the sequence of SGR at text, or 0. */
static size_t sequence_length(const char *text)
{
	size_t length;

	if (text[0] != '\033' || text[1] != '[')
		return 0;
	length = 2 + strspn(text + 2, "0123456789;");
	return text[length] == 'm' ? length + 1 : 0;
}

/* The bytes of the character at text, and its columns. What is no character of the locale is shown
 * as one column a byte. */
static size_t character(const char *text, unsigned int *ret_columns)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t length = mbrtowc(&wide, text, strlen(text), &state);
	int columns;

	*ret_columns = 1;
	if (length == 0 || length == (size_t)-1 || length == (size_t)-2)
		return 1;
	columns = wcwidth(wide);
	if (columns >= 0)
		*ret_columns = (unsigned int)columns;
	return length;
}

/* One line without its end. Returns where it ends in text. */
static const char *cut_line(FILE *stream, const char *text, unsigned int columns)
{
	bool full = false;

	while (*text != '\0' && *text != '\n') {
		size_t length = sequence_length(text);
		unsigned int width = 0;

		if (length > 0) {
			fwrite(text, 1, length, stream);
		} else {
			length = character(text, &width);
			full = full || width > columns;
			if (!full) {
				fwrite(text, 1, length, stream);
				columns -= width;
			}
		}
		text += length;
	}
	return text;
}

void screen_cut(FILE *stream, const char *text, unsigned int columns, unsigned int *rows)
{
	while (*text != '\0' && *rows > 0) {
		text = cut_line(stream, text, columns);
		fputs(CLEAR_LINE, stream);
		/* Behind the last row the terminal would scroll. */
		if (--*rows > 0)
			fputs("\r\n", stream);
		if (*text == '\n')
			text++;
	}
}

int screen_draw(struct screen *screen, const char *title, const char *text)
{
	unsigned int columns = COLUMNS_DEFAULT, rows = ROWS_DEFAULT;
	char kept[KEPT_SIZE];
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
		columns = size.ws_col;
		rows = size.ws_row;
	}
	take_kept(screen, kept);
	fputs(HOME, stdout);
	screen_cut(stdout, title, columns, &rows);
	screen_cut(stdout, kept, columns, &rows);
	screen_cut(stdout, text, columns, &rows);
	if (rows > 0)
		fputs(CLEAR_BELOW, stdout);
	return fflush(stdout) == 0 ? 0 : -errno;
}
