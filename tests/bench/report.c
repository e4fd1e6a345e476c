/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/report.h"

#include <errno.h>
#include <stdlib.h>

static const char *const relations[] = {[TARGET_AT_MOST] = "<=", [TARGET_AT_LEAST] = ">="};

int report_open(struct report *report, const char *path)
{
	*report = (struct report){0};
	report->missed_lines = open_memstream(&report->missed_text, &report->missed_size);
	if (report->missed_lines == NULL)
		return -errno;
	if (path == NULL)
		return 0;
	report->json = fopen(path, "we");
	if (report->json != NULL)
		return 0;
	int error = errno;
	fclose(report->missed_lines);
	free(report->missed_text);
	return -error;
}

int report_close(struct report *report)
{
	fclose(report->missed_lines);
	printf("%s%u of %u targets missed\n", report->missed_text, report->missed, report->targets);
	free(report->missed_text);
	if (report->json == NULL)
		return 0;
	bool failed = ferror(report->json) != 0;
	if (fclose(report->json) != 0)
		return -errno;
	return failed ? -EIO : 0;
}

static bool target_holds(struct target target, double value)
{
	return target.kind == TARGET_AT_MOST ? value <= target.bound : value >= target.bound;
}

void report_figure(struct report *report, const char *name, struct spread spread, const char *unit,
	struct target target)
{
	char text[64] = "null", holds[] = "false";

	if (target.kind != TARGET_NONE) {
		bool met = target_holds(target, spread.value);

		snprintf(text, sizeof(text), "\"%s %g\"", relations[target.kind], target.bound);
		snprintf(holds, sizeof(holds), "%s", met ? "true" : "false");
		report->targets++;
		report->missed += !met;
		if (!met)
			fprintf(report->missed_lines,
				"missed: %s %.3g (%.3g to %.3g) %s, target %s %g\n", name,
				spread.value, spread.low, spread.high, unit, relations[target.kind],
				target.bound);
	} else {
		snprintf(holds, sizeof(holds), "null");
	}
	if (report->json != NULL)
		fprintf(report->json,
			"{\"name\": \"%s\", \"value\": %.6g, \"low\": %.6g, \"high\": %.6g, "
			"\"unit\": \"%s\", \"target\": %s, \"holds\": %s}\n",
			name, spread.value, spread.low, spread.high, unit, text, holds);
}

void report_values(struct report *report, const char *name, double *values, size_t count,
	const char *unit, struct target target)
{
	struct spread spread = measure_spread(values, count);

	if (count > 1)
		printf("%-38s %8.4g (%.4g to %.4g) %s\n", name, spread.value, spread.low,
			spread.high, unit);
	else
		printf("%-38s %8.4g %s\n", name, spread.value, unit);
	report_figure(report, name, spread, unit, target);
}

void report_value(struct report *report, const char *name, double value, const char *unit,
	struct target target)
{
	report_values(report, name, &value, 1, unit, target);
}
