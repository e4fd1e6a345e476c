# SPDX-License-Identifier: BSD-3-Clause
"""What workers do with their time: tidegate status --workers, against what was sent."""
import pathlib
import re
import signal

import pytest

from frames import udp
from observed import wait_received
from paths import TIDEGATE
from terminal import CLEAR_LINE, HOME, on_terminal
from waiting import wait_until

CAPACITY, FLOWS = 64, 16
BURST = 64  # the most packets that a worker takes at once


def worker_of(rpc):
    worker, = rpc.status()["Workers"]
    return worker


@pytest.fixture
def busy(start, wires):
    """A daemon with some flows of one packet each, which came one by one: (daemon, rpc, left wire)."""
    daemon = start(flows_per_worker=CAPACITY)
    with daemon.rpc() as rpc:
        for sent in range(1, FLOWS + 1):
            wires[0].send([udp(sport=sent)])
            wait_received(rpc, left=sent, right=0)
        yield daemon, rpc, wires[0]


def test_packets_that_come_one_by_one(busy):
    """Each is a burst of its own, and the mean of every second is one."""
    _, rpc, left = busy
    worker = worker_of(rpc)
    assert (worker["Packets"], worker["Bursts"], worker["FlowsIpv4"]) == (FLOWS, FLOWS, FLOWS)
    sent = FLOWS

    def told():
        nonlocal sent
        sent += 1
        left.send([udp(sport=1)])
        wait_received(rpc, left=sent, right=0)
        return worker_of(rpc).get("PacketsPerBurst") == 1.0
    wait_until(told, lambda: f"not one packet a burst: {worker_of(rpc)}")
    worker = worker_of(rpc)
    assert (worker["Packets"], worker["Bursts"]) == (sent, sent)
    assert 0 < worker["LoadPercent"] <= 100 and worker["CyclesPerPacket"] > 0
    wait_until(lambda: worker_of(rpc)["LongestPollMicroseconds"] > 0, "no poll took any time")


def redirected(daemon):
    """The packets that the kernel has put into the AF_XDP sockets of fw0."""
    counters = daemon.namespace.run("ethtool", "-S", "fw0")
    return sum(map(int, re.findall(r"rx_queue_\d+_xdp_redirect: (\d+)", counters)))


def states(daemon):
    """Those of its threads: T is stopped."""
    threads = pathlib.Path(f"/proc/{daemon.process.pid}/task").glob("*/stat")
    return {thread.read_text().rsplit(") ", 1)[1][0] for thread in threads}


def test_full_bursts(busy):
    """A worker that was held up finds its ring full, and takes what is there in the largest bursts."""
    daemon, rpc, left = busy
    left.send([udp(sport=1)])  # of a known flow: small bursts, as of new ones, are over
    wait_received(rpc, left=FLOWS + 1, right=0)
    before, there = worker_of(rpc), redirected(daemon)
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: states(daemon) == {"T"}, lambda: f"it is not stopped: {states(daemon)}")
        left.send([udp(sport=1)] * (4 * BURST))
        wait_until(lambda: redirected(daemon) == there + 4 * BURST, "the packets are not in the ring")
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    wait_received(rpc, left=FLOWS + 1 + 4 * BURST, right=0)
    after = worker_of(rpc)
    assert (after["Packets"] - before["Packets"], after["Bursts"] - before["Bursts"]) == (4 * BURST, 4)


def test_a_second_without_packets(busy):
    _, rpc, _ = busy
    wait_until(lambda: "PacketsPerBurst" not in worker_of(rpc), "bursts that do not end")
    wait_until(lambda: worker_of(rpc)["LongestPollMicroseconds"] == 0, "a poll did work")
    worker = worker_of(rpc)
    assert "CyclesPerPacket" not in worker and worker["LoadPercent"] == 0


def test_occupancy_in_the_table_and_in_csv(busy):
    daemon, rpc, _ = busy
    capacity = worker_of(rpc)["FlowCapacity"]
    percent = f"{100 * FLOWS / capacity:.1f}"
    table = daemon.client("status", "--workers", "--output", "table").stdout
    section, = re.findall(r"^ *WORKER .*\n.*", table, re.MULTILINE)
    assert re.search(r"IPV4 % +IPV6 % +IPV4 FLOWS +IPV6 FLOWS +CAPACITY", section)
    assert re.search(rf" {percent} +0\.0 +{FLOWS} +0 +{capacity} ", section), section
    csv = daemon.client("status", "--workers", "--output", "csv").stdout
    header, line = csv.splitlines()[:2]
    values = dict(zip(header.split(","), line.split(",")))
    assert (values["flows_ipv4_percent"], values["flows_ipv6_percent"]) == (percent, "0.0")
    assert "WORKER" not in daemon.client("status", "--output", "table").stdout


def packets_shown(screen):
    """What a screen's table of one worker has under PACKETS; None where it was not drawn to the end."""
    lines = [re.sub(r"\x1b\[[0-9;]*[mK]", "", line) for line in screen.split("\r\n")]
    for header, row in zip(lines, lines[1:]):
        place = re.search(r"\bPACKETS\b(?!/)", header) if "WORKER" in header else None
        if place and row[:place.end()].split():
            return int(row[:place.end()].split()[-1])
    return None


def test_watch(start, wires):
    """It draws in place, and what is shown goes on with the packets."""
    daemon = start()
    command = (TIDEGATE, "--socket", daemon.socket, "status", "--workers", "--watch", "--interval", "0")
    with daemon.rpc() as rpc, on_terminal(*command, rows=11, columns=250) as terminal:
        for sent in (0, 1, 2):
            terminal.shows(lambda text: packets_shown(text.split(HOME)[-2]) == sent if text.count(HOME) > 1 else None)
            wires[0].send([udp(sport=1)])
            wait_received(rpc, left=sent + 1, right=0)
        assert terminal.process.poll() is None
        title, header = terminal.read().split(HOME)[-2].replace(CLEAR_LINE, "").split("\r\n")[:2]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, every 0 s", title)
    assert "WORKER" in header.split()[0]
