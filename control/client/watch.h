/* SPDX-License-Identifier: BSD-3-Clause */
/* watch: a command again and again, in place on a terminal, else one answer after another. */
#ifndef TIDEGATE_CONTROL_CLIENT_WATCH_H
#define TIDEGATE_CONTROL_CLIENT_WATCH_H

#include "control/client/session.h"

/* Until once(), which prints one answer and returns an exit code, has none, or nobody reads any
 * more; a signal ends the process. */
int watch_run(struct session *session, int (*once)(struct session *session));

#endif
