/* SPDX-License-Identifier: BSD-3-Clause */
/* status: the state of the daemon, its ports, workers and drops. */
#include <errno.h>

#include "control/client/message.h"
#include "control/client/session.h"
#include "control/client/watch.h"

/* A row for each reason by which a port has dropped packets. */
static int add_drops(const json_t *port, json_t *rows)
{
	json_t *drops = json_object_get(port, "Drops");
	const char *reason;
	json_t *packets;

	json_object_foreach(drops, reason, packets) {
		json_t *row;

		if (json_integer_value(packets) == 0)
			continue;
		row = json_pack("{sO?sssO}", "Port", json_object_get(port, "Name"), "Reason",
			reason, "Packets", packets);
		if (json_array_append_new(rows, row) < 0)
			return -ENOMEM;
	}
	return 0;
}

static json_t *drop_rows(const json_t *ports)
{
	json_t *rows = json_array();
	const json_t *port;
	size_t i;

	json_array_foreach(ports, i, port) {
		if (add_drops(port, rows) == 0)
			continue;
		json_decref(rows);
		return NULL;
	}
	return rows;
}

static int status_once(struct session *session)
{
	const struct arguments *arguments = session->arguments;
	json_t *result = NULL;
	json_t *summary;
	json_t *drops;
	int error = -ENOMEM;
	int code = session_call(session, arguments->command->action, arguments->params, &result);

	if (code != EXIT_CODE_OK)
		return code;
	summary = json_pack("[O]", result);
	drops = drop_rows(json_object_get(result, "Ports"));
	if (summary != NULL && drops != NULL) {
		struct section sections[4];
		size_t count = 0;

		/* First, as a screen may have no room for the rest. */
		if (arguments->values[OPTION_WORKERS] != NULL)
			sections[count++] =
				(struct section){&view_workers, json_object_get(result, "Workers")};
		sections[count++] = (struct section){&view_status, summary};
		sections[count++] = (struct section){&view_ports, json_object_get(result, "Ports")};
		sections[count++] = (struct section){&view_drops, drops};
		error = output_document(&session->output, result, sections, count);
	}
	json_decref(drops);
	json_decref(summary);
	json_decref(result);
	return session_written(session, error);
}

int status_run(struct session *session)
{
	return session->arguments->values[OPTION_WATCH] != NULL ? watch_run(session, status_once)
								: status_once(session);
}
