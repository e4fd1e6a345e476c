/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/explain_api.h"

#include <stdlib.h>
#include <string.h>

#include "control/api_page.h"
#include "control/policy/explain.h"
#include "control/rule_json.h"

enum { TCP = 6, SCOPE_SIZE = 128 };

/* A rule before the one that decides; of a stateless rule's TCPFlags all are one. */
struct row {
	uint32_t rule;
	uint8_t kind;
	uint8_t reason;
};

/* What an answer is made of. */
struct answer {
	const struct policy_document *document;
	const struct explain_packet *packet;
	struct explanation *explanation;
	struct row *rows; /* in the rules' order */
	uint32_t row_count;
	uint32_t reasons[EXPLAIN_REASON_COUNT]; /* rows */
};

/* ---- rows ---- */

/* Add those rules of one kind that were tried; reasons are theirs. */
static void add_rows(struct answer *answer, enum rule_kind kind, const uint8_t *reasons)
{
	const struct explanation *explanation = answer->explanation;
	uint32_t tried = explanation->tried[kind];
	bool decides = explanation->kind == kind && explanation->rule != RULE_NONE;

	for (uint32_t rule = 0, next; rule < tried; rule = next) {
		uint32_t last;

		next = rule_json_next(answer->document, kind, rule);
		/* The rule that decides, by others of its TCPFlags. */
		if (decides && next > explanation->rule)
			break;
		last = next < tried ? next - 1 : tried - 1;
		answer->rows[answer->row_count++] =
			(struct row){rule, (uint8_t)kind, reasons[last]};
		answer->reasons[reasons[last]]++;
	}
}

static int make_rows(struct answer *answer)
{
	const struct explanation *explanation = answer->explanation;
	uint32_t stateless = explanation->tried[RULE_STATELESS];

	answer->rows = calloc(
		(size_t)stateless + explanation->tried[RULE_STATEFUL] + 1, sizeof(*answer->rows));
	if (answer->rows == NULL)
		return -1;
	add_rows(answer, RULE_STATELESS, explanation->reasons);
	add_rows(answer, RULE_STATEFUL, explanation->reasons + stateless);
	return 0;
}

/* ---- parts of the answer; NULL without memory ---- */

/* {"RuleKind": "stateful", NAME: text}; frees text. */
static json_t *default_json(enum rule_kind kind, const char *name, char *text)
{
	json_t *object = text != NULL
		? json_pack("{s:s, s:s}", "RuleKind", rule_json_kind(kind), name, text)
		: NULL;

	free(text);
	return object;
}

static json_t *decided_by(const struct answer *answer)
{
	const struct policy_rules *rules = &answer->document->rules;
	const struct explanation *explanation = answer->explanation;
	uint8_t drops = DEFAULT_DROP_STRICT | DEFAULT_DROP_ESTABLISHED;

	if (explanation->rule != RULE_NONE)
		return rule_json(answer->document, explanation->kind, explanation->rule);
	if (explanation->kind == RULE_STATEFUL)
		return default_json(RULE_STATEFUL, "DefaultAction",
			rule_json_stateful_default(
				answer->document, explanation->defaults & drops));
	if (answer->packet->fragment)
		return default_json(RULE_STATELESS, "FragmentDefaultAction",
			rule_json_stateless_default(
				answer->document, &rules->stateless_fragment_default));
	return default_json(RULE_STATELESS, "DefaultAction",
		rule_json_stateless_default(answer->document, &rules->stateless_default));
}

/* The first ALERT rules that match, and the default action that alerts. */
static json_t *alerts(const struct answer *answer, uint32_t count)
{
	uint8_t bits =
		answer->explanation->defaults & (DEFAULT_ALERT_STRICT | DEFAULT_ALERT_ESTABLISHED);
	json_t *list = json_array();
	int error = list != NULL ? 0 : -1;

	for (uint32_t i = 0; i < answer->row_count && error == 0; i++) {
		const struct row *row = &answer->rows[i];

		if (row->reason == EXPLAIN_ALERTS && json_array_size(list) < count)
			error = json_array_append_new(
				list, rule_json(answer->document, row->kind, row->rule));
	}
	if (error == 0 && bits != 0)
		error = json_array_append_new(list,
			default_json(RULE_STATEFUL, "DefaultAction",
				rule_json_stateful_default(answer->document, bits)));
	if (error == 0)
		return list;
	json_decref(list);
	return NULL;
}

/* How many rules each reason is that of; those of none are left out. */
static json_t *reason_counts(const struct answer *answer)
{
	json_t *object = json_object();

	for (int reason = 0; reason < EXPLAIN_REASON_COUNT; reason++) {
		if (answer->reasons[reason] == 0 ||
			json_object_set_new(object,
				explain_reason_name((enum explain_reason)reason),
				json_integer(answer->reasons[reason])) == 0)
			continue;
		json_decref(object);
		return NULL;
	}
	return object;
}

/* Up to count rows of the first *left ones, the last of them first. *left is then what is left. */
static json_t *earlier(const struct answer *answer, uint32_t count, uint64_t *left)
{
	json_t *list = json_array();

	for (; count > 0 && *left > 0; count--, (*left)--) {
		const struct row *row = &answer->rows[*left - 1];
		json_t *object = rule_json(answer->document, row->kind, row->rule);

		json_object_set_new(object, "Reason",
			json_string(explain_reason_name((enum explain_reason)row->reason)));
		if (json_array_append_new(list, object) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *make_result(
	const struct answer *answer, uint32_t generation, uint32_t count, uint64_t *left)
{
	static const char *const verdicts[] = {
		[STATEFUL_PASS] = "passed",
		[STATEFUL_DROP] = "dropped",
		[STATEFUL_REJECT] = "rejected",
	};
	const struct tuple *tuple = &answer->packet->tuple;
	json_t *list = earlier(answer, count, left);

	return json_pack("{s:s, s:o, s:o*, s:o, s:I, s:o, s:o, s:b, s:I}", "Verdict",
		verdicts[answer->explanation->verdict], "DecidedBy", decided_by(answer), "TCPFlags",
		tuple->protocol == TCP ? explain_input_flags(tuple->tcp_flags) : NULL, "Alerts",
		alerts(answer, count), "EarlierCount", (json_int_t)answer->row_count, "Reasons",
		reason_counts(answer), "Earlier", list, "Truncated", *left > 0, "Generation",
		(json_int_t)generation);
}

/* ---- the action ---- */

static char *write_hex(char *text, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text += sprintf(text, "%02x", bytes[i]);
	return text;
}

/* The list of a page: that of this packet, of this generation. */
static void write_scope(
	const struct explain_packet *packet, uint32_t generation, char scope[SCOPE_SIZE])
{
	const struct tuple *tuple = &packet->tuple;
	char *at = scope + sprintf(scope, "ExplainPacket/%u/", generation);

	at = write_hex(at, tuple->source, sizeof(tuple->source));
	at = write_hex(at, tuple->destination, sizeof(tuple->destination));
	sprintf(at, "%04x%04x%02x%02x%d%d%d%d", tuple->source_port, tuple->destination_port,
		tuple->protocol, tuple->tcp_flags, tuple->version, packet->to_client,
		packet->established, packet->fragment);
}

void explain_api_explain(const struct publisher *publisher, const struct token_key *key,
	const struct api_input *input, struct reply *reply)
{
	const struct generation *generation = publisher_current(publisher);
	struct explain_packet packet;
	struct answer answer = {.document = generation->document, .packet = &packet};
	uint32_t number = generation->names->generation;
	char scope[SCOPE_SIZE];
	json_t *result = NULL;
	uint64_t left = UINT64_MAX; /* the first page: all */

	if (explain_input_parse(input, &packet, reply) != 0)
		return;
	write_scope(&packet, number, scope);
	if (api_page_first(key, input, scope, &left, reply) != 0)
		return;
	if (explain_packet(answer.document, &packet, &answer.explanation) == 0 &&
		make_rows(&answer) == 0) {
		left = left < answer.row_count ? left : answer.row_count;
		result = make_result(&answer, number, api_page_count(input), &left);
		if (left > 0 && api_page_add_token(key, scope, left, result) != 0) {
			json_decref(result);
			result = NULL;
		}
	}
	free(answer.rows);
	free(answer.explanation);
	reply_set_result(reply, result);
}
