/* SPDX-License-Identifier: BSD-3-Clause */
/* docs/control-socket.md says of the drop reasons what their table says, in the same order. */
#include "dataplane/drop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define DOCUMENT TIDEGATE_SOURCE_ROOT "/docs/control-socket.md"
#define DROP_ROW(symbol, name, help) "| `" name "` | " help " |\n"

static void test_drop_reasons(void **state)
{
	static const char rows[] = "\n| reason | |\n|---|---|\n" DROP_REASONS(DROP_ROW) "\n";
	FILE *file = fopen(DOCUMENT, "r");
	char *text = NULL;
	size_t capacity = 0;

	(void)state;
	assert_non_null(file);
	assert_true(getdelim(&text, &capacity, '\0', file) > 0);
	fclose(file);
	if (strstr(text, rows) == NULL)
		fail_msg(DOCUMENT " does not have %s", rows);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drop_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
