# SPDX-License-Identifier: BSD-3-Clause
"""After all other tests: the published schema says of answers what they have, and nothing besides."""
from schema import all_members, seen


def test_every_member_of_a_result_was_in_an_answer():
    assert all_members() - seen == set()
    assert seen <= all_members()
