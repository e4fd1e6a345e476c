/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/row_text.h"

#include <string.h>

/* Digits of any integer that has 64 bits. */
enum { DIGITS_MAX = 18 };

struct reader {
	const char *at;
	const char *end;
};

static bool take(struct reader *reader, char character)
{
	if (reader->at == reader->end || *reader->at != character)
		return false;
	reader->at++;
	return true;
}

static bool take_word(struct reader *reader, const char *word, struct row_span *ret_span)
{
	size_t length = strlen(word);

	if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return false;
	*ret_span = (struct row_span){reader->at, length};
	reader->at += length;
	return true;
}

static bool take_string(struct reader *reader, struct row_span *ret_span)
{
	const char *begin;

	if (!take(reader, '"'))
		return false;
	for (begin = reader->at; reader->at < reader->end; reader->at++) {
		char character = *reader->at;

		if (character == '"') {
			*ret_span = (struct row_span){begin, (size_t)(reader->at++ - begin)};
			return true;
		}
		if (character < ' ' || character > '~' || character == '\\')
			return false;
	}
	return false;
}

static bool take_number(struct reader *reader, struct row_span *ret_span)
{
	const char *begin = reader->at;
	size_t length;

	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
		reader->at++;
	length = (size_t)(reader->at - begin);
	*ret_span = (struct row_span){begin, length};
	return length > 0 && length <= DIGITS_MAX && (length == 1 || *begin != '0');
}

static bool take_value(struct reader *reader, struct row_span *ret_span)
{
	switch (reader->at < reader->end ? *reader->at : '\0') {
	case '"':
		return take_string(reader, ret_span);
	case 't':
		return take_word(reader, "true", ret_span);
	case 'f':
		return take_word(reader, "false", ret_span);
	default:
		return take_number(reader, ret_span);
	}
}

static bool add(struct row_text *row, const struct row_member *member)
{
	if (row->count == ROW_TEXT_MEMBERS)
		return false;
	row->members[row->count++] = *member;
	return true;
}

static bool take_members(struct reader *reader, struct row_text *row, struct row_span outer);

/* The value of a member whose name was read, and add it. */
static bool take_member(struct reader *reader, struct row_text *row, struct row_member *member)
{
	struct row_span null;

	if (take_word(reader, "null", &null))
		return true;
	if (take(reader, '{'))
		return member->outer.length == 0 && member->name.length > 0 && add(row, member) &&
			take_members(reader, row, member->name);
	return take_value(reader, &member->value) && add(row, member);
}

/* From behind the bracket that begins an object to behind the one that ends it. */
static bool take_members(struct reader *reader, struct row_text *row, struct row_span outer)
{
	if (take(reader, '}'))
		return true;
	do {
		struct row_member member = {.outer = outer};

		if (!take_string(reader, &member.name) || !take(reader, ':') ||
			!take_member(reader, row, &member))
			return false;
	} while (take(reader, ','));
	return take(reader, '}');
}

bool row_text_read(struct row_text *row, const char *text, size_t length)
{
	struct reader reader = {text, text + length};

	row->count = 0;
	row->next = 0;
	return take(&reader, '{') && take_members(&reader, row, (struct row_span){NULL, 0}) &&
		reader.at == reader.end;
}

static bool is_at(const struct row_member *member, const char *path, size_t length)
{
	size_t before = member->outer.length + (member->outer.length > 0);

	if (length != before + member->name.length ||
		memcmp(path + before, member->name.text, member->name.length) != 0)
		return false;
	return before == 0 ||
		(path[before - 1] == '.' && memcmp(path, member->outer.text, before - 1) == 0);
}

const struct row_member *row_text_find(struct row_text *row, const char *path)
{
	size_t length = strlen(path);

	/* Rows are asked for their members in much the same order as they have them. */
	for (size_t i = 0; i < row->count; i++) {
		size_t at = row->next + i < row->count ? row->next + i : row->next + i - row->count;

		if (is_at(&row->members[at], path, length)) {
			row->next = at + 1;
			return &row->members[at];
		}
	}
	return NULL;
}
