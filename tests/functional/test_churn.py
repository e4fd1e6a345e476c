# SPDX-License-Identifier: BSD-3-Clause
"""Captures while connections open and close all the time, against the ledger of who opens and closes them.

What the ledger says is certain (see churn.c), so there are no margins: a connection whose SYN came through
before the capture was asked for, and whose RST was sent only after its end was told, was open throughout; one
whose RST came through before the capture was asked for was closed before the start.
"""
import collections
import time

import pytest

from daemon import NEVER
from ledger import linked, number_of
from waiting import wait_until

# Workers on CPUs, and connections a second that open, and that close.
CHURNS = {"one worker": ([1], 50000), "two workers": ([0, 1], 50000), "four on two CPUs": ([0, 0, 1, 1], 10000)}
SEED = 7
CAPACITY = 1 << 21
CAPTURES = 5

Listed = collections.namedtuple("Listed", "begin end flows numbers")


@pytest.fixture
def link():
    with linked() as ends:
        yield ends


def capture(rpc):
    """A capture of everything between two times of the ledger's clock."""
    begin = time.monotonic_ns()
    started = rpc.call("StartFlowCapture", FlowFilters=[{}])["FlowOperationId"]
    description = rpc.described(started)
    end = time.monotonic_ns()
    assert description["FlowOperationStatus"] == "COMPLETED", description
    flows = rpc.results(started)
    return Listed(begin, end, flows, [number_of(flow) for flow in flows])


def check(ledger, churn, listed):
    numbers = set(listed.numbers)
    assert len(numbers) == len(listed.numbers), "a flow is listed twice"
    certain = ledger.open_throughout(listed.begin, listed.end)
    assert len(certain) > churn / 4
    assert certain - numbers == set(), "open throughout, and missed"
    assert ledger.closed_before(listed.begin) & numbers == set(), "closed before the start, and listed"
    assert numbers - ledger.opened_before(listed.end) == set(), "never opened, and listed"
    ready = ledger.ready_throughout(listed.begin, listed.end)
    assert {(flow["PacketCount"], flow["ByteCount"], flow["State"])
            for number, flow in zip(listed.numbers, listed.flows) if number in ready} == {
                (3, 3 * 40, "established"), (3, 3 * 60, "established")}


@pytest.mark.parametrize("cpus, churn", CHURNS.values(), ids=CHURNS)
def test_captures_amid_churn(cpus, churn, link, start):
    # An entry is kept for a second after its RST; then its place is another's.
    daemon = start(ports=link.ports(), worker_cpus=cpus, share_cpus=len(set(cpus)) < len(cpus),
                   flows_per_worker=1 << 18, idle_timeouts={**NEVER, "tcp_closed": 1})
    rate = churn * 16 // 15 + 1000  # one of 16 stays open
    with daemon.rpc() as rpc, link.churning(len(cpus), rate, SEED, CAPACITY) as ledger:
        def ended():
            return sum(worker["FlowsEnded"] for worker in rpc.status()["Workers"])

        def captures_amid_churn():
            """Captures during which as many flows ended as were to: another program may have had the CPUs."""
            before, begin = ended(), time.monotonic()
            captures = [capture(rpc) for _ in range(CAPTURES)]
            taken.extend(captures)
            return (ended() - before) / (time.monotonic() - begin) > churn and captures
        taken = []
        wait_until(lambda: ended() > churn, lambda: f"{ended()} flows ended", 30)
        last = wait_until(captures_amid_churn, f"{CAPTURES} captures amid {churn} flows a second", 25)
    begin, end = last[0].begin, last[-1].end
    assert ledger.rate("open_seen", begin, end) > churn
    assert ledger.rate("close_seen", begin, end) > churn
    assert ledger.lost(taken[0].begin) == 0
    for one in taken:
        check(ledger, churn, one)
