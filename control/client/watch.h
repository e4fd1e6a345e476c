/* SPDX-License-Identifier: BSD-3-Clause */
/* watch: flows again and again, in place on a terminal, else one table after another. */
#ifndef TIDEGATE_CONTROL_CLIENT_WATCH_H
#define TIDEGATE_CONTROL_CLIENT_WATCH_H

#include "control/client/session.h"

/* Until a capture cannot be had, or nobody reads any more; a signal ends the process. */
int watch_run(struct session *session);

#endif
