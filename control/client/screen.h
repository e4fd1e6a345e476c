/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * screen: the whole terminal, for text that is drawn again and again.
 *
 * Life-cycle: screen_enter() switches to the terminal's other screen and hides the cursor,
 * screen_leave() goes back. Signals that end or stop the process go back too: their handlers
 * need nothing but stdout. Meanwhile what is written to stderr is kept: screen_draw() shows it,
 * screen_leave() prints what came since.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_SCREEN_H
#define TIDEGATE_CONTROL_CLIENT_SCREEN_H

#include <stdio.h>

struct screen {
	int error_fd; /* stderr as it was */
	int kept_fd;  /* what stderr is meanwhile: a file in memory */
};

/* Returns 0 or -errno. stdout is the terminal. */
int screen_enter(struct screen *screen);
void screen_leave(struct screen *screen);

/* Draw title and text in place of what is there, cut to the terminal's size. Returns 0 or -errno.
 */
int screen_draw(struct screen *screen, const char *title, const char *text);

/*
 * Print the first lines of text, at most rows of them, each cut to so many columns. Sequences of
 * SGR take no columns and are never cut off. *rows becomes what is left of it.
 */
void screen_cut(FILE *stream, const char *text, unsigned int columns, unsigned int *rows);

#endif
