# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures: the namespaces, once for all tests; a daemon, for each test that asks for one."""
import contextlib
import pathlib
import shutil
import signal

import pytest

import netns
from daemon import running
from frames import udp
from observed import wait_received
from programs import run
from waiting import wait_until

SUMMARY = "test_schema_members.py"
LEFT_OUT = pytest.StashKey()


def pytest_configure(config):
    """A terminated run takes its namespaces down like a finished one."""
    config.addinivalue_line("markers", "aws_command: needs an aws command that knows start-flow-capture")
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated"))


def aws_missing():
    """Why the aws command cannot be a client here, or None. Debian 12 has none that is new enough."""
    if shutil.which("aws") is None:
        return "there is no aws command on the PATH"
    # Its help wants a pager and groff; without arguments it tells the members that it misses.
    done = run("aws", "network-firewall", "start-flow-capture", timeout=120)
    if "--firewall-arn" not in done.stderr:
        return "the aws command on the PATH does not know start-flow-capture"
    return None


def leave_out_aws(config, items):
    needing = [item for item in items if item.get_closest_marker("aws_command")]
    reason = aws_missing() if needing else None
    if reason:
        items[:] = [item for item in items if item not in needing]
        config.hook.pytest_deselected(items=needing)
        config.stash[LEFT_OUT] = f"{len(needing)} tests of the aws command did not run: {reason}"


def pytest_terminal_summary(terminalreporter, config):
    if LEFT_OUT in config.stash:
        terminalreporter.write_line(config.stash[LEFT_OUT])


def pytest_collection_modifyitems(config, items):
    """What is asserted of all tests together comes after all of them, and only then."""
    folder = pathlib.Path(__file__).parent
    last = [item for item in items if item.path.name == SUMMARY]
    whole = {item.path.name for item in items} == {file.name for file in folder.glob("test_*.py")}
    items[:] = [item for item in items if item not in last]
    leave_out_aws(config, items)
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
