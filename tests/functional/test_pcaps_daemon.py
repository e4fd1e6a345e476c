# SPDX-License-Identifier: BSD-3-Clause
"""The shared captures through the daemon: read by net_pcap on one port, written by the other."""
import pytest

import captures
import flows
from daemon import LOOSE, NO_CHECKS, running
from observed import drops_of, observed, wait_received
from paths import PCAPS
from shared_captures import EXPECTED, frames_of

@pytest.mark.parametrize("capture", sorted(EXPECTED))
def test_capture(capture, topology, tmp_path):
    """Every frame comes out as it went in; a capture lists the flows that the file leaves open, exactly."""
    assert all(len(frame.data) == frame.length for frame in frames_of(capture)), "frames were cut"
    sent = [frame.data for frame in frames_of(capture)]
    source, copy = tmp_path / "in", tmp_path / "out"
    source.symlink_to(PCAPS / capture)
    ports = [{"name": "left", "device": f"net_pcap0,rx_pcap={source}"},
             {"name": "right", "device": f"net_pcap1,tx_pcap={copy}"}]
    with running(topology, ports=ports, checks=NO_CHECKS, **LOOSE) as daemon, daemon.rpc() as rpc:
        counted = wait_received(rpc, left=len(sent), right=0)
        assert drops_of(counted["left"]) == {}
        assert flows.either_way(observed(rpc.capture())) == flows.either_way(flows.open_flows(sent))
    assert [frame.data for frame in captures.read(copy)] == sent
