# SPDX-License-Identifier: BSD-3-Clause
"""The captures of shared/pcaps and the flows that its flows.csv gives for each."""
import collections

import captures
import flows
from paths import PCAPS


def read_expected():
    expected = collections.defaultdict(dict)
    with open(PCAPS / "flows.csv", newline="") as file:
        for capture, key, counters in flows.read_csv(file):
            expected[capture][key] = counters
    return expected


# {capture: {Key: counters}}
EXPECTED = read_expected()


def frames_of(capture):
    return captures.read(PCAPS / capture)
