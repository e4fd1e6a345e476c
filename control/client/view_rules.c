/* SPDX-License-Identifier: BSD-3-Clause */
/* The views of rules: what they have decided, and what they would decide. */
#include "control/client/view.h"

/* What a rule or default action is called; a rule has some of these. */
#define RULE_COLUMNS                                                                               \
	{"GROUP", "rule_group", "RuleGroup", NULL, COLUMN_OPTIONAL},                               \
		{"PRIORITY", "rule_priority", "RulePriority", NULL,                                \
			COLUMN_RIGHT | COLUMN_OPTIONAL},                                           \
		{"SID", "rule_sid", "RuleSid", NULL, COLUMN_RIGHT | COLUMN_OPTIONAL},              \
		{NULL, "rev", "Rev", NULL, 0}, {"RULE", "rule", "Rule", NULL, COLUMN_OPTIONAL},    \
		{"ACTION", "action", "Action", NULL, 0},                                           \
	{                                                                                          \
		"MESSAGE", "msg", "Msg", NULL, COLUMN_OPTIONAL                                     \
	}

#define HIT_COLUMNS                                                                                \
	{"PACKETS", "packets", "PacketCount", NULL, COLUMN_RIGHT},                                 \
		{"BYTES", "bytes", "ByteCount", NULL, COLUMN_RIGHT},                               \
	{                                                                                          \
		"LAST HIT", "last_hit_timestamp", "LastHitTimestamp", view_format_timestamp,       \
			COLUMN_OPTIONAL                                                            \
	}

static const struct column default_columns[] = {
	{"DEFAULT ACTION", "rule_kind", "RuleKind", NULL, 0},
	{"ACTION", "action", "Action", NULL, 0},
	{"FRAGMENTS", "fragment_action", "FragmentAction", NULL, COLUMN_OPTIONAL},
	HIT_COLUMNS,
};

static const struct view view_defaults = {
	.list = "DefaultActions", .empty = "no default actions", COLUMNS(default_columns)};

static const struct column metric_columns[] = {
	{"CUSTOM ACTION", "action_name", "ActionName", NULL, 0},
	{"GROUP", "rule_group", "RuleGroup", NULL, COLUMN_OPTIONAL},
	{"DIMENSION", "dimension", "Dimension", NULL, 0},
	HIT_COLUMNS,
};

static const struct view view_metrics = {
	.list = "Metrics", .empty = "no custom actions", COLUMNS(metric_columns)};

static const struct view *const below_rules[] = {&view_defaults, &view_metrics, NULL};

static const struct column rule_columns[] = {
	{"RULE KIND", "rule_kind", "RuleKind", NULL, 0},
	RULE_COLUMNS,
	HIT_COLUMNS,
};

const struct view view_rules = {
	.list = "Rules", .empty = "no rules", COLUMNS(rule_columns), .also = below_rules};

/* Its row is ExplainPacket's answer. */
static const struct column explanation_columns[] = {
	{"VERDICT", "verdict", "Verdict", NULL, 0},
	{"DECIDED BY", "rule_kind", "DecidedBy.RuleKind", NULL, 0},
	{"GROUP", "rule_group", "DecidedBy.RuleGroup", NULL, 0},
	{"PRIORITY", "rule_priority", "DecidedBy.RulePriority", NULL, 0},
	{"SID", "rule_sid", "DecidedBy.RuleSid", NULL, 0},
	{"REV", "rev", "DecidedBy.Rev", NULL, 0},
	{"RULE", "rule", "DecidedBy.Rule", NULL, 0},
	{"ACTION", "action", "DecidedBy.Action", NULL, 0},
	{"MESSAGE", "msg", "DecidedBy.Msg", NULL, 0},
	{"DEFAULT ACTION", "default_action", "DecidedBy.DefaultAction", NULL, 0},
	{"FRAGMENT DEFAULT ACTION", "fragment_default_action", "DecidedBy.FragmentDefaultAction",
		NULL, 0},
	{"RULES BEFORE IT", "earlier_count", "EarlierCount", NULL, 0},
};

const struct view view_explanation = {.record = true, COLUMNS(explanation_columns)};

static const struct column alert_columns[] = {
	{"ALERTS", "rule_kind", "RuleKind", NULL, 0},
	RULE_COLUMNS,
	{"DEFAULT ACTION", "default_action", "DefaultAction", NULL, COLUMN_OPTIONAL},
};

const struct view view_alerts = {.empty = "no alerts", COLUMNS(alert_columns)};

static const struct column earlier_columns[] = {
	{"BEFORE IT", "rule_kind", "RuleKind", NULL, 0},
	RULE_COLUMNS,
	{"REASON", "reason", "Reason", NULL, 0},
};

const struct view view_earlier = {.empty = "no rules before it", COLUMNS(earlier_columns)};

/* Its rows are made by the explain command: Reason, Rules. */
static const struct column reason_columns[] = {
	{"REASON", "reason", "Reason", NULL, 0},
	{"RULES", "rules", "Rules", NULL, COLUMN_RIGHT},
};

const struct view view_reasons = {.empty = "no reasons", COLUMNS(reason_columns)};
