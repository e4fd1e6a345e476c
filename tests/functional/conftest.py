# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures: the namespaces, once for all tests; a daemon, for each test that asks for one."""
import contextlib
import pathlib
import signal

import pytest

import netns
from daemon import running
from frames import udp
from observed import wait_received
from waiting import wait_until

SUMMARY = "test_schema_members.py"


def pytest_configure():
    """A terminated run takes its namespaces down like a finished one."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated"))


def pytest_collection_modifyitems(config, items):
    """What is asserted of all tests together comes after all of them, and only then."""
    folder = pathlib.Path(__file__).parent
    last = [item for item in items if item.path.name == SUMMARY]
    whole = {item.path.name for item in items} == {file.name for file in folder.glob("test_*.py")}
    items[:] = [item for item in items if item not in last]
    if whole and not any("::" in argument for argument in config.args) and not config.option.keyword:
        items += last


@pytest.fixture(scope="session")
def topology():
    netns.remove_stale()
    built = netns.Topology()
    try:
        built.create()
        yield built
    finally:
        built.remove()


@pytest.fixture
def start(topology):
    """start(**config) starts a daemon; all are stopped at the end, and have to stop cleanly."""
    with contextlib.ExitStack() as stack:
        yield lambda **config: stack.enter_context(running(topology, **config))


@pytest.fixture
def wires(topology):
    """Raw frames on both outer ends: (left, right)."""
    ends = topology.wires()
    yield ends
    for end in ends:
        end.close()


@pytest.fixture
def two_ages(start, wires):
    """A daemon with a flow of port 1 that is two seconds old, and a new one of port 2: (rpc, left)."""
    left, _ = wires
    with start().rpc() as rpc:
        left.send([udp(sport=1)])
        wait_received(rpc, left=1, right=0)
        wait_until(lambda: rpc.capture()[0]["Age"] >= 2, "the flow does not age")
        left.send([udp(sport=2)])
        wait_received(rpc, left=2, right=0)
        yield rpc, left
