/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/notation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/policy/prefix_list.h"
#include "lpm/lpm.h"

/* Deepest nesting, and most elements of a list: variables of variables grow exponentially. */
enum { NESTING_MAX = 32, ELEMENTS_MAX = 4 * PREFIX_LIST_MAX, WORD_SIZE = 64 };

struct notation {
	struct scope *scope;
	enum list_type type;
	struct config_reader *reader;
	const char *at;
	unsigned int nesting;
};

static void skip_blanks(struct notation *notation)
{
	notation->at += strspn(notation->at, " \t");
}

/* The elements of a name behind '$' or '@'. */
static int read_name(struct notation *notation, const char *word, struct list *found)
{
	const struct list *list = NULL;
	int ret = 0;

	if (word[0] == '$')
		ret = scope_variable(notation->scope, notation->type, word + 1, &list);
	else if (notation->type == LIST_ADDRESSES)
		list = scope_reference(notation->scope, word + 1);
	if (ret == -ENOENT)
		return config_reader_fail(notation->reader, "the variable %s is not defined", word);
	if (ret < 0)
		return ret;
	if (!list)
		return config_reader_fail(
			notation->reader, "the reference set %s is not defined", word);
	return list_append(notation->type, found, list);
}

static int read_word(struct notation *notation, struct list *found)
{
	union {
		struct match_address address;
		struct match_port port;
	} element = {0};
	const struct list whole = list_whole(notation->type), one = {&element, 1};
	size_t length = strcspn(notation->at, "[],! \t");
	char word[WORD_SIZE], why[LIST_WHY_SIZE];

	if (length == 0)
		return config_reader_fail(notation->reader, "an element is missing");
	if (length >= sizeof(word))
		return config_reader_fail(
			notation->reader, "\"%.*s…\" is too long", WORD_SIZE / 2, notation->at);
	memcpy(word, notation->at, length);
	word[length] = '\0';
	notation->at += length;
	if (word[0] == '$' || word[0] == '@')
		return read_name(notation, word, found);
	if (strcasecmp(word, "any") == 0)
		return list_append(notation->type, found, &whole);
	if (list_parse_element(notation->type, word, &element, why) < 0)
		return config_reader_fail(notation->reader, "%s", why);
	return list_append(notation->type, found, &one);
}

static int read_item(struct notation *notation, struct list *list);

static int read_bracket(struct notation *notation, struct list *found)
{
	int ret;

	if (notation->nesting++ == NESTING_MAX)
		return config_reader_fail(
			notation->reader, "lists nest deeper than %d", NESTING_MAX);
	do {
		notation->at++;
		ret = read_item(notation, found);
		if (ret < 0)
			return ret;
	} while (*notation->at == ',');
	if (*notation->at != ']')
		return config_reader_fail(notation->reader, "a list is not closed");
	notation->at++;
	notation->nesting--;
	return 0;
}

/* One element or list with the blanks around it. */
static int read_item(struct notation *notation, struct list *list)
{
	struct list found = {0};
	bool negated;
	int ret;

	skip_blanks(notation);
	negated = *notation->at == '!';
	notation->at += negated;
	ret = *notation->at == '[' ? read_bracket(notation, &found) : read_word(notation, &found);
	skip_blanks(notation);
	if (ret == 0 && negated && !list_negate(notation->type, &found))
		ret = config_reader_fail(notation->reader,
			"a negated list must not hold both plain and negated elements");
	if (ret == 0 && list->count + found.count > ELEMENTS_MAX)
		ret = config_reader_fail(notation->reader, "more than %d elements", ELEMENTS_MAX);
	if (ret == 0)
		ret = list_append(notation->type, list, &found);
	free(found.elements);
	return ret;
}

int notation_read(struct scope *scope, enum list_type type, struct config_reader *reader,
	const char *text, struct list *list)
{
	struct notation notation = {.scope = scope, .type = type, .reader = reader, .at = text};
	int ret = read_item(&notation, list);

	if (ret == 0 && *notation.at != '\0')
		ret = config_reader_fail(
			reader, "\"%.32s\" stands behind the end of the list", notation.at);
	return ret;
}
