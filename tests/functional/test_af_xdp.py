# SPDX-License-Identifier: BSD-3-Clause
"""AF_XDP ports: several queues, and how the kernel serves their sockets, asked of the kernel itself."""
import contextlib
import ctypes
import errno
import os
import pathlib
import re
import socket

import pytest

import flows
from daemon import VETH_PORTS
from frames import A, B, udp
from observed import drops_of, observed, ports_of, wait_received
from programs import run
from waiting import wait_until

PIDFD_GETFD = 438
AF_XDP, SOL_XDP, XDP_OPTIONS, XDP_OPTIONS_ZEROCOPY = 44, 283, 8, 1
SO_DOMAIN, SO_PREFER_BUSY_POLL = 39, 69
QUEUES = 2
FRAMES = 100


def set_queues(topology, count):
    """Of both ends of both pairs. A veth's sender chooses among the receiver's queues by its own."""
    for namespace, end in ((topology.left, "left0"), (topology.firewall, "fw0"),
                           (topology.right, "right0"), (topology.firewall, "fw1")):
        # The kernel forgets the sockets of a process some time after its end.
        wait_until(lambda: run(*namespace.argv("ethtool", "-L", end, "rx", str(count), "tx", str(count))).returncode == 0,
                   f"{end} does not get {count} queues")


@pytest.fixture
def queues(topology):
    """To be asked for ahead of start, so that the daemon is gone when they are."""
    set_queues(topology, QUEUES)
    yield
    set_queues(topology, 1)


def sockets_of(daemon):
    """[(zero-copy, busy polling)] of the AF_XDP sockets that a daemon has, as the kernel tells."""
    libc = ctypes.CDLL(None, use_errno=True)
    found = []
    with contextlib.ExitStack() as stack:
        pidfd = os.pidfd_open(daemon.process.pid)
        stack.callback(os.close, pidfd)
        for file in pathlib.Path(f"/proc/{daemon.process.pid}/fd").iterdir():
            # A client's socket may be gone by now; those of AF_XDP stay.
            with contextlib.suppress(FileNotFoundError):
                if not os.readlink(file).startswith("socket:"):
                    continue
            fd = libc.syscall(PIDFD_GETFD, pidfd, int(file.name), 0)
            if fd < 0 and ctypes.get_errno() == errno.EBADF:
                continue
            assert fd >= 0, os.strerror(ctypes.get_errno())
            # With all three given Python does not ask for the address, which AF_XDP refuses to tell.
            one = stack.enter_context(socket.socket(AF_XDP, socket.SOCK_RAW, 0, fileno=fd))
            if one.getsockopt(socket.SOL_SOCKET, SO_DOMAIN) == AF_XDP:
                found.append((bool(one.getsockopt(SOL_XDP, XDP_OPTIONS) & XDP_OPTIONS_ZEROCOPY),
                              bool(one.getsockopt(socket.SOL_SOCKET, SO_PREFER_BUSY_POLL))))
    return found


def redirected(topology, end):
    """What the kernel has put into AF_XDP sockets, by the receive queue."""
    counters = topology.firewall.run("ethtool", "-S", end)
    return [int(count) for count in re.findall(r"rx_queue_\d+_xdp_redirect: (\d+)", counters)]


def told(daemon):
    """What the log says of each port's sockets."""
    return re.findall(r"port (\w+): AF_XDP by (.*)", pathlib.Path(daemon.log).read_text())


def test_several_queues(queues, start, wires, topology):
    """Packets of all queues are received, once, and flows are whole whichever queues their directions come by."""
    left, right = wires
    there = [udp(sport=port) for port in range(1, FRAMES + 1)]
    back = [udp(B, A, 2000, port) for port in range(1, FRAMES + 1)]
    daemon = start(worker_cpus=[0, 1])
    before = [redirected(topology, end) for end in ("fw0", "fw1")]
    with daemon.rpc() as rpc:
        left.send(there)
        assert sorted(right.receive(FRAMES)) == sorted(there)
        right.send(back)
        assert sorted(left.receive(FRAMES)) == sorted(back)
        ports = wait_received(rpc, left=FRAMES, right=FRAMES)
        assert [port["Queues"] for port in ports.values()] == [QUEUES, QUEUES]
        assert drops_of(ports["left"]) == drops_of(ports["right"]) == {}
        assert observed(rpc.capture()) == flows.open_flows(there + back)
    for end, counts in zip(("fw0", "fw1"), before):
        came = [now - then for now, then in zip(redirected(topology, end), counts)]
        assert sum(came) == FRAMES and min(came) > 0 and len(came) == QUEUES, came
    assert sockets_of(daemon) == [(False, True)] * 2 * QUEUES
    assert [text.split(",")[0] for _, text in told(daemon)] == [f"{QUEUES} queues"] * 2


def test_killed_with_several_queues(queues, start, wires):
    """What it leaves on the interfaces is no obstacle to the next start."""
    daemon = start(worker_cpus=[0, 1])
    daemon.kill()
    daemon.start()
    sent = [udp(sport=port) for port in range(1, FRAMES + 1)]
    wires[0].send(sent)
    assert sorted(wires[1].receive(FRAMES)) == sorted(sent)


def test_queues_that_nobody_receives_by(queues, start):
    daemon = start()
    log = pathlib.Path(daemon.log).read_text()
    for name, end in (("left", "fw0"), ("right", "fw1")):
        assert f"port {name}: {end} has 2 receive queues, and packets of 1 alone are received" in log
    with daemon.rpc() as rpc:
        assert [port["Queues"] for port in ports_of(rpc.status()).values()] == [1, 1]


def test_one_queue_for_two_workers(start):
    daemon = start(worker_cpus=[0, 1])
    with daemon.rpc() as rpc:
        assert [port["Queues"] for port in ports_of(rpc.status()).values()] == [1, 1]
    assert "receive queues" not in pathlib.Path(daemon.log).read_text()


@pytest.mark.parametrize("arguments, busy", [("", True), (",busy_budget=0", False), (",force_copy=1", True)])
def test_sockets(arguments, busy, start, wires):
    """Busy polling unless it is switched off; veth has no zero-copy, and the log says so once a port."""
    daemon = start(ports=[{**port, "device": port["device"] + arguments} for port in VETH_PORTS])
    wires[0].send([udp()])
    assert wires[1].receive(1) == [udp()]
    assert sockets_of(daemon) == [(False, busy)] * 2
    with daemon.rpc() as rpc:
        for port in rpc.status()["Ports"]:
            assert (port["ZeroCopy"], port["BusyPolling"]) == (False, busy)
    table = daemon.client("status", "--output", "table").stdout
    assert len(re.findall(rf" 1 no +{'yes' if busy else 'no'} ", table)) == 2
    text = f"1 queue, packets are copied, for want of zero-copy, {'busy polling' if busy else 'no busy polling'}"
    assert told(daemon) == [("left", text), ("right", text)]
