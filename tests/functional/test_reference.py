# SPDX-License-Identifier: BSD-3-Clause
"""The oracle itself: it finds the flows that were published beside the captures."""
import pytest

import flows
from paths import PCAPS
from shared_captures import EXPECTED, frames_of


def test_every_capture_has_its_flows():
    files = {path.name for path in PCAPS.iterdir() if path.suffix in (".pcap", ".pcapng")}
    assert files == set(EXPECTED)
    assert len(files) == 48


@pytest.mark.parametrize("capture", sorted(EXPECTED))
def test_reference_agrees_with_the_published_flows(capture):
    frames = [frame.data for frame in frames_of(capture)]
    assert flows.without_ports(flows.of_frames(frames)) == EXPECTED[capture]
