# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures: the namespaces, once for all tests; a daemon, for each test that asks for one."""
import contextlib
import signal

import pytest

import netns
from daemon import running


def pytest_configure():
    """A terminated run takes its namespaces down like a finished one."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated"))


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
