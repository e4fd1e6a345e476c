/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * output: flows or verdicts as csv, ndjson or json, on standard output.
 *
 * A row is a list of named fields; a format writes rows, whatever they are of.
 */
#ifndef TIDEGATE_REPLAY_OUTPUT_H
#define TIDEGATE_REPLAY_OUTPUT_H

#include <stdint.h>

#include "control/rule_names.h"
#include "dataplane/dataplane.h"

struct output_format;

/* "csv", "ndjson", "json", or NULL. */
const struct output_format *output_format_find(const char *name);

struct output {
	const struct output_format *format;
	uint64_t rows;
};

/* What each row is of. */
enum output_kind { OUTPUT_FLOWS, OUTPUT_VERDICTS };

void output_begin(struct output *output, const struct output_format *format, enum output_kind kind);
void output_flow(struct output *output, const char *capture, const struct flow_record *flow);
/* number: of the frame in its file, from 1; names: of the policy's rules. */
void output_verdict(struct output *output, const char *capture, uint64_t number,
	const struct offline_verdict *verdict, const struct rule_names *names);
void output_end(struct output *output);

#endif
