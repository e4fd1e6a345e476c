# SPDX-License-Identifier: BSD-3-Clause
"""The rule strings in inputs of fuzz_policy, as inputs of fuzz_rules: rules_seeds.py POLICIES RULES"""
import json
import pathlib
import sys

policies, rules = map(pathlib.Path, sys.argv[1:])
for policy in sorted(policies.iterdir()):
    strict = '!' if 'STRICT_ORDER' in policy.read_text(errors='replace') else ''
    for number, text in enumerate(policy.read_text(errors='replace').split('\n---\n')[2:]):
        try:
            group = json.loads(text)
            string = group.get('RuleGroup', group)['RulesSource']['RulesString']
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
        if isinstance(string, str):
            (rules / f'{policy.name}-{number}').write_text(strict + string)
