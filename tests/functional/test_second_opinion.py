# SPDX-License-Identifier: BSD-3-Clause
"""The same random packets through tidegate and through the kernel's connection tracking.

Both judge every packet, and both count; where they are to differ is in wanted_differences.py. A
third run, by tidegate-replay, tells tidegate's reasons, and has to come to the daemon's verdicts.
"""
import csv
import io
import ipaddress
import random

import pytest
from scapy.layers.inet import TCP
from scapy.layers.l2 import Ether

import captures
import conntrack
import wanted_differences
from flows import either_way
from observed import observed, wait_received
from opinions import Opinion, Sentinels, send_in_step
from paths import REPLAY
from programs import run
from random_datagrams import EchoSequence, FragmentSequence, UdpSequence
from random_tcp import TcpSequence
from router import tracking_router
from sequence import SIDES, new_marks

SEQUENCES = {TcpSequence: 250, UdpSequence: 40, EchoSequence: 40, FragmentSequence: 40}
MICROSECOND = 1000


def sequences_of(seed, marks):
    rng = random.Random(seed)
    kinds = [kind for kind, count in SEQUENCES.items() for _ in range(count)]
    return [kind(rng, rng.choice((4, 6)), number, marks) for number, kind in enumerate(kinds, 1)]


def reasons_of(daemon, steps, path):
    """{mark: reasons} that tidegate-replay has for the steps' frames to be dropped."""
    frames = [frame for step in steps for frame in step.frames]
    captures.write_pcap(path, [captures.Frame(frame, len(frame), number * MICROSECOND)
                               for number, frame in enumerate(frames)], "<", True)
    done = run(REPLAY, path, "--verdicts", "--config", daemon.config_file)
    assert (done.returncode, done.stderr) == (0, "")
    reasons = (row["drop_reason"] for row in csv.DictReader(io.StringIO(done.stdout)))
    return {step.mark: [next(reasons) for _ in step.frames] for step in steps}


def describe(step):
    packet = Ether(step.frames[0]).payload
    text = f"{step.kind} from {step.side}: {packet.summary()}"
    if TCP in packet:
        tcp = packet[TCP]
        text += f" seq={tcp.seq} ack={tcp.ack} window={tcp.window} data={len(tcp.payload)} {tcp.options}"
    return text


class Comparison:
    """What became of one seed's sequences in either firewall."""

    def __init__(self, seed, ours, theirs, reasons):
        self.seed, self.ours, self.theirs, self.reasons = seed, ours, theirs, reasons

    def opinions(self, step):
        """Tidegate's, by its reason to drop, and the kernel's."""
        ours, theirs = self.ours.fate(step), self.theirs.fate(step)
        reasons = self.reasons[step.mark]
        assert (ours == "dropped") == ("" not in reasons), f"daemon: {ours}, replay: {reasons}, {describe(step)}"
        return (reasons[0] if ours == "dropped" else ours), theirs

    def first_difference(self, sequence):
        """(number of steps before it, entry) of the first step that they judge otherwise, or that was
        sent in peace and is dropped; (all, None) when there is none. One that is not wanted fails."""
        before = set()
        for number, step in enumerate(sequence.steps):
            ours, theirs = self.opinions(step)
            agreed = ours == theirs or (theirs == "dropped" and ours not in ("passed", "in part"))
            if not agreed or (sequence.peaceful and ours != "passed"):
                entry = wanted_differences.find(step, before, ours, theirs)
                assert entry, self.told(sequence, number)
                return number, entry
            before.add(step.kind)
        return len(sequence.steps), None

    def told(self, sequence, last):
        lines = [f"a difference that is not wanted: seed {self.seed}, sequence {sequence.number}"]
        for step in sequence.steps[:last + 1]:
            ours, theirs = self.opinions(step)
            lines.append(f"tidegate: {ours:12} kernel: {theirs:8} {describe(step)}")
        return "\n".join(lines)


def compare_counters(sequences, ours, theirs):
    """Packets and bytes each way of the open flows of sequences that both judged alike: the kernel's
    are less by what it may not count, and by nothing else. Returns the number of flows."""
    sequence_of = {ipaddress.ip_address(host): sequence for sequence in sequences
                   if not any(step.kind in wanted_differences.RECOUNTED for step in sequence.steps)
                   for host in sequence.hosts.values()}
    compared = [key for key in ours if key.source in sequence_of]
    for key in compared:
        sequence = sequence_of[key.source]
        other = theirs.get(key, [0] * 4)
        for half, address in ((0, key.source), (2, key.destination)):
            lacking = tuple(a - b for a, b in zip(ours[key][half:half + 2], other[half:half + 2]))
            assert lacking in uncounted(sequence, address), (
                f"{key}: {ours[key]}, the kernel's {other}\n" + "\n".join(map(describe, sequence.steps)))
    return len(compared)


def uncounted(sequence, address):
    """The (packets, bytes) that the kernel may not have counted of what an address has sent."""
    sums = {(0, 0)}
    for step in sequence.steps:
        if step.kind in wanted_differences.UNCOUNTED and sequence.hosts[step.side] == str(address):
            sums |= {(packets + 1, size + step.size) for packets, size in sums}
    return sums


@pytest.mark.parametrize("seed", [1, 2])
def test_verdicts_and_counters(seed, start, wires, tmp_path):
    marks = new_marks()
    sequences = sequences_of(seed, marks)
    daemon = start()
    with tracking_router() as (router, ends), daemon.rpc() as rpc:
        ours, theirs = Opinion(wires), Opinion(ends)
        steps = send_in_step((ours, theirs), sequences, Sentinels(random.Random(seed), 4, 0, marks))
        comparison = Comparison(seed, ours, theirs, reasons_of(daemon, steps, tmp_path / "sent.pcap"))
        flows, counted = observed(rpc.capture()), conntrack.counters(router)
        wait_received(rpc, **{side: sum(len(step.frames) for step in steps if step.side == side)
                              for side in SIDES})
    found = [(sequence, *comparison.first_difference(sequence)) for sequence in sequences]
    alike = [sequence for sequence, _, entry in found if entry is None]
    # Otherwise there would be little behind the agreement.
    assert sum(number for _, number, _ in found) > 0.7 * sum(len(one.steps) for one in sequences)
    assert len(alike) > 0.6 * len(sequences)
    assert compare_counters(alike, either_way(flows), either_way(counted)) > 0.2 * len(sequences)
