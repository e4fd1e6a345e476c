# SPDX-License-Identifier: BSD-3-Clause
"""SCTP associations through the daemon, with what an attacker or a restart would send among them: RFC 9260.

The frames, CRC32c included, are scapy's.
"""
import json

import pytest
from scapy.layers.sctp import (SCTP, SCTPChunkAbort, SCTPChunkCookieAck, SCTPChunkCookieEcho, SCTPChunkHeartbeatAck,
                               SCTPChunkHeartbeatReq, SCTPChunkInit, SCTPChunkInitAck, SCTPChunkSACK,
                               SCTPChunkShutdown, SCTPChunkShutdownAck, SCTPChunkShutdownComplete)

import captures
from exchange import exchange
from frames import A, A6, B, B6, SCTPChunkData, frame
from observed import drops_of, wait_received
from paths import REPLAY
from programs import run

TAG_A, TAG_B = 0x0A0A0A0A, 0x0B0B0B0B  # that packets to A and to B carry


def sent(tag, *chunks, source=A, destination=B, **fields):
    return frame(source, destination, SCTP(sport=1000, dport=2000, tag=tag, **fields), *chunks)


def reply(tag, *chunks, source=A, destination=B, **fields):
    return frame(destination, source, SCTP(sport=2000, dport=1000, tag=tag, **fields), *chunks)


def payload(size=20):
    return SCTPChunkData(data=bytes(size), beginning=1, ending=1)


def handshake(**ends):
    return [sent(0, SCTPChunkInit(init_tag=TAG_A), **ends),
            reply(TAG_A, SCTPChunkInitAck(init_tag=TAG_B), **ends),
            sent(TAG_B, SCTPChunkCookieEcho(cookie=b"baked by B"), payload(), **ends),
            reply(TAG_A, SCTPChunkCookieAck(), SCTPChunkSACK(), **ends)]


def states(rpc):
    return [flow["State"] for flow in rpc.capture()]


@pytest.mark.parametrize("ends", [{}, {"source": A6, "destination": B6}], ids=["ipv4", "ipv6"])
def test_association(ends, start, wires):
    with start().rpc() as rpc:
        steps = handshake(**ends)
        exchange(wires, steps[:1])
        assert states(rpc) == ["new"]
        exchange(wires, steps[1:])
        exchange(wires, [sent(TAG_B, payload(1000), **ends), reply(TAG_A, SCTPChunkSACK(), payload(), **ends)])
        flow, = rpc.capture()
        assert (flow["State"], flow["PacketCount"]) == ("established", 6)
        exchange(wires, [reply(TAG_A, SCTPChunkShutdown(), **ends)])
        assert states(rpc) == ["closing"]
        exchange(wires, [sent(TAG_B, SCTPChunkShutdownAck(), **ends),
                         reply(TAG_A, SCTPChunkShutdownComplete(), **ends)])
        assert states(rpc) == []
        exchange(wires, handshake(**ends))
        flow, = rpc.capture()
        assert (flow["State"], flow["PacketCount"]) == ("established", 4)


def test_blind_packets_do_not_end_an_association(start, wires):
    """Section 8.5: what does not know the tag is dropped, and the association goes on."""
    left, _ = wires
    with start().rpc() as rpc:
        exchange(wires, handshake())
        left.send([sent(TAG_B + 1, SCTPChunkAbort()), sent(TAG_A, SCTPChunkAbort()), sent(0, SCTPChunkAbort()),
                   sent(TAG_B, SCTPChunkAbort(TCB=1)), sent(TAG_A, payload()), sent(7, SCTPChunkInit(init_tag=7)),
                   sent(TAG_B), sent(TAG_B, payload(), SCTPChunkInit(init_tag=7)), sent(TAG_B, payload(), chksum=7)])
        counted = wait_received(rpc, left=2 + 9, right=2)
        assert drops_of(counted["left"]) == {"sctp_tag": 6, "sctp_chunk": 2, "l4_checksum": 1}
        exchange(wires, [sent(TAG_B, payload()), reply(TAG_A, SCTPChunkSACK())])
        flow, = rpc.capture()
        assert (flow["State"], flow["PacketCount"]) == ("established", 6)
        exchange(wires, [sent(TAG_A, SCTPChunkAbort(TCB=1))])
        assert rpc.capture() == []


def test_an_init_takes_nothing_and_a_restart_passes(start, wires):
    """Section 5.2.2."""
    left, _ = wires
    new_a, new_b = 0x1A1A1A1A, 0x1B1B1B1B
    with start().rpc() as rpc:
        exchange(wires, handshake())
        exchange(wires, [sent(0, SCTPChunkInit(init_tag=new_a)), reply(new_a, SCTPChunkInitAck(init_tag=new_b)),
                         sent(TAG_B, payload()), reply(TAG_A, payload()),
                         sent(new_b, SCTPChunkCookieEcho(cookie=b"again")), reply(new_a, SCTPChunkCookieAck()),
                         sent(new_b, payload())])
        left.send([sent(TAG_B, payload())])
        assert drops_of(wait_received(rpc, left=2 + 4 + 1, right=2 + 3)["left"]) == {"sctp_tag": 1}
        assert states(rpc) == ["established"]


STRAY = [sent(TAG_B, payload()), sent(TAG_A, SCTPChunkInitAck(init_tag=TAG_B)), sent(TAG_B, SCTPChunkAbort()),
         sent(TAG_B, SCTPChunkCookieEcho(cookie=b"x")), sent(TAG_B, SCTPChunkShutdownAck())]


def test_midstream_is_dropped(start, wires):
    left, _ = wires
    with start().rpc() as rpc:
        left.send(STRAY)
        assert drops_of(wait_received(rpc, left=len(STRAY), right=0)["left"]) == {"midstream": len(STRAY)}
        assert rpc.capture() == []


def test_midstream_is_picked_up(start, wires):
    left, _ = wires
    with start(stream_exception="continue").rpc() as rpc:
        exchange(wires, [sent(TAG_B, payload()), reply(TAG_A, SCTPChunkSACK())])
        flow, = rpc.capture()
        assert (flow["Midstream"], flow["State"]) == (True, "established")
        left.send([sent(TAG_A, payload())])
        assert drops_of(wait_received(rpc, left=2, right=1)["left"]) == {"sctp_tag": 1}


def test_another_path_begins_with_a_heartbeat(start, wires):
    with start().rpc() as rpc:
        exchange(wires, [sent(TAG_B, SCTPChunkHeartbeatReq())])
        assert states(rpc) == ["new"]
        exchange(wires, [reply(TAG_A, SCTPChunkHeartbeatAck()), sent(TAG_B, payload())])
        flow, = rpc.capture()
        assert flow["State"] == "established" and "Midstream" not in flow


def test_loose_tracking_takes_everything(start, wires):
    left, right = wires
    frames = [sent(0, payload()), sent(TAG_A, SCTPChunkAbort()), sent(5), sent(7, SCTPChunkInit(init_tag=7))]
    with start(tcp_tracking="loose").rpc() as rpc:
        left.send(frames)
        assert right.receive(len(frames)) == frames
        flow, = rpc.capture()
        assert flow["PacketCount"] == len(frames)


def test_replay_without_configuration_takes_everything(tmp_path):
    path = captures.write_pcap(tmp_path / "sctp.pcap", [*STRAY, *handshake(), sent(9, payload()), sent(0, payload())])
    done = run(REPLAY, path, "--verdicts", "--output", "ndjson")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["verdict"] for row in rows] == ["pass"] * (len(STRAY) + 6)
    assert {row["flow"] for row in rows} == {rows[0]["flow"]}
