/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules of policy documents: every way in which they can be wrong, with the message. */
#include "tests/unit/check.h"

#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"

#define RULE(priority, match, actions)                                                             \
	"{`Priority`: " priority ",\n`RuleDefinition`: {`MatchAttributes`: {" match                \
	"},\n`Actions`: [" actions "]}}"
#define STATELESS(rules)                                                                           \
	"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: [\n" rules "]}}}"
#define MATCH(match) STATELESS(RULE("7", match, "`aws:pass`"))
#define SOURCE "RulesSource.StatelessRulesAndCustomActions."
#define DEFINITION SOURCE "StatelessRules[0].RuleDefinition."
#define ATTRIBUTES DEFINITION "MatchAttributes."
#define IN_RULE_7 " (rule priority 7 of group `g`)"
#define IN_G " (group `g`)"
#define HEADER(protocol, source, sport, direction, destination, dport)                             \
	"`Header`: {`Protocol`: `" protocol "`, `Source`: `" source "`, `SourcePort`: `" sport     \
	"`,\n`Direction`: `" direction "`, `Destination`: `" destination                           \
	"`, `DestinationPort`: `" dport "`}"
#define ANY_HEADER HEADER("TCP", "ANY", "ANY", "FORWARD", "ANY", "ANY")
#define SID "{`Keyword`: `sid`, `Settings`: [`5`]}"
#define STATEFUL(action, header, options)                                                          \
	"{`RulesSource`: {`StatefulRules`: [\n{`Action`: `" action "`, " header                    \
	", `RuleOptions`: [" options "]}]}}"
#define OPTIONS(options) STATEFUL("DROP", ANY_HEADER, options)
#define STRING(text) "{`RulesSource`: {`RulesString`:\n`" text "`}}"
#define PASS_5 "pass ip any any -> any any (sid:5;)"
#define RULES "RulesSource.StatefulRules[0]."
#define LINE_1 "RulesSource.RulesString.line 1"
#define IN_SID_5 " (rule sid 5 of group `g`)"
#define SETS(ip, port, source, dport)                                                              \
	"{`RuleVariables`: {`IPSets`: {" ip "},\n`PortSets`: {" port "}},\n`RulesSource`: "        \
	"{`RulesString`:\n`drop tcp " source " any -> any " dport " (sid:5;)`}}"
#define X "`X`: {`Definition`: [`10.0.0.0/8`, `!10.1.0.0/16`]}"

static const struct policy_fixture_error bad[] = {
	/* Stateless rules. */
	{STATELESS_POLICY, STATELESS(RULE("0", "", "`aws:pass`")),
		"g.json:2: " SOURCE "StatelessRules[0].Priority: must be 1 to 65535, not 0" IN_G},
	{STATELESS_POLICY, STATELESS(RULE("65536", "", "`aws:pass`")),
		"g.json:2: " SOURCE
		"StatelessRules[0].Priority: must be 1 to 65535, not 65536" IN_G},
	{STATELESS_POLICY, STATELESS("{`RuleDefinition`: {}}"),
		"g.json:2: " SOURCE "StatelessRules[0].Priority: is required" IN_G},
	{STATELESS_POLICY, STATELESS(RULE("7", "", "`aws:pass`") ",\n" RULE("7", "", "`aws:pass`")),
		"g.json:5: " SOURCE
		"StatelessRules[1].Priority: 7 is the priority of StatelessRules[0] too" IN_RULE_7},
	{STATELESS_POLICY, STATELESS("{`Priority`: 7}"),
		"g.json:2: " SOURCE "StatelessRules[0].RuleDefinition: is required" IN_RULE_7},
	{STATELESS_POLICY, STATELESS(RULE("7", "", "")),
		"g.json:4: " DEFINITION "Actions: needs one of the standard actions aws:pass, "
		"aws:drop and aws:forward_to_sfe" IN_RULE_7},
	{STATELESS_POLICY, STATELESS(RULE("7", "", "`aws:reject`")),
		"g.json:4: " DEFINITION "Actions[0]: `aws:reject` is neither aws:pass, aws:drop, "
		"aws:forward_to_sfe nor a custom action defined here" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`Source`: []"),
		"g.json:3: " ATTRIBUTES "Source: unknown key" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`Sources`: [`10.0.0.0/8`]"),
		"g.json:3: " ATTRIBUTES "Sources[0]: must be an object, not a string" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`Sources`: [{`AddressDefinition`: `ANY`}]"),
		"g.json:3: " ATTRIBUTES
		"Sources[0].AddressDefinition: `ANY` is no address or CIDR" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`Destinations`: [{`AddressDefinition`: `10.0.0.0/33`}]"),
		"g.json:3: " ATTRIBUTES
		"Destinations[0].AddressDefinition: `10.0.0.0/33` is no address or CIDR" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`Destinations`: [{`AddressDefinition`: `2001:db8::1/32`}]"),
		"g.json:3: " ATTRIBUTES "Destinations[0].AddressDefinition: `2001:db8::1/32` has "
		"bits set behind its prefix length, the prefix is 2001:db8::/32" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`SourcePorts`: [{`FromPort`: 1}]"),
		"g.json:3: " ATTRIBUTES "SourcePorts[0].ToPort: is required" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`SourcePorts`: [{`FromPort`: 2, `ToPort`: 1}]"),
		"g.json:3: " ATTRIBUTES "SourcePorts[0]: FromPort 2 is above ToPort 1" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`DestinationPorts`: [{`FromPort`: 0, `ToPort`: 65536}]"),
		"g.json:3: " ATTRIBUTES
		"DestinationPorts[0].ToPort: must be 0 to 65535, not 65536" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`Protocols`: [256]"),
		"g.json:3: " ATTRIBUTES "Protocols[0]: must be 0 to 255, not 256" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`Protocols`: [`6`]"),
		"g.json:3: " ATTRIBUTES "Protocols[0]: must be an integer, not a string" IN_RULE_7},
	{STATELESS_POLICY,
		MATCH("`Protocols`: [6, 1], `SourcePorts`: [{`FromPort`: 1, `ToPort`: 1}]"),
		"g.json:3: " DEFINITION "MatchAttributes: ports are of protocols 6 and 17 alone, "
		"but Protocols has 1" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`Protocols`: [17], `TCPFlags`: [{`Flags`: [`SYN`]}]"),
		"g.json:3: " DEFINITION "MatchAttributes: TCPFlags are of protocol 6 alone, but "
		"Protocols has 17" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`TCPFlags`: [{`Masks`: [`SYN`]}]"),
		"g.json:3: " ATTRIBUTES "TCPFlags[0].Flags: is required" IN_RULE_7},
	{STATELESS_POLICY, MATCH("`TCPFlags`: [{`Flags`: [`NS`]}]"),
		"g.json:3: " ATTRIBUTES "TCPFlags[0].Flags[0]: must be FIN, SYN, RST, PSH, ACK, "
		"URG, ECE or CWR, not `NS`" IN_RULE_7},
	{STATELESS_POLICY,
		MATCH("`TCPFlags`: [{`Flags`: [`SYN`, `ACK`], `Masks`: [`FIN`, `SYN`]}]"),
		"g.json:3: " ATTRIBUTES "TCPFlags[0]: ACK is in Flags, but not in Masks" IN_RULE_7},
	/* Stateful rules. */
	{STATEFUL_POLICY, OPTIONS(""), "g.json:2: RulesSource.StatefulRules[0]: has no sid" IN_G},
	{STATEFUL_POLICY, "{`RulesSource`: {`StatefulRules`: [{`Action`: `PASS`}]}}",
		"g.json:1: " RULES "RuleOptions: is required" IN_G},
	{STATEFUL_POLICY, STATEFUL("Drop", ANY_HEADER, SID),
		"g.json:2: " RULES
		"Action: must be PASS, DROP, REJECT or ALERT, not `Drop`" IN_SID_5},
	{STATEFUL_POLICY, STATEFUL("DROP", "`Header`: {`Protocol`: `TCP`}", SID),
		"g.json:2: " RULES "Header.Source: is required" IN_SID_5},
	{STATEFUL_POLICY,
		STATEFUL("DROP", HEADER("tcp", "ANY", "ANY", "FORWARD", "ANY", "ANY"), SID),
		"g.json:2: " RULES "Header.Protocol: `tcp` is no protocol of the API" IN_SID_5},
	{STATEFUL_POLICY,
		STATEFUL("DROP", HEADER("HTTP", "ANY", "ANY", "FORWARD", "ANY", "ANY"), SID),
		"g.json:2: RulesSource.StatefulRules[0]: protocol `HTTP` is not supported" IN_SID_5},
	{STATEFUL_POLICY, STATEFUL("DROP", HEADER("TCP", "", "ANY", "FORWARD", "ANY", "ANY"), SID),
		"g.json:2: " RULES "Header.Source: must be 1 to 1024 bytes long, not 0" IN_SID_5},
	{STATEFUL_POLICY, STATEFUL("DROP", HEADER("TCP", "ANY", "ANY", "<>", "ANY", "ANY"), SID),
		"g.json:3: " RULES "Header.Direction: must be FORWARD or ANY, not `<>`" IN_SID_5},
	{STATEFUL_POLICY,
		STATEFUL("DROP", HEADER("ICMP", "ANY", "80", "FORWARD", "ANY", "ANY"), SID),
		"g.json:2: " RULES "Header.SourcePort: ICMP has no ports: must be any" IN_SID_5},
	{STATEFUL_POLICY, OPTIONS("{`Keyword`: `sid`}"),
		"g.json:3: " RULES "RuleOptions[0]: sid has no value" IN_G},
	{STATEFUL_POLICY, OPTIONS("{`Keyword`: `sid`, `Settings`: [5]}"),
		"g.json:3: " RULES
		"RuleOptions[0].Settings[0]: must be a string, not an integer" IN_G},
	{STATEFUL_POLICY, OPTIONS("{`Keyword`: `sid`, `Settings`: [`4294967296`]}"),
		"g.json:3: " RULES
		"RuleOptions[0]: sid must be 1 to 4294967295, not `4294967296`" IN_G},
	{STATEFUL_POLICY, OPTIONS(SID ", " SID),
		"g.json:3: " RULES "RuleOptions[1]: sid is given twice" IN_SID_5},
	{STATEFUL_POLICY, OPTIONS(SID ", {`Keyword`: `content`, `Settings`: [`a`]}"),
		"g.json:2: RulesSource.StatefulRules[0]: keyword `content` is not supported" IN_SID_5},
	{STATEFUL_POLICY, OPTIONS(SID ", {`Keyword`: `priority:256`}"),
		"g.json:3: " RULES "RuleOptions[1]: priority must be 1 to 255, not `256`" IN_SID_5},
	{STATEFUL_POLICY,
		OPTIONS(SID ", {`Keyword`: `flow`, `Settings`: [`to_server`, "
			    "`to_client`]}"),
		"g.json:3: " RULES "RuleOptions[1]: flow:to_client contradicts or repeats an "
		"earlier word of flow" IN_SID_5},
	{STATEFUL_POLICY, OPTIONS(SID ", {`Keyword`: `flow:only_stream`}"),
		"g.json:2: RulesSource.StatefulRules[0]: keyword `flow:only_stream` is not "
		"supported" IN_SID_5},
	/* Suricata's rules. */
	{STATEFUL_POLICY, "{`RulesSource`: {`RulesString`: []}}",
		"g.json:1: RulesSource.RulesString: must be a string, not an array" IN_G},
	{STATEFUL_POLICY, STRING("drop"), "g.json:2: " LINE_1 ": the rule has no Protocol" IN_G},
	{STATEFUL_POLICY, STRING("# x\\ndrop tcp any any ->\\\\\\n any (sid:5;)"),
		"g.json:2: RulesSource.RulesString.line 3: the rule has no DestinationPort" IN_G},
	{STATEFUL_POLICY, STRING("drop tcp any any -> any any"),
		"g.json:2: " LINE_1 ": the rule does not end with its options in parentheses" IN_G},
	{STATEFUL_POLICY, STRING("drop tcp any any -> any any (sid:5;) x"),
		"g.json:2: " LINE_1 ": the rule does not end with its options in parentheses" IN_G},
	{STATEFUL_POLICY, STRING("drop tcp any any -> any any (sid:5)"),
		"g.json:2: " LINE_1 ": no semicolon behind the option `sid:5`" IN_G},
	{STATEFUL_POLICY, STRING("drop tcp any any -> any any (:5;)"),
		"g.json:2: " LINE_1 ": an option has no keyword" IN_G},
	{STATEFUL_POLICY, STRING("drop tcp any any -> any any (msg:\\`a;)"),
		"g.json:2: " LINE_1 ": the quotes of msg are not closed" IN_G},
	{STATEFUL_POLICY, STRING("drop tcp any any -> any any (rev:1;)"),
		"g.json:2: " LINE_1 ": has no sid" IN_G},
	{STATEFUL_POLICY, STRING("DROP tcp any any -> any any (sid:5;)"),
		"g.json:2: " LINE_1
		".Action: must be pass, drop, reject or alert, not `DROP`" IN_SID_5},
	{STATEFUL_POLICY, STRING("drop tcp any any <- any any (sid:5;)"),
		"g.json:2: " LINE_1 ".Direction: must be -> or <>, not `<-`" IN_SID_5},
	{STATEFUL_POLICY, STRING("drop tls any any -> any any (sid:5;)"),
		"g.json:2: " LINE_1 ": protocol `tls` is not supported" IN_SID_5},
	{STATEFUL_POLICY, STRING("drop tcp any any -> any any (sid:5; noalert;)"),
		"g.json:2: " LINE_1 ": keyword `noalert` is not supported" IN_SID_5},
	{STATEFUL_POLICY, STRING(PASS_5 "\\n" PASS_5),
		"g.json:2: RulesSource.RulesString.line 2: sid 5 is that of an earlier rule "
		"too" IN_SID_5},
	{STRICT_POLICY,
		"{`StatefulRuleOptions`: {`RuleOrder`: `STRICT_ORDER`}, `RulesSource`: "
		"{`RulesString`: `pass ip any any -> any any (sid:5; priority:1;)`}}",
		"g.json:1: " LINE_1
		": the keyword priority is not allowed with STRICT_ORDER" IN_SID_5},
	/* Addresses and ports. */
	{STATEFUL_POLICY, SETS("", "", "[10.0.0.0/8", "any"),
		"g.json:4: " LINE_1 ": the rule has no SourcePort" IN_G},
	{STATEFUL_POLICY,
		STATEFUL("DROP", HEADER("TCP", "[::/0,1.2.3.4", "ANY", "FORWARD", "ANY", "ANY"),
			SID),
		"g.json:2: " RULES "Header.Source: a list is not closed" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "[]", "any"),
		"g.json:4: " LINE_1 ".Source: an element is missing" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "[::]x", "any"),
		"g.json:4: " LINE_1 ".Source: `x` stands behind the end of the list" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "!!::", "any"),
		"g.json:4: " LINE_1 ".Source: an element is missing" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "10.0.0", "any"),
		"g.json:4: " LINE_1 ".Source: `10.0.0` is no address or CIDR" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "$Y", "any"),
		"g.json:4: " LINE_1 ".Source: the variable $Y is not defined" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "@Y", "any"),
		"g.json:4: " LINE_1 ".Source: the reference set @Y is not defined" IN_SID_5},
	{STATEFUL_POLICY, SETS(X, "", "!$X", "any"),
		"g.json:4: " LINE_1 ".Source: a negated list must not hold both plain and negated "
		"elements" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "!any", "any"),
		"g.json:4: " LINE_1 ".Source: excludes everything" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "[10.0.0.0/8,!0.0.0.0/1]", "any"),
		"g.json:4: " LINE_1 ".Source: excludes everything" IN_SID_5},
	{STATEFUL_POLICY, SETS("`X`: {`Definition`: []}", "", "any", "any"),
		"g.json:1: RuleVariables.IPSets.X.Definition: must have 1 to 1048576 elements, not "
		"0" IN_G},
	{STATEFUL_POLICY, SETS("`X`: {`Definition`: [`$X`]}", "", "any", "any"),
		"g.json:1: RuleVariables.IPSets.X.Definition[0]: $X is defined by itself" IN_G},
	{STATEFUL_POLICY, SETS("`9`: {`Definition`: [`::`]}", "", "any", "any"),
		"g.json:1: RuleVariables.IPSets.9: the name must be a letter and up to 31 letters, "
		"digits and _" IN_G},
	{STATEFUL_POLICY, SETS("", "`P`: {`Definition`: [`a`]}", "any", "any"),
		"g.json:2: RuleVariables.PortSets.P.Definition[0]: `a` is no port or range of "
		"ports" IN_G},
	{STATEFUL_POLICY, SETS("", "", "any", "$X"),
		"g.json:4: " LINE_1 ".DestinationPort: the variable $X is not defined" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "any", "80:79"),
		"g.json:4: " LINE_1 ".DestinationPort: `80:79`: ports are 0 to 65535, and a range "
		"begins with the lower one" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "any", "65536"),
		"g.json:4: " LINE_1 ".DestinationPort: `65536`: ports are 0 to 65535, and a range "
		"begins with the lower one" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "any", ":"),
		"g.json:4: " LINE_1 ".DestinationPort: `:` is no port or range of ports" IN_SID_5},
	{STATEFUL_POLICY, SETS("", "", "any", "[1:10,!:20]"),
		"g.json:4: " LINE_1 ".DestinationPort: excludes everything" IN_SID_5},
	{STATEFUL_POLICY,
		"{`ReferenceSets`: {`IPSetReferences`: {`L`: {`ReferenceArn`: `arn:aws:x/none`}}}, "
		"`RulesSource`: {`RulesString`: ``}}",
		"g.json:1: ReferenceSets.IPSetReferences.L.ReferenceArn: no prefix list file is "
		"given for arn:aws:x/none" IN_G},
};

static void messages(void **state)
{
	(void)state;
	policy_fixture_check(bad, sizeof(bad) / sizeof(bad[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
